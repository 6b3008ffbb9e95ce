import { sources } from "../../cloudfront/sources.ts";
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
      title: `${observation.addressesLeftOut} more addresses were not visited`,
      explanation: `${connection.domain} has ${visited + observation.addressesLeftOut} addresses; the check visits the first ${visited} of the answer. The verdict is about those.`,
      remedy: ["Nothing is wrong with that. DNS answers in changing order, so further runs visit others."],
      evidence: { expected: visited + observation.addressesLeftOut, seen: visited },
    };
  },
});
