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
  summary: "The DNS server gave no usable answer, or only one for one of two address families, after retries.",
  source: sources.badGateway,
  examine: ({ connection: { domain }, observation }) => {
    const dns = observation?.dns;
    if (dns?.kind === "lookup-failed") {
      return {
        title: `DNS gave no answer for ${domain}`,
        explanation:
          "The lookup failed here, after several tries. CloudFront asks other DNS servers and may get an answer, so this does not show that it cannot connect.",
        remedy: remedyFor(domain),
        evidence: { expected: "an address", seen: printable(dns.error, 100) },
      };
    }
    if (dns?.kind !== "answered" || dns.failed === undefined) return undefined;
    const types = dns.failed.map(({ recordType }) => recordType).join(" and ");
    return {
      title: `DNS gave no ${types} answer for ${domain}`,
      explanation: `The lookup of ${types} records failed here, after several tries, while the other type was answered. CloudFront may get addresses by it that this check does not know, so they were not looked at.`,
      remedy: [
        ...remedyFor(domain),
        `If the origin has no ${types} records, its name servers must say so and not fail.`,
      ],
      evidence: {
        expected: `${types} records, or that there are none`,
        seen: dns.failed.map(({ error }) => printable(error, 100)),
      },
    };
  },
});

function remedyFor(domain: string): readonly string[] {
  return [
    `Look at the name servers of ${domain}: do all of them answer?`,
    "If DNSSEC is on, look for expired signatures.",
  ];
}
