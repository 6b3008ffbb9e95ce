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
  prints: { failing: '"No route to host" or "Network is unreachable"', fixed: "it prints a certificate" },
  summary: "There is no route to the origin's IPv4 address from here.",
  source: sources.gatewayTimeout,
  examine: ({ address, outcome }) => {
    if (outcome.kind !== "connect-unreachable" || address.includes(":")) return undefined;
    return {
      title: `no route to ${address}`,
      cause: `The network answered that ${address} cannot be reached.`,
      explanation: "CloudFront may have another route.",
      remedy: ["Check the routing of the origin's network, and whether the address still belongs to the origin."],
      evidence: { expected: "a TCP connection", seen: outcome.errno },
    };
  },
});
