import { sources } from "../../cloudfront/sources.ts";
import { instant, isoInstant } from "../../text/instant.ts";
import { span } from "../../text/span.ts";
import { certificateRule } from "../rule.ts";

export const certificateNotYetValid = certificateRule({
  code: "certificate-not-yet-valid",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "validity",
  supersededBy: [],
  proof: "leaf-dates",
  prints: { failing: 'a "notBefore" in the future', fixed: 'a "notBefore" in the past' },
  summary: "The origin's certificate is not valid yet.",
  source: sources.badGateway,
  examine: ({ leaf, policy }) => {
    if (leaf.notBefore <= policy.now) return undefined;
    return {
      title: "certificate is not valid yet",
      cause: `The certificate ${leaf.subject} is valid from ${instant(leaf.notBefore)}, in ${span(leaf.notBefore - policy.now)}.`,
      explanation: "CloudFront does not accept it before.",
      remedy: [
        "Install the previous certificate until then, or get one that is valid now.",
        "If the certificate was made on the origin itself, check that machine's clock.",
      ],
      evidence: {
        expected: `valid at ${isoInstant(policy.now)}`,
        seen: `notBefore ${isoInstant(leaf.notBefore)}`,
        subject: leaf.subject,
        sha256: leaf.sha256,
      },
    };
  },
});
