import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";

export const dnsNameNotFound = connectionRule({
  code: "dns-name-not-found",
  effect: "502",
  stage: "dns",
  transient: true,
  about: "reachability",
  witness: "none",
  supersededBy: [],
  proof: "dns-answer",
  prints: { failing: '"status: NXDOMAIN"', fixed: 'an "ANSWER SECTION" with a public address' },
  summary: "The origin domain does not exist in DNS (NXDOMAIN).",
  source: sources.badGateway,
  examine: ({ connection, observation }) => {
    if (observation?.dns.kind !== "name-not-found") return undefined;
    return {
      title: "domain name does not exist in DNS",
      cause: `${connection.domain} does not exist in public DNS (NXDOMAIN).`,
      explanation:
        "CloudFront resolves the origin domain with public DNS. So it cannot connect and answers 502 (NonS3OriginDnsError).",
      remedy: [
        `Create the DNS record for ${connection.domain}, or correct the origin domain in the distribution.`,
        "If the name exists only in a private hosted zone, publish it in public DNS: CloudFront does not see private zones.",
      ],
      evidence: { expected: "an A record in public DNS", seen: "NXDOMAIN" },
    };
  },
});
