import { sources } from "../../cloudfront/sources.ts";
import { instant, isoInstant } from "../../text/instant.ts";
import { span } from "../../text/span.ts";
import { intermediates } from "../certificate-facts.ts";
import { certificateRule } from "../rule.ts";

export const intermediateNotYetValid = certificateRule({
  code: "intermediate-not-yet-valid",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"verify error:num=9"', fixed: '"Verify return code: 0 (ok)"' },
  summary: "An intermediate certificate on the path is not valid yet.",
  source: sources.badGateway,
  examine: (view) => {
    const { now } = view.policy;
    const early = intermediates(view).find(({ notBefore }) => now < notBefore);
    if (early === undefined) return undefined;
    return {
      title: "intermediate certificate is not valid yet",
      cause: `The intermediate certificate ${early.subject} is valid from ${instant(early.notBefore)}, in ${span(early.notBefore - now)}.`,
      explanation:
        "Every certificate on the path must be valid. With what the origin sent, no other path leads to a trusted root.",
      remedy: ["Put the current intermediate from your CA into the certificate file. The leaf certificate can stay."],
      evidence: {
        expected: `valid at ${isoInstant(now)}`,
        seen: `notBefore ${isoInstant(early.notBefore)}`,
        subject: early.subject,
        sha256: early.sha256,
      },
    };
  },
});
