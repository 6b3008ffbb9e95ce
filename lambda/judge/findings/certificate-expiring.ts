import { sources } from "../../cloudfront/sources.ts";
import { instant, isoInstant } from "../../text/instant.ts";
import { span } from "../../text/span.ts";
import { expiryFacts, warningWindowOf } from "../certificate-facts.ts";
import { certificateRule } from "../rule.ts";
import { certificateExpired } from "./certificate-expired.ts";

export const certificateExpiring = certificateRule({
  code: "certificate-expiring",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "validity",
  supersededBy: [certificateExpired],
  proof: "leaf-dates",
  warnsOfExpiry: { what: "certificate expires", unless: "the certificate is renewed before" },
  advice: "managed-certificate",
  summary: "The origin's certificate expires soon, measured against its lifetime.",
  source: sources.badGateway,
  examine: (view) => {
    const { leaf, policy } = view;
    const left = leaf.notAfter - policy.now;
    if (left < 0 || leaf.notBefore > policy.now || left > warningWindowOf(leaf, view)) return undefined;
    return {
      title: `certificate expires in ${span(left)}`,
      cause: `The certificate ${leaf.subject} expires at ${instant(leaf.notAfter)}.`,
      explanation: "From then on, CloudFront answers cache misses with 502.",
      remedy: [
        `Renew the certificate and reload the server before ${instant(leaf.notAfter)}.`,
        "If renewal is automatic, find out why it has not happened yet.",
      ],
      evidence: {
        expected: `more than ${span(warningWindowOf(leaf, view))} left`,
        seen: `notAfter ${isoInstant(leaf.notAfter)}`,
        subject: leaf.subject,
        sha256: leaf.sha256,
      },
      facts: expiryFacts(leaf, view),
    };
  },
});
