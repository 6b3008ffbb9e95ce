import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** CloudFront takes no longer chain than this one by far. */
const mostCertificates = 10;

/**
 * Whether CloudFront would take the certificate that an origin presents, by trust, name and dates. Where AWS's pages and
 * its TLS library disagree, as on the order of the chain, it takes it. Written apart from the product, so that the one
 * checks the other.
 *
 * @param names one of which the certificate has to have
 * @param now milliseconds since the epoch
 */
export function takesCertificate(
  socket: TLSSocket,
  names: readonly string[],
  anchors: readonly X509Certificate[],
  now: number,
): boolean {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined || !names.some((name) => leaf.checkHost(name, { partialWildcards: false }))) return false;
  let certificate = leaf;
  for (let count = 1; count <= mostCertificates; count += 1) {
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) return false;
    if (anchors.some((anchor) => hasIssued(anchor, certificate))) return true;
    const { issuerCertificate: issuer } = certificate;
    if (issuer === undefined || !issuer.ca || !hasIssued(issuer, certificate)) return false;
    if (issuer.fingerprint256 === certificate.fingerprint256) return false;
    certificate = issuer;
  }
  return false;
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
