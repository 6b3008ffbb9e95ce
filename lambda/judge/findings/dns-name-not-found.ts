import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
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
    const { domain } = connection;
    const { target } = observation.dns;
    const evidence = { expected: "an A record in public DNS", seen: "NXDOMAIN" };
    const explanation =
      "CloudFront resolves the origin domain with public DNS. So it cannot connect and answers 502 (NonS3OriginDnsError).";
    if (target !== undefined) {
      const gone = printable(target, 253);
      return {
        title: "CNAME points to a name that does not exist",
        cause: `${domain} is a CNAME for ${gone}, which does not exist in public DNS (NXDOMAIN).`,
        explanation,
        remedy: [
          `Point the CNAME record of ${domain} at the name that the server or load balancer has now.`,
          `Or create ${gone} again, if it is yours.`,
          `If ${gone} was given up, remove the record: whoever can register that name gets what CloudFront sends to the origin.`,
        ],
        evidence: { ...evidence, target: gone },
      };
    }
    return {
      title: "domain name does not exist in DNS",
      cause: `${domain} does not exist in public DNS (NXDOMAIN).`,
      explanation,
      remedy: [
        `Create the DNS record for ${domain}, or correct the origin domain in the distribution.`,
        "If the name exists only in a private hosted zone, publish it in public DNS: CloudFront does not see private zones.",
      ],
      evidence,
    };
  },
});
