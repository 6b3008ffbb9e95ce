import { sources } from "../../cloudfront/sources.ts";
import type { AddressObservation } from "../../probe/observation.ts";
import { addressRule } from "../rule.ts";

export const ipv6NotTestable = addressRule({
  code: "ipv6-not-testable",
  effect: "unseen",
  stage: "no-route",
  transient: false,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "CloudFront may use the origin's IPv6 address, and there is no IPv6 route from here.",
  source: sources.ipv6,
  examine: ({ observation, address, outcome }) => {
    if (outcome.kind !== "connect-unreachable" || !address.includes(":")) return undefined;
    return {
      title: `${address} cannot be tested: no IPv6 from here`,
      explanation:
        "The network that this check runs in has no IPv6 route. What CloudFront meets on this address cannot be told from here.",
      remedy: [
        "Run the check from a network with IPv6, for example with `check origin` from a dual-stack machine.",
        "A Lambda function has IPv6 only in a VPC with dual-stack subnets.",
      ],
      evidence: { expected: "an IPv6 route", seen: outcome.errno },
      // With another address that was tested, CloudFront has a way that is known to work.
      ...(observation.addresses.some(wasTested) ? { effect: "note" as const } : {}),
    };
  },
});

function wasTested({ outcome }: AddressObservation): boolean {
  return outcome.kind === "handshake-completed" || outcome.kind === "hello-agreed";
}
