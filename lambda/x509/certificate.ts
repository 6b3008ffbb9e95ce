import { type KeyObject, X509Certificate } from "node:crypto";
import { printable } from "../text/printable.ts";
import { children, type Element, element, MalformedDer, objectIdentifier, tag, time } from "./der.ts";
import { type Extensions, readExtensions } from "./extensions.ts";
import { canonicalName, commonName, distinguishedName } from "./name.ts";

/** What a certificate says, with text from it made printable. Times are milliseconds since the epoch. */
export type Certificate = Extensions & {
  readonly sha256: string;
  readonly subject: string;
  readonly issuer: string;
  /** The names in the form in which issuer and subject are compared. */
  readonly subjectKey: string;
  readonly issuerKey: string;
  readonly commonName: string | null;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: PublicKey;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** OpenSSL's reading of the same bytes, for checking signatures. */
  readonly x509: X509Certificate;
};

export type PublicKey =
  | { readonly kind: "rsa"; readonly bits: number }
  | { readonly kind: "ec"; readonly curve: string }
  | { readonly kind: "other"; readonly name: string };

export type SignatureAlgorithm = { readonly oid: string; readonly name: string };

export type CertificateReading =
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  | { readonly kind: "unreadable"; readonly problem: string };

/** Certificates come again in every run and for many origins; reading one costs more than remembering it. */
const readings = new Map<string, CertificateReading>();
const mostReadings = 2_000;
/** Real certificates are shorter; a stranger's that fills a whole flight must not stay in memory. */
const longestRemembered = 8_192;

/** Reads one certificate (RFC 5280 §4.1). Any bytes are answered with a value. */
export function readCertificate(der: Buffer): CertificateReading {
  if (der.length > longestRemembered) return readFresh(der);
  const cacheKey = der.toString("latin1");
  const known = readings.get(cacheKey);
  if (known !== undefined) return known;
  const reading = readFresh(der);
  if (readings.size >= mostReadings) readings.clear();
  readings.set(cacheKey, reading);
  return reading;
}

/** The subject of a certificate in the form for comparison, without reading the rest; null for what is no certificate. */
export function subjectKeyOf(der: Buffer): string | null {
  try {
    return canonicalName(tbsCertificate(der).subject);
  } catch (error) {
    if (error instanceof MalformedDer) return null;
    throw error;
  }
}

/** A short name for a key: `RSA 2048`, `ECDSA P-256`, `Ed25519`. */
export function keyName(key: PublicKey): string {
  switch (key.kind) {
    case "rsa":
      return `RSA ${key.bits}`;
    case "ec":
      return `ECDSA ${nistNames[key.curve] ?? key.curve}`;
    case "other":
      return key.name;
  }
}

/** Names that a certificate is for: its dNSName entries, or the common name where it has none (RFC 6125 §6.4.4). */
export function presentedNames(certificate: Certificate): readonly string[] {
  if (certificate.dnsNames.length > 0) return certificate.dnsNames;
  return certificate.commonName === null ? [] : [certificate.commonName];
}

function readFresh(der: Buffer): CertificateReading {
  try {
    const x509 = new X509Certificate(der);
    const { issuer, validity, subject, extensions, signature } = tbsCertificate(der);
    const [notBefore, notAfter] = children(validity, tag.sequence).map(time);
    if (notBefore === undefined || notAfter === undefined || Number.isNaN(notBefore) || Number.isNaN(notAfter)) {
      throw new MalformedDer("validity without two times");
    }
    return {
      kind: "certificate",
      certificate: {
        ...readExtensions(extensions),
        sha256: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
        subject: distinguishedName(subject),
        issuer: distinguishedName(issuer),
        subjectKey: canonicalName(subject),
        issuerKey: canonicalName(issuer),
        commonName: commonName(subject),
        notBefore,
        notAfter,
        key: publicKey(x509),
        signatureAlgorithm: signature,
        x509,
      },
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { kind: "unreadable", problem: printable(problem, 200) };
  }
}

function tbsCertificate(der: Buffer) {
  const [tbs, algorithm] = children(element(der), tag.sequence);
  if (tbs === undefined || algorithm === undefined) throw new MalformedDer("certificate without a body");
  const explicitVersion = 0xa0;
  const explicitExtensions = 0xa3;
  const fields = children(tbs, tag.sequence);
  const first = fields[0]?.tag === explicitVersion ? 1 : 0;
  const [, , issuer, validity, subject] = fields.slice(first);
  if (issuer === undefined || validity === undefined || subject === undefined) {
    throw new MalformedDer("certificate body cut short");
  }
  const extensions = fields.find((field) => field.tag === explicitExtensions);
  return { issuer, validity, subject, extensions, signature: signatureAlgorithm(algorithm) };
}

function signatureAlgorithm(algorithm: Element): SignatureAlgorithm {
  const [identifier] = children(algorithm, tag.sequence);
  if (identifier === undefined) throw new MalformedDer("signature algorithm without an identifier");
  const oid = objectIdentifier(identifier);
  return { oid, name: signatureNames[oid] ?? oid };
}

function publicKey(x509: X509Certificate): PublicKey {
  let key: KeyObject;
  try {
    key = x509.publicKey;
  } catch {
    return { kind: "other", name: "a key that OpenSSL cannot read" };
  }
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case "rsa":
    case "rsa-pss":
      return { kind: "rsa", bits: details?.modulusLength ?? 0 };
    case "ec":
      return { kind: "ec", curve: details?.namedCurve ?? "explicit parameters" };
    case "ed25519":
      return { kind: "other", name: "Ed25519" };
    case "ed448":
      return { kind: "other", name: "Ed448" };
    default:
      return { kind: "other", name: (key.asymmetricKeyType ?? "unknown").toUpperCase() };
  }
}

/** OpenSSL's curve names with the names of FIPS 186-5. */
const nistNames: { readonly [curve: string]: string } = {
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

/** RFC 3279 §2.2, RFC 4055 §5, RFC 5758 §3, RFC 8410 §3. */
const signatureNames: { readonly [oid: string]: string } = {
  "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
  "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
  "1.2.840.113549.1.1.10": "rsassaPss",
  "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
  "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
  "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
  "1.2.840.10045.4.1": "ecdsa-with-SHA1",
  "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
  "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
  "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
  "1.2.840.10040.4.3": "dsa-with-sha1",
  "2.16.840.1.101.3.4.3.2": "dsa-with-sha256",
  "1.3.101.112": "Ed25519",
  "1.3.101.113": "Ed448",
};
