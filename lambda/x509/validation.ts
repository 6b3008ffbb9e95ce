import { type Certificate, isSelfIssued } from "./certificate.ts";
import type { Flaw, Refusers } from "./flaw.ts";
import { type Path, wholePath } from "./path.ts";

/** Why a path is refused although its signatures and dates are right. */
export type Objection = {
  readonly kind: "flaw" | "authority" | "path-length" | "purpose" | "excluded-name";
  readonly certificate: Certificate;
  /** Completes "The certificate ...". */
  readonly what: string;
  readonly refusedBy: Refusers;
};

/**
 * What OpenSSL, AWS's library or both have against the certificates of a path (RFC 5280 §6.1, as the two read it):
 * flaws of their own, authorities that are none, path lengths, purposes. OpenSSL tells one reason only, goes by the
 * clock, and is not always asked; AWS's library is never asked here, and was compared with this
 * (`test/certificates`). Permitted names are left to OpenSSL, which tells about them last.
 */
export function objectionsTo(path: Path): readonly Objection[] {
  const whole = wholePath(path);
  const isAnchor = (index: number) => path.end.kind === "anchored" && index === whole.length - 1;
  return [
    ...whole.flatMap((certificate) => certificate.flaws.map((flaw) => objection("flaw", certificate, flaw))),
    ...whole.slice(1).flatMap((certificate, index) => authority(certificate, isAnchor(index + 1))),
    ...pathLengths(whole, isAnchor),
    ...whole.flatMap((certificate, index) => purpose(certificate, index, isAnchor(index))),
    ...excludedNames(whole),
  ];
}

/**
 * The first certificate of a path whose authority key identifier does not fit the certificate above it, which both
 * libraries take for the wrong one, although its key did sign (RFC 5280 §4.2.1.1, X509_check_issued(3)).
 */
export function misnamedIssuer(path: Path): { readonly below: Certificate; readonly above: Certificate } | null {
  const whole = wholePath(path);
  const index = whole.findIndex((below, at) => {
    const above = whole[at + 1];
    return above !== undefined && !fits(below, above);
  });
  const [below, above] = index < 0 ? [] : whole.slice(index, index + 2);
  return below === undefined || above === undefined ? null : { below, above };
}

function fits({ authorityKeyId }: Certificate, above: Certificate): boolean {
  if (authorityKeyId === null) return true;
  const { keyId, serial, issuerKey } = authorityKeyId;
  if (keyId !== null && above.subjectKeyId !== null && keyId !== above.subjectKeyId) return false;
  if (serial !== null && serial !== above.serial) return false;
  return issuerKey === null || issuerKey === above.issuerKey;
}

function objection(kind: Objection["kind"], certificate: Certificate, { what, refusedBy }: Flaw): Objection {
  return { kind, certificate, what, refusedBy };
}

const keyCertSign = 5;

function authority(certificate: Certificate, isAnchor: boolean): Objection[] {
  const { hasBasicConstraints, isCa, keyUsage, isVersion1 } = certificate;
  const flaw = (what: string, refusedBy: Refusers) => [objection("authority", certificate, { what, refusedBy })];
  if (keyUsage !== null && !keyUsage.includes(keyCertSign)) {
    return flaw("signed another one and has a key usage without certificate signing", "both");
  }
  if (hasBasicConstraints) return isCa ? [] : flaw("signed another one and is no CA certificate", "both");
  if (isAnchor && isVersion1 && isSelfIssued(certificate)) return [];
  // Without basic constraints OpenSSL takes a root by its key usage.
  return flaw(
    "signed another one and does not say that it is a CA certificate",
    isAnchor && keyUsage !== null ? "aws" : "both",
  );
}

function pathLengths(whole: readonly Certificate[], isAnchor: (index: number) => boolean): Objection[] {
  return whole.flatMap((certificate, index) => {
    const below = whole.slice(1, index).filter((one) => !isSelfIssued(one)).length;
    if (index === 0 || certificate.pathLength === null || below <= certificate.pathLength) return [];
    const what = `allows ${certificate.pathLength} further CA certificates below it, and ${below} follow`;
    // AWS's library does not look at the path length of a trust anchor.
    return [objection("path-length", certificate, { what, refusedBy: isAnchor(index) ? "openssl" : "both" })];
  });
}

/** RFC 5280 §4.2.1.12. */
const serverAuthentication = "1.3.6.1.5.5.7.3.1";
/** Netscape's and Microsoft's server gated cryptography, which OpenSSL still takes for the same. */
const serverGated: ReadonlySet<string> = new Set(["2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"]);
/** digitalSignature, keyEncipherment, keyAgreement. */
const usagesOfServers: readonly number[] = [0, 2, 4];
const netscapeServer = 1;
const netscapeAuthority = 5;

function purpose(certificate: Certificate, index: number, isAnchor: boolean): Objection[] {
  const { extendedKeyUsage, keyUsage, netscapeType } = certificate;
  const flaw = (what: string, refusedBy: Refusers) => [objection("purpose", certificate, { what, refusedBy })];
  if (extendedKeyUsage !== null && !extendedKeyUsage.includes(serverAuthentication)) {
    const gated = extendedKeyUsage.some((usage) => serverGated.has(usage));
    const what = `is for ${extendedKeyUsage.map((oid) => purposeNames[oid] ?? oid).join(", ") || "no purpose at all"} only`;
    // AWS's library does not look at the purposes of a trust anchor.
    if (!isAnchor || index === 0) return flaw(what, gated ? "aws" : "both");
    return gated ? [] : flaw(what, "openssl");
  }
  if (index === 0 && keyUsage !== null && !usagesOfServers.some((usage) => keyUsage.includes(usage))) {
    return flaw("has a key usage that allows neither signing a handshake nor exchanging a key", "both");
  }
  const netscape = index === 0 ? netscapeServer : netscapeAuthority;
  if (netscapeType !== null && netscapeType.length > 0 && !netscapeType.includes(netscape)) {
    return flaw("has a Netscape certificate type that leaves TLS servers out", "both");
  }
  return [];
}

const purposeNames: { readonly [oid: string]: string } = {
  "1.3.6.1.5.5.7.3.2": "client authentication",
  "1.3.6.1.5.5.7.3.3": "code signing",
  "1.3.6.1.5.5.7.3.4": "e-mail protection",
  "1.3.6.1.5.5.7.3.8": "time stamping",
  "1.3.6.1.5.5.7.3.9": "OCSP signing",
  "2.5.29.37.0": "any purpose, servers not named,",
};

/** A wildcard may stand for a name that is excluded: AWS's library refuses it, OpenSSL does not. */
function excludedNames(whole: readonly Certificate[]): Objection[] {
  const wildcards = (whole[0]?.dnsNames ?? []).filter((name) => name.startsWith("*.")).map((name) => name.slice(1));
  return whole.slice(1).flatMap((certificate) =>
    certificate.excludedDomains.flatMap((domain) => {
      const parent = wildcards.find((end) => domain.endsWith(end));
      const what = `excludes the domain ${domain}, and a wildcard of the leaf may stand for it`;
      return parent === undefined ? [] : [objection("excluded-name", certificate, { what, refusedBy: "aws" })];
    }),
  );
}
