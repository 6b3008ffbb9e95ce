import { sources } from "../../cloudfront/sources.ts";
import { counted } from "../../text/phrase.ts";
import { connectionRule } from "../rule.ts";

export const addressesLeftOut = connectionRule({
  code: "addresses-left-out",
  effect: "note",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "The name has more addresses than one run visits.",
  source: sources.badGateway,
  examine: ({ connection, observation }) => {
    if (observation === null || observation.addressesLeftOut === 0) return undefined;
    const visited = observation.addresses.length;
    return {
      title: `${counted(observation.addressesLeftOut, "more address")} not checked`,
      cause: `${connection.domain} has ${visited + observation.addressesLeftOut} addresses. Origin Watch checks the first ${visited} of the DNS answer.`,
      explanation: "The verdict is about those.",
      remedy: ["There is nothing to do. DNS answers in changing order, so further runs check others."],
      evidence: { expected: visited + observation.addressesLeftOut, seen: visited },
    };
  },
});
