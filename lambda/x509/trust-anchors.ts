import { hash } from "node:crypto";
import { getCACertificates } from "node:tls";
import { once } from "../text/once.ts";
import { type Certificate, readCertificate, subjectKeyOf } from "./certificate.ts";

/** Root certificates that end a path. */
export type TrustAnchors = {
  /** What they are, for a sentence. */
  readonly description: string;
  /** All of them in PEM, for a TLS library. */
  readonly pem: readonly string[];
  /** Those with this subject, in the form in which names are compared. */
  namedAs(subjectKey: string): readonly Certificate[];
  /** Those whose subject is the certificate's issuer and whose key signed it. */
  issuersOf(certificate: Certificate): readonly Certificate[];
  has(certificate: Certificate): boolean;
};

/**
 * The Mozilla list as Node ships it, plus what the operator adds.
 *
 * CloudFront accepts issuers on Mozilla's list
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html). The
 * system's store and NODE_EXTRA_CA_CERTS are left out on purpose: they would turn a private root into a false "healthy".
 *
 * @param extraPem certificates that the operator trusts besides, each one PEM block
 */
export function trustAnchors(extraPem: readonly string[] = []): TrustAnchors {
  const anchors = once(() => indexed([...getCACertificates("bundled"), ...extraPem]));
  const namedAs = (subjectKey: string) =>
    (anchors().bySubject.get(subjectKey) ?? [])
      .map(readCertificate)
      .flatMap((reading) => (reading.kind === "certificate" ? [reading.certificate] : []));
  return {
    description: `Mozilla's CA list (of Node ${process.versions.node})`,
    get pem() {
      return anchors().pem;
    },
    namedAs,
    issuersOf: (certificate) => namedAs(certificate.issuerKey).filter((anchor) => isSignedBy(certificate, anchor)),
    has: ({ sha256 }) => anchors().fingerprints.has(sha256),
  };
}

/** Of more than a hundred anchors a run needs a handful: only those are read in full. */
function indexed(pem: readonly string[]) {
  const ders = pem.map(derOf);
  const fingerprints = new Set(ders.map((der) => hash("sha256", der, "hex")));
  return { pem, fingerprints, bySubject: Map.groupBy(ders, subjectKeyOf) };
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ""), "base64");
}

const verdicts = new Map<string, boolean>();
const mostVerdicts = 10_000;

/** Whether the issuer's key signed the certificate. Remembered, since chains share their upper part. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  const pair = `${certificate.sha256}/${issuer.sha256}`;
  const known = verdicts.get(pair);
  if (known !== undefined) return known;
  let verdict: boolean;
  try {
    verdict = certificate.x509.verify(issuer.x509.publicKey);
  } catch {
    // OpenSSL cannot use the key or does not know the signature's algorithm: then it has not been shown to sign.
    verdict = false;
  }
  if (verdicts.size >= mostVerdicts) verdicts.clear();
  verdicts.set(pair, verdict);
  return verdict;
}
