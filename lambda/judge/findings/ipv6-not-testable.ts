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
      title: "IPv6 address could not be checked",
      cause: `${address} could not be checked: the network of this check has no IPv6 route.`,
      explanation:
        "What CloudFront meets at this address is not known. A Lambda function has IPv6 only in a VPC with dual-stack subnets.",
      remedy: ["Check it from a network with IPv6: `origin-watch check origin HOST` on a dual-stack machine."],
      evidence: { expected: "an IPv6 route", seen: outcome.errno },
      // With another address that was tested, CloudFront has a way that is known to work.
      ...(observation.addresses.some(wasTested) ? { effect: "note" as const } : {}),
    };
  },
});

function wasTested({ outcome }: AddressObservation): boolean {
  return outcome.kind === "handshake-completed" || outcome.kind === "hello-agreed";
}
