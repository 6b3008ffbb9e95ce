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
  summary: "An intermediate certificate on the path is not valid yet.",
  source: sources.badGateway,
  examine: (view) => {
    const { now } = view.policy;
    const early = intermediates(view).find(({ notBefore }) => now < notBefore);
    if (early === undefined) return undefined;
    return {
      title: `intermediate certificate becomes valid only in ${span(early.notBefore - now)}`,
      explanation: `The intermediate ${early.subject} is valid from ${instant(early.notBefore)}. Every certificate on the path must be valid, and no other path leads to a trusted root with what the origin sent.`,
      remedy: ["Put the authority's current intermediate in the certificate file; the leaf may stay."],
      evidence: {
        expected: `valid at ${isoInstant(now)}`,
        seen: `notBefore ${isoInstant(early.notBefore)}`,
        subject: early.subject,
        sha256: early.sha256,
      },
    };
  },
});
