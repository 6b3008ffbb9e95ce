import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import type { ConnectionView, Rule } from "../rule.ts";

export const dnsLookupFailed: Rule<ConnectionView> = {
  code: "dns-lookup-failed",
  effect: "unseen",
  summary: "The DNS server gave no usable answer, after retries.",
  source: sources.badGateway,
  examine: ({ connection, observation }) => {
    if (observation?.dns.kind !== "lookup-failed") return undefined;
    const error = printable(observation.dns.error, 100);
    return {
      title: `DNS gave no answer for ${connection.domain}`,
      explanation:
        "The lookup failed here, after several tries. CloudFront asks other DNS servers and may get an answer, so this does not show that it cannot connect.",
      remedy: [
        `Look at the name servers of ${connection.domain}: do all of them answer?`,
        "If DNSSEC is on, look for expired signatures.",
      ],
      evidence: { expected: "an address", seen: error },
    };
  },
};
