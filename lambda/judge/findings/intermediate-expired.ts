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
  summary: "An intermediate certificate on the path has expired.",
  source: sources.badGateway,
  examine: (view) => {
    const { now } = view.policy;
    const expired = intermediates(view).find(({ notAfter }) => notAfter < now);
    if (expired === undefined) return undefined;
    return {
      title: `intermediate certificate expired ${span(now - expired.notAfter)} ago`,
      explanation: `The intermediate ${expired.subject} was valid until ${instant(expired.notAfter)}. Every certificate on the path must be valid, and no other path leads to a trusted root with what the origin sent.`,
      remedy: [
        "Replace the intermediate in the certificate file by the current one of the authority; the leaf may stay.",
        "Often the authority has cross-signed or renewed it: download the chain for your certificate again.",
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
