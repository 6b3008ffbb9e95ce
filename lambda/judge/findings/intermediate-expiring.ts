import { sources } from "../../cloudfront/sources.ts";
import { instant, isoInstant } from "../../text/instant.ts";
import { span } from "../../text/span.ts";
import { expiryFacts, intermediates, warningWindowOf } from "../certificate-facts.ts";
import { certificateRule } from "../rule.ts";
import { intermediateExpired } from "./intermediate-expired.ts";

export const intermediateExpiring = certificateRule({
  code: "intermediate-expiring",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [intermediateExpired],
  proof: "whole-handshake",
  prints: { failing: null, fixed: 'a NotAfter of the intermediate (in "Certificate chain") that is not near' },
  warnsOfExpiry: { what: "intermediate expires", unless: "the intermediate is replaced before" },
  summary: "An intermediate certificate on the path expires soon, and before the leaf.",
  source: sources.badGateway,
  examine: (view) => {
    const { leaf, policy } = view;
    const expiring = intermediates(view).find(
      (certificate) =>
        policy.now <= certificate.notAfter &&
        certificate.notAfter - policy.now <= warningWindowOf(certificate, view) &&
        // A leaf that expires first has to be replaced before, and its new chain replaces the intermediate.
        certificate.notAfter < leaf.notAfter,
    );
    if (expiring === undefined) return undefined;
    return {
      title: `intermediate expires in ${span(expiring.notAfter - policy.now)}`,
      cause: `The intermediate certificate ${expiring.subject} expires at ${instant(expiring.notAfter)}, before the leaf certificate does.`,
      explanation:
        "From then on, CloudFront answers cache misses with 502, although the leaf certificate is still valid.",
      remedy: [
        `Replace the intermediate in the certificate file with the current one from your CA before ${instant(expiring.notAfter)}.`,
      ],
      evidence: {
        expected: `more than ${span(warningWindowOf(expiring, view))} left`,
        seen: `notAfter ${isoInstant(expiring.notAfter)}`,
        subject: expiring.subject,
        sha256: expiring.sha256,
      },
      facts: { ...expiryFacts(expiring, view), intermediate: true },
    };
  },
});
