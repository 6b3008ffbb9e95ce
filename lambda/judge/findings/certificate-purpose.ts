import { sources } from "../../cloudfront/sources.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { certificateRule, type Found } from "../rule.ts";

/** Extended key usages with which a certificate may stand for a TLS server (RFC 5280 §4.2.1.12). */
const serverAuthentication = "1.3.6.1.5.5.7.3.1";
const anyPurpose = "2.5.29.37.0";

const purposeNames: { readonly [oid: string]: string } = {
  "1.3.6.1.5.5.7.3.1": "server authentication",
  "1.3.6.1.5.5.7.3.2": "client authentication",
  "1.3.6.1.5.5.7.3.3": "code signing",
  "1.3.6.1.5.5.7.3.4": "e-mail protection",
  "1.3.6.1.5.5.7.3.8": "time stamping",
  "1.3.6.1.5.5.7.3.9": "OCSP signing",
};

export const certificatePurpose = certificateRule({
  code: "certificate-purpose",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "leaf-text",
  summary: "The certificate is not for server authentication, or path validation refuses its purpose.",
  source: sources.httpsToCustomOrigin,
  examine: ({ leaf, outcome, path, acceptedByOpenssl }) => {
    const purposes = otherPurposes(leaf);
    if (purposes !== null) return found(leaf.subject, `for ${purposes}`, purposes);
    // RFC 5280 leaves open what the extension means in an intermediate; OpenSSL takes it for a limit to what it issues.
    for (const intermediate of acceptedByOpenssl ? [] : path.certificates.slice(1)) {
      const limits = otherPurposes(intermediate);
      if (limits !== null) return ofIntermediate(intermediate, limits);
    }
    // An issuer without the right to issue gives the same code, and certificate-invalid names it.
    const issuersAreCas = path.certificates.slice(1).every(({ isCa }) => isCa);
    const refused = outcome.kind === "handshake-completed" && !outcome.openssl.ok;
    if (refused && issuersAreCas && outcome.openssl.code === "INVALID_PURPOSE") {
      const seen = leaf.isCa ? "a CA certificate used as the server's" : "a purpose that path validation refuses";
      return found(leaf.subject, seen, seen);
    }
    return undefined;
  },
});

/** What a certificate is for, in words, where that does not include servers; null where it does or anything goes. */
function otherPurposes({ extendedKeyUsage: usages }: Certificate): string | null {
  if (usages === null || usages.includes(serverAuthentication) || usages.includes(anyPurpose)) return null;
  return usages.map((oid) => purposeNames[oid] ?? oid).join(", ") || "no purpose at all";
}

function ofIntermediate({ subject, sha256 }: Certificate, purposes: string): Found {
  return {
    title: `an intermediate certificate is not for TLS servers: for ${purposes}`,
    explanation: `The intermediate ${subject}, which is on the path, may issue certificates for ${purposes} only (RFC 5280, extended key usage). OpenSSL's path validation refuses it, and CloudFront does not accept invalid certificates.`,
    remedy: ["Install a certificate from an intermediate that issues server certificates, as every public one is."],
    evidence: { expected: "server authentication", seen: purposes, subject, sha256 },
    facts: { intermediate: true },
  };
}

function found(subject: string, title: string, seen: string): Found {
  return {
    title: `certificate is not for a TLS server: ${title}`,
    explanation: `The certificate ${subject} is not meant to authenticate a server (RFC 5280, extended key usage). TLS clients that validate certificates refuse it, and CloudFront does not accept invalid certificates.`,
    remedy: ["Install a certificate that was issued for server authentication, as every public TLS certificate is."],
    evidence: { expected: "server authentication", seen },
  };
}
