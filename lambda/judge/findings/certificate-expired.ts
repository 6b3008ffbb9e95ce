import { sources } from "../../cloudfront/sources.ts";
import { instant, isoInstant } from "../../text/instant.ts";
import { span } from "../../text/span.ts";
import { certificateRule } from "../rule.ts";

export const certificateExpired = certificateRule({
  code: "certificate-expired",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "validity",
  supersededBy: [],
  proof: "leaf-dates",
  advice: "managed-certificate",
  summary: "The origin's certificate has expired.",
  source: sources.badGateway,
  examine: ({ leaf, policy }) => {
    if (policy.now <= leaf.notAfter) return undefined;
    return {
      title: `certificate expired ${span(policy.now - leaf.notAfter)} ago`,
      cause: `The certificate ${leaf.subject} expired at ${instant(leaf.notAfter)}.`,
      explanation: "CloudFront drops connections to origins with an expired certificate.",
      remedy: [
        "Renew the certificate and reload the server. Many servers keep the old certificate in memory until a reload.",
        "If renewal is automatic, find out why it stopped: a failed challenge, a changed DNS record, a job that no longer runs.",
      ],
      evidence: {
        expected: `valid at ${isoInstant(policy.now)}`,
        seen: `notAfter ${isoInstant(leaf.notAfter)}`,
        subject: leaf.subject,
        sha256: leaf.sha256,
      },
    };
  },
});
