import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";

export const dnsNoAddress = connectionRule({
  code: "dns-no-address",
  effect: "502",
  stage: "dns",
  transient: true,
  about: "reachability",
  witness: "none",
  supersededBy: [],
  proof: "dns-answer",
  prints: { failing: 'no "ANSWER SECTION"', fixed: 'an "ANSWER SECTION" with a public address' },
  summary: "The origin domain exists but has no address of the family that CloudFront asks for.",
  source: sources.ipv6,
  examine: ({ connection, observation }) => {
    if (observation?.dns.kind !== "no-address") return undefined;
    const wanted = observation.dns.recordTypes.join(" or ");
    return {
      title: `no ${wanted} record in DNS`,
      cause: `${connection.domain} exists in DNS and has no ${wanted} record.`,
      explanation: `The IP address type of the origin is ${connection.ipAddressType}, so CloudFront asks for ${wanted} records only. It has no address to connect to.`,
      remedy: [
        `Add an ${wanted} record for ${connection.domain}.`,
        "Or set the IP address type of the origin to the family that the name has records for.",
      ],
      evidence: { expected: `${wanted} record`, seen: "the name exists, without such a record" },
    };
  },
});
