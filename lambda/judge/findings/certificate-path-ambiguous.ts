import { sources } from "../../cloudfront/sources.ts";
import { isValidAt } from "../../x509/path.ts";
import { certificateRule } from "../rule.ts";

/** OpenSSL's codes for "found no path to a trust anchor". */
const noPathFound = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "CERT_UNTRUSTED",
]);

/** OpenSSL's codes for a path on which something is outside its validity, by the clock of the machine. */
const outsideValidity = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

export const certificatePathAmbiguous = certificateRule({
  code: "certificate-path-ambiguous",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "A trusted path exists among the certificates sent, but OpenSSL does not find it.",
  source: sources.certificateRequirements,
  examine: ({ outcome, path, sent, policy }) => {
    if (outcome.kind !== "handshake-completed" || outcome.openssl.ok || path.end.kind !== "anchored") return undefined;
    const { code } = outcome.openssl;
    const beside = sent.filter((_, index) => !path.indices.includes(index));
    // What is outside its validity on our path has a finding of its own; and OpenSSL knows no `now` but its clock's.
    const wentAstray =
      outsideValidity.has(code) &&
      path.certificates.every((certificate) => isValidAt(certificate, policy.now)) &&
      beside.some((certificate) => !isValidAt(certificate, policy.now));
    if (!noPathFound.has(code) && !wentAstray) return undefined;
    return {
      title: "a trusted path exists, but not every client finds it",
      explanation: `Among the certificates sent there is a path to a trusted root, yet OpenSSL ended on another one (${code}). CloudFront's TLS library builds paths in the same way, so it may fail too.`,
      remedy: ["Send only the certificates of the one path that leads to the public root."],
      evidence: {
        expected: path.certificates.map(({ subject }) => subject),
        seen: sent.map(({ subject }) => subject),
        openssl: code,
      },
    };
  },
});
