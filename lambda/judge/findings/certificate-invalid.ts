import { sources } from "../../cloudfront/sources.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { isValidAt } from "../../x509/path.ts";
import { certificateRule, type Found } from "../rule.ts";

/**
 * Codes of OpenSSL that other rules look at more closely, each on its own: building the path, dates, self-signed, purpose.
 * (X509_verify_cert_error_string(3), as Node names them in `authorizationError`.)
 */
const judgedElsewhere = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_NOT_YET_VALID",
  "CERT_HAS_EXPIRED",
  "CERT_UNTRUSTED",
  "INVALID_PURPOSE",
]);

export const certificateInvalid = certificateRule({
  code: "certificate-invalid",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "OpenSSL's path validation refuses the certificate for a reason that no other code names.",
  source: sources.httpsToCustomOrigin,
  examine: ({ outcome, leaf, path, policy, acceptedByOpenssl }) => {
    if (path.end.kind === "anchored" && !isValidAt(path.end.anchor, policy.now)) {
      return found(`The root ${path.end.anchor.subject} is outside its validity period`, "root not valid", leaf);
    }
    if (acceptedByOpenssl) return undefined;
    const impostor = path.certificates.slice(1).find(({ isCa }) => !isCa);
    if (impostor !== undefined) {
      return found(
        `${impostor.subject} signed another certificate and is no CA certificate`,
        "issuer without CA right",
        leaf,
      );
    }
    if (outcome.kind !== "handshake-completed" || outcome.openssl.ok || judgedElsewhere.has(outcome.openssl.code)) {
      return undefined;
    }
    // Node has no name for most of OpenSSL's reasons.
    const named = outcome.openssl.code !== "UNSPECIFIED";
    const seen = named ? outcome.openssl.code : "name constraints, an unknown critical extension or the like";
    return found(`OpenSSL's validation of the certificate path (RFC 5280) refuses it: ${seen}`, seen, leaf);
  },
});

function found(reason: string, seen: string, leaf: Certificate): Found {
  return {
    title: `certificate does not pass validation: ${seen}`,
    explanation: `${reason}. CloudFront does not accept invalid certificates; its own TLS library validates with the same kind of code.`,
    remedy: [
      "Look at the certificates on the path: name constraints, critical extensions, key usage, and whether each issuer is a CA certificate.",
      "Have the certificate issued again by a public certificate authority.",
    ],
    evidence: { expected: "path validation passes", seen, subject: leaf.subject, sha256: leaf.sha256 },
  };
}
