import { sources } from "../../cloudfront/sources.ts";
import type { NotTried, Observation } from "../../probe/observation.ts";
import { connectionRule } from "../rule.ts";

export const outOfTime = connectionRule({
  code: "out-of-time",
  effect: "unseen",
  stage: "gave-up",
  transient: true,
  about: "other",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "The run ended before this connection could be checked.",
  source: sources.badGateway,
  examine: ({ observation, policy }) => {
    if (observation === null || !reasons(observation).includes("deadline")) return undefined;
    return {
      title: "run ended before it was checked",
      cause: "The run ended before this connection could be checked.",
      explanation: "Nothing is known about it from this run.",
      remedy:
        policy.occasion === undefined
          ? [
              "Look for origins that do not answer: many of them make a run long.",
              "Or give the function more time, or check fewer distributions in one run (excludeDistributions).",
            ]
          : ["Run the command again, and let it finish."],
      evidence: { expected: "a handshake", seen: "deadline reached" },
    };
  },
});

/** Why parts of an observation are missing, if any are. */
export function reasons({ dns, addresses }: Observation): NotTried[] {
  const ofAddresses = addresses.flatMap(({ outcome }) => (outcome.kind === "not-tried" ? [outcome.reason] : []));
  return dns.kind === "not-tried" ? [dns.reason, ...ofAddresses] : ofAddresses;
}
