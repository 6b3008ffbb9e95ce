import { sources } from "../../cloudfront/sources.ts";
import type { Certificate, CertificateReading } from "../../x509/certificate.ts";
import { isValidAt } from "../../x509/path.ts";
import { opensslSays, type Weighed, weighedObjections } from "../openssl.ts";
import { type CertificateView, certificateRule, type Found } from "../rule.ts";

/**
 * Codes of OpenSSL that other rules look at more closely, each on its own: building the path, dates, self-signed.
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
]);

export const certificateInvalid = certificateRule({
  code: "certificate-invalid",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"verify error"', fixed: '"Verify return code: 0 (ok)"' },
  summary: "Path validation refuses a certificate for a reason that no other code names.",
  source: sources.httpsToCustomOrigin,
  examine: (view) => {
    const { leaf, path, policy } = view;
    if (path.end.kind === "anchored" && !isValidAt(path.end.anchor, policy.now)) {
      const { anchor } = path.end;
      return found("root not valid", `The root ${anchor.subject} is outside its validity period.`, anchor);
    }
    const [worst] = weighedObjections(view).filter(({ kind }) => kind !== "purpose");
    if (worst?.effect === "502") return objected(worst);
    if (path.end.kind === "signature-refused" && !view.acceptedByOpenssl) {
      const { last, issuer } = path.end;
      const reason = `The signature of ${last.subject} was not made with the key of ${issuer.subject}, which is its issuer by name.`;
      return found("signature does not verify", reason, last);
    }
    return (worst === undefined ? undefined : objected(worst)) ?? refusedByOpenssl(view, leaf);
  },
});

/** A certificate that OpenSSL cannot decode, or whose fields we cannot although it refuses it too. */
export function undecodable(readings: readonly CertificateReading[]): Found | undefined {
  const index = readings.findIndex(({ kind }) => kind === "unreadable");
  const reading = readings[index];
  if (reading?.kind !== "unreadable") return undefined;
  return {
    title: `certificate ${index + 1} cannot be decoded`,
    cause: `Certificate ${index + 1} of the ${readings.length} that the origin sent is not encoded as RFC 5280 requires.`,
    explanation: "OpenSSL refuses it, and so does AWS's TLS library.",
    remedy: remedies,
    evidence: { expected: "an X.509 certificate in DER", seen: reading.problem, position: index + 1 },
  };
}

function objected({ certificate, what, effect, refusedBy }: Weighed): Found {
  const who = refusedBy === "aws" ? "OpenSSL accepts that, and AWS's TLS library does not." : whoRefuses[effect];
  const doubt = "because OpenSSL and AWS's TLS library disagree";
  return { ...found(what, `The certificate ${certificate.subject} ${what}.`, certificate, who), effect, doubt };
}

const whoRefuses = {
  "502": "OpenSSL and AWS's TLS library refuse it.",
  may: "Of OpenSSL and AWS's TLS library, one refuses it.",
} as const;

/** What OpenSSL refuses for a reason that we do not foresee. */
function refusedByOpenssl(view: CertificateView, leaf: Certificate): Found | undefined {
  const { outcome } = view;
  if (opensslSays(view) !== "refuses" || outcome.kind !== "handshake-completed" || outcome.openssl.ok) return undefined;
  const { code } = outcome.openssl;
  // The purpose has a code of its own where something on the path is for another one.
  if (judgedElsewhere.has(code) || weighedObjections(view).length > 0 || code === "INVALID_PURPOSE") return undefined;
  // Node has no name for most of OpenSSL's reasons.
  const seen = code === "UNSPECIFIED" ? "name constraints, a malformed date or the like" : code;
  return found(seen, `OpenSSL's validation of the certificate path (RFC 5280) refuses it: ${seen}.`, leaf);
}

function found(seen: string, cause: string, { subject, sha256 }: Certificate, who = ""): Found {
  return {
    title: "certificate does not pass validation",
    cause,
    explanation: `${who} AWS documents that CloudFront does not accept invalid certificates.`.trim(),
    remedy: remedies,
    evidence: { expected: "path validation passes", seen, subject, sha256 },
  };
}

const remedies: readonly string[] = [
  "Check the certificates on the path with `openssl x509 -text`: extensions, name constraints, key usage, and whether each issuer is a CA certificate.",
  "Get the certificate issued again by a public CA.",
];
