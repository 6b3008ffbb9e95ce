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
});
