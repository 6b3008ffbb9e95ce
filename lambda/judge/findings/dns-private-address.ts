import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const dnsPrivateAddress = addressRule({
  code: "dns-private-address",
  effect: "504",
  stage: "tcp",
  transient: true,
  about: "other",
  supersededBy: [],
  proof: "dns-answer",
  prints: { failing: 'a private address in the "ANSWER SECTION"', fixed: "a public address there" },
  summary:
    "The origin domain resolves to an address that is not reachable over the internet; Origin Watch never connects to it.",
  source: sources.gatewayTimeout,
  examine: ({ connection, address, outcome }) => {
    if (outcome.kind !== "not-dialled" || connection.inVpc !== undefined) return undefined;
    return {
      title: "resolves to an address that is not public",
      cause: `${connection.domain} resolves to ${address}, which is not a public address.`,
      explanation:
        "CloudFront connects to custom origins over the internet. It cannot reach an address on a private network, and answers 504.",
      remedy: [
        "Give the origin a public address, and point the DNS record at it.",
        "Or make the private load balancer or instance a VPC origin of the distribution.",
      ],
      evidence: { expected: "a public address", seen: address, range: outcome.range },
    };
  },
});
