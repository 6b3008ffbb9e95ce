import { sources } from "../../cloudfront/sources.ts";
import { instant, isoInstant, span } from "../../text/instant.ts";
import { warningWindowMs } from "../certificate-facts.ts";
import type { CertificateView, Rule } from "../rule.ts";

export const certificateExpiring: Rule<CertificateView> = {
  code: "certificate-expiring",
  effect: "may",
  summary: "The origin's certificate expires soon, measured against its lifetime.",
  source: sources.badGateway,
  examine: (view) => {
    const { leaf, policy } = view;
    const left = leaf.notAfter - policy.now;
    if (left < 0 || leaf.notBefore > policy.now || left > warningWindowMs(leaf, view)) return undefined;
    return {
      title: `certificate expires in ${span(left)}`,
      explanation: `The certificate ${leaf.subject} is valid until ${instant(leaf.notAfter)}. From then on CloudFront answers cache misses with 502.`,
      remedy: ["Renew the certificate before then, and make the server load the new one."],
      evidence: {
        expected: `more than ${span(warningWindowMs(leaf, view))} left`,
        seen: `notAfter ${isoInstant(leaf.notAfter)}`,
        subject: leaf.subject,
        sha256: leaf.sha256,
      },
    };
  },
};
