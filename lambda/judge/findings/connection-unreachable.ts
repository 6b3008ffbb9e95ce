import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const connectionUnreachable = addressRule({
  code: "connection-unreachable",
  effect: "unseen",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "There is no route to the origin's IPv4 address from here.",
  source: sources.gatewayTimeout,
  examine: ({ address, outcome }) => {
    if (outcome.kind !== "connect-unreachable" || address.includes(":")) return undefined;
    return {
      title: `no route to ${address} from here`,
      explanation:
        "The network answered that the address cannot be reached from here. CloudFront may have another route.",
      remedy: ["Look at the routing of the origin's network, and whether the address is still the origin's."],
      evidence: { expected: "a TCP connection", seen: outcome.errno },
    };
  },
});
