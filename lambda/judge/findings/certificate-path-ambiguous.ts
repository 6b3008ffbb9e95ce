import { sources } from "../../cloudfront/sources.ts";
import type { CertificateView, Rule } from "../rule.ts";

/** OpenSSL's codes for "found no path to a trust anchor". */
const noPathFound = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "CERT_UNTRUSTED",
]);

export const certificatePathAmbiguous: Rule<CertificateView> = {
  code: "certificate-path-ambiguous",
  effect: "may",
  summary: "A trusted path exists among the certificates sent, but OpenSSL does not find it.",
  source: sources.certificateRequirements,
  examine: ({ outcome, path, sent }) => {
    if (outcome.kind !== "handshake-completed" || outcome.openssl.ok) return undefined;
    if (path.end.kind !== "anchored" || !noPathFound.has(outcome.openssl.code)) return undefined;
    return {
      title: "a trusted path exists, but not every client finds it",
      explanation: `Among the certificates sent there is a path to a trusted root, yet OpenSSL ended on another one (${outcome.openssl.code}). CloudFront's TLS library builds paths in the same way, so it may fail too.`,
      remedy: ["Send only the certificates of the one path that leads to the public root."],
      evidence: {
        expected: path.certificates.map(({ subject }) => subject),
        seen: sent.map(({ subject }) => subject),
        openssl: outcome.openssl.code,
      },
    };
  },
};
