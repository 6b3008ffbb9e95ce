import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";

export const dnsLookupFailed = connectionRule({
  code: "dns-lookup-failed",
  effect: "unseen",
  stage: "dns",
  transient: true,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "dns-answer",
  prints: { failing: '"SERVFAIL", "REFUSED" or no answer', fixed: 'an "ANSWER SECTION" with a public address' },
  summary: "The DNS server gave no usable answer, or only one for one of two address families, after retries.",
  source: sources.badGateway,
  examine: ({ connection: { domain }, observation }) => {
    const dns = observation?.dns;
    if (dns?.kind === "lookup-failed") {
      return {
        title: "DNS gives no answer",
        cause: `The DNS lookup of ${domain} failed after several tries: ${printable(dns.error, 100)}.`,
        explanation:
          "CloudFront asks other DNS servers and may get an answer. So this does not show that it cannot connect.",
        remedy: remedyFor(domain),
        evidence: { expected: "an address", seen: printable(dns.error, 100) },
      };
    }
    if (dns?.kind !== "answered" || dns.failed === undefined) return undefined;
    const types = dns.failed.map(({ recordType }) => recordType).join(" and ");
    return {
      title: `DNS gives no answer for ${types} records`,
      cause: `The DNS lookup of ${types} records of ${domain} failed after several tries, while the other type was answered.`,
      explanation: "CloudFront may get addresses by it that Origin Watch does not know. So they were not checked.",
      remedy: [
        ...remedyFor(domain),
        `If the origin has no ${types} records, make its name servers say so and not fail.`,
      ],
      evidence: {
        expected: `${types} records, or that there are none`,
        seen: dns.failed.map(({ error }) => printable(error, 100)),
      },
    };
  },
});

function remedyFor(domain: string): readonly string[] {
  return [`Check that every name server of ${domain} answers.`, "If DNSSEC is on, check for expired signatures."];
}
