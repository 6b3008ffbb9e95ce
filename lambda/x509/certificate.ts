import { type KeyObject, X509Certificate } from "node:crypto";
import { printable } from "../text/printable.ts";
import { children, type Element, element, MalformedDer, objectIdentifier, tag, time } from "./der.ts";
import { type Extensions, readExtensions } from "./extensions.ts";
import type { Flaw } from "./flaw.ts";
import { type CommonName, canonicalName, commonNames, distinguishedName } from "./name.ts";

/** What a certificate says, with text from it made printable. Times are milliseconds since the epoch. */
export type Certificate = Extensions & {
  readonly sha256: string;
  readonly subject: string;
  readonly issuer: string;
  /** The names in the form in which issuer and subject are compared. */
  readonly subjectKey: string;
  readonly issuerKey: string;
  /** Of the subject, the most specific one last. */
  readonly commonNames: readonly CommonName[];
  /** In hexadecimal, as it is encoded. */
  readonly serial: string;
  /** Version 1, which has no extensions: an authority of that age is known by being a trust anchor alone. */
  readonly isVersion1: boolean;
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

/** Whether a certificate names itself as its issuer, whoever signed it. */
export function isSelfIssued({ subjectKey, issuerKey }: Certificate): boolean {
  return subjectKey === issuerKey;
}

/** Names that a certificate is for: its dNSName entries, or the common name where it has none (RFC 6125 §6.4.4). */
export function presentedNames(certificate: Certificate): readonly string[] {
  if (certificate.dnsNames.length > 0) return certificate.dnsNames;
  const last = certificate.commonNames.at(-1);
  return last === undefined ? [] : [last.text];
}

function readFresh(der: Buffer): CertificateReading {
  try {
    const x509 = new X509Certificate(der);
    const body = tbsCertificate(der);
    const [notBefore, notAfter] = children(body.validity, tag.sequence).map(time);
    if (notBefore === undefined || notAfter === undefined || Number.isNaN(notBefore) || Number.isNaN(notAfter)) {
      throw new MalformedDer("validity without two times");
    }
    const extensions = readExtensions(body.extensions);
    return {
      kind: "certificate",
      certificate: {
        ...extensions,
        flaws: [...extensions.flaws, ...body.flaws],
        sha256: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
        subject: distinguishedName(body.subject),
        issuer: distinguishedName(body.issuer),
        subjectKey: canonicalName(body.subject),
        issuerKey: canonicalName(body.issuer),
        commonNames: commonNames(body.subject),
        serial: body.serial.content.toString("hex"),
        isVersion1: body.isVersion1,
        notBefore,
        notAfter,
        key: publicKey(x509),
        signatureAlgorithm: body.signature,
        x509,
      },
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { kind: "unreadable", problem: printable(problem, 200) };
  }
}

const explicit = { version: 0xa0, extensions: 0xa3 } as const;
const uniqueIdentifiers: ReadonlySet<number> = new Set([0x81, 0x82]);

function tbsCertificate(der: Buffer) {
  const whole = element(der);
  const [tbs, algorithm] = children(whole, tag.sequence);
  if (tbs === undefined || algorithm === undefined) throw new MalformedDer("certificate without a body");
  const fields = children(tbs, tag.sequence);
  const version = fields[0]?.tag === explicit.version ? fields.shift() : undefined;
  const [serial, , issuer, validity, subject] = fields;
  if (serial === undefined || issuer === undefined || validity === undefined || subject === undefined) {
    throw new MalformedDer("certificate body cut short");
  }
  const extensions = fields.find((field) => field.tag === explicit.extensions);
  const hasIdentifiers = fields.some((field) => uniqueIdentifiers.has(field.tag));
  const flaws = versionFlaws(version, extensions !== undefined, hasIdentifiers);
  if (whole.encoding.length < der.length) {
    flaws.push({ what: "was sent with further bytes behind it", refusedBy: "openssl" });
  }
  const isVersion1 = version === undefined;
  return { serial, issuer, validity, subject, extensions, isVersion1, flaws, signature: signatureAlgorithm(algorithm) };
}

/** RFC 5280 §4.1.2.1: 1 is left out, 2 has unique identifiers at most, and extensions need 3. OpenSSL does not look. */
function versionFlaws(version: Element | undefined, hasExtensions: boolean, hasIdentifiers: boolean): Flaw[] {
  const number = version === undefined ? 0 : element(version.content).content;
  const known = number === 0 ? 1 : number.length === 1 ? (number[0] ?? 0) + 1 : 0;
  const isWritten = version !== undefined;
  const isPossible =
    known === 3 || (known === 2 && !hasExtensions) || (known === 1 && !isWritten && !hasExtensions && !hasIdentifiers);
  return isPossible ? [] : [{ what: "has a version that does not go with its fields", refusedBy: "aws" }];
}

function signatureAlgorithm(algorithm: Element): SignatureAlgorithm {
  const [identifier, parameters] = children(algorithm, tag.sequence);
  if (identifier === undefined) throw new MalformedDer("signature algorithm without an identifier");
  const oid = objectIdentifier(identifier);
  const name = signatureNames[oid] ?? oid;
  return { oid, name: name === "rsassaPss" ? `${name} with ${pssHash(parameters)}` : name };
}

/** The hash of an RSASSA-PSS signature: SHA-1 where nothing is said (RFC 4055 §3.1). */
function pssHash(parameters: Element | undefined): string {
  try {
    const parts = parameters === undefined ? [] : children(parameters, tag.sequence);
    const hash = parts.find((part) => part.tag === 0xa0);
    const [identifier] = hash === undefined ? [] : children(element(hash.content), tag.sequence);
    const oid = identifier === undefined ? "1.3.14.3.2.26" : objectIdentifier(identifier);
    return hashNames[oid] ?? oid;
  } catch (error) {
    if (error instanceof MalformedDer) return "a hash that cannot be decoded";
    throw error;
  }
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
  "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
  "1.2.840.113549.1.1.3": "md4WithRSAEncryption",
  "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
  "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
  "1.3.14.3.2.29": "sha1WithRSAEncryption",
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

/** RFC 8017 appendix B.1. */
const hashNames: { readonly [oid: string]: string } = {
  "1.2.840.113549.2.5": "MD5",
  "1.3.14.3.2.26": "SHA-1",
  "2.16.840.1.101.3.4.2.1": "SHA-256",
  "2.16.840.1.101.3.4.2.2": "SHA-384",
  "2.16.840.1.101.3.4.2.3": "SHA-512",
  "2.16.840.1.101.3.4.2.4": "SHA-224",
};
