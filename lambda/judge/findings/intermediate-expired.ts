import { sources } from "../../cloudfront/sources.ts";
import { instant, isoInstant } from "../../text/instant.ts";
import { span } from "../../text/span.ts";
import { intermediates } from "../certificate-facts.ts";
import { certificateRule } from "../rule.ts";

export const intermediateExpired = certificateRule({
  code: "intermediate-expired",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"verify error:num=10"', fixed: '"Verify return code: 0 (ok)"' },
  summary: "An intermediate certificate on the path has expired.",
  source: sources.badGateway,
  examine: (view) => {
    const { now } = view.policy;
    const expired = intermediates(view).find(({ notAfter }) => notAfter < now);
    if (expired === undefined) return undefined;
    return {
      title: `intermediate expired ${span(now - expired.notAfter)} ago`,
      cause: `The intermediate certificate ${expired.subject} expired at ${instant(expired.notAfter)}.`,
      explanation:
        "Every certificate on the path must be valid. With what the origin sent, no other path leads to a trusted root.",
      remedy: [
        "Replace the intermediate in the certificate file with the current one from your CA. The leaf certificate can stay.",
        "Download the current chain for your certificate from your CA. (CAs often cross-sign or renew an intermediate.)",
      ],
      evidence: {
        expected: `valid at ${isoInstant(now)}`,
        seen: `notAfter ${isoInstant(expired.notAfter)}`,
        subject: expired.subject,
        sha256: expired.sha256,
      },
    };
  },
});
