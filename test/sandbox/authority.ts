import "reflect-metadata";
import { sign, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import {
  certificateSigner,
  createKeyPair,
  type Hash,
  type KeyKind,
  type KeyPair,
  privateKeyPem,
  publicKeyDer,
} from "./keys.ts";

/** A certificate in both forms. */
export type Certificate = { readonly certificatePem: string; readonly der: Buffer };

/** A certificate with the private key of its subject (PKCS #8, PEM). */
export type Issued = Certificate & { readonly keyPem: string };

/** A moment: absolute, or a number of days from now (negative for the past). */
export type Moment = Date | number;

export type Validity = {
  /** @default one day ago for leaves, five years ago for authorities */
  readonly notBefore?: Moment;
  /** @default 365 days from now for leaves, ten years for authorities */
  readonly notAfter?: Moment;
};

type Common = Validity & {
  /** @default "ec-p256" */
  readonly key?: KeyKind;
  /** Hash of the signature over this certificate, where the signer's key takes one. @default "SHA-256" */
  readonly hash?: Hash;
  /** URL where the issuer publishes its own certificate (AIA caIssuers); null leaves it out. @default null */
  readonly aia?: string | null;
  /** Appended to the standard ones, for example an unknown critical extension or name constraints. */
  readonly extensions?: readonly Extension[];
};

export type AuthorityOptions = Common & {
  /** Common name of the subject. @default a name that says what it is */
  readonly name?: string;
  /** False makes an intermediate that is not entitled to issue. @default true */
  readonly ca?: boolean;
};

export type LeafOptions = Common & {
  /** Subject alternative names: DNS names, or IP addresses. An empty list leaves the extension out. */
  readonly names: readonly string[];
  /** Null leaves the subject empty. @default the first of `names` */
  readonly commonName?: string | null;
  /** Extended key usage; null leaves the extension out. @default ["serverAuth"] */
  readonly eku?: readonly ("serverAuth" | "clientAuth" | "codeSigning")[] | null;
  /** True marks the leaf as a certificate authority (basicConstraints). @default false */
  readonly ca?: boolean;
};

/** A certificate authority: a root, or an intermediate with the certificate that another authority gave it. */
export type Authority = Issued & {
  readonly name: string;
  /** A new authority with its own key, certified by this one. */
  intermediate(options?: AuthorityOptions): Promise<Authority>;
  /** The same authority (name and key) as `other`, with a certificate of this one: cross-signing. */
  crossSign(other: Authority, options?: Omit<AuthorityOptions, "name" | "key">): Promise<Authority>;
  leaf(options: LeafOptions): Promise<Issued>;
  /** Only for `crossSign`. */
  readonly keys: KeyPair;
};

/** A self-signed root. */
export async function createAuthority(options: AuthorityOptions = {}): Promise<Authority> {
  const keys = await createKeyPair(options.key ?? "ec-p256");
  const subject = authoritySubject(options.name ?? "Sandbox Root", keys);
  return authority(subject, await certify(subject, subject, authorityRequest(options)));
}

/** A leaf that is its own issuer; marked as a CA (`ca`), as `openssl req -x509` does it, unless told otherwise. */
export async function selfSigned(wanted: LeafOptions): Promise<Issued> {
  const options = { ca: true, ...wanted };
  const keys = await createKeyPair(options.key ?? "ec-p256");
  const subject = leafSubject(options, keys);
  return { ...(await certify(subject, subject, leafRequest(options))), keyPem: privateKeyPem(keys) };
}

type Subject = { readonly name: JsonName; readonly keys: KeyPair };

type Request = Required<Pick<Common, "hash" | "aia">> & {
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Extension[];
};

function authority(subject: Subject, certificate: Certificate): Authority {
  const name = subject.name[0]?.CN?.[0];
  return {
    ...certificate,
    name: typeof name === "string" ? name : "",
    keyPem: privateKeyPem(subject.keys),
    keys: subject.keys,
    async intermediate(options = {}) {
      const keys = await createKeyPair(options.key ?? "ec-p256");
      const other = authoritySubject(options.name ?? "Sandbox Intermediate", keys);
      return authority(other, await certify(other, subject, authorityRequest(options)));
    },
    async crossSign(other, options = {}) {
      const twin = authoritySubject(other.name, other.keys);
      return authority(twin, await certify(twin, subject, authorityRequest(options)));
    },
    async leaf(options) {
      const keys = await createKeyPair(options.key ?? "ec-p256");
      const certified = await certify(leafSubject(options, keys), subject, leafRequest(options));
      return { ...certified, keyPem: privateKeyPem(keys) };
    },
  };
}

async function certify(subject: Subject, issuer: Subject, request: Request): Promise<Certificate> {
  cryptoProvider.set(webcrypto);
  const signer = certificateSigner(issuer.keys, request.hash === "MD5" ? "SHA-256" : request.hash);
  const publicKey = await PublicKey.create(publicKeyDer(subject.keys));
  const issuerKey = await PublicKey.create(publicKeyDer(issuer.keys));
  const certificate = await X509CertificateGenerator.create({
    subject: subject.name,
    issuer: issuer.name,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuerKey),
      ...(request.aia === null ? [] : [new AuthorityInfoAccessExtension({ caIssuers: [request.aia] })]),
      ...request.extensions,
    ],
  });
  const signed = Buffer.from(certificate.rawData);
  const der = request.hash === "MD5" ? signedWithMd5(signed, issuer.keys) : signed;
  return { certificatePem: pem(der), der };
}

/** WebCrypto has no MD5: renames the algorithm, whose identifiers differ in the last byte only, and signs again. */
function signedWithMd5(certificate: Buffer, issuer: KeyPair): Buffer {
  const der = Buffer.from(certificate.toString("hex").replaceAll(SHA256_WITH_RSA, MD5_WITH_RSA), "hex");
  // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, … }, both with a length of two bytes.
  const toBeSigned = der.subarray(4, 4 + 4 + der.readUInt16BE(6));
  const signature = sign("RSA-MD5", toBeSigned, issuer.privateKey);
  signature.copy(der, der.length - signature.length);
  return der;
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function authoritySubject(name: string, keys: KeyPair): Subject {
  return { name: [{ CN: [name] }, { O: ["Sandbox"] }], keys };
}

function leafSubject(options: LeafOptions, keys: KeyPair): Subject {
  const commonName = options.commonName === undefined ? options.names[0] : options.commonName;
  return { name: commonName === undefined || commonName === null ? [] : [{ CN: [commonName] }], keys };
}

function authorityRequest(options: AuthorityOptions): Request {
  return {
    ...common(options, { notBefore: -1825, notAfter: 3650 }),
    extensions: [
      new BasicConstraintsExtension(options.ca ?? true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...(options.extensions ?? []),
    ],
  };
}

function leafRequest(options: LeafOptions): Request {
  const eku = options.eku === undefined ? ["serverAuth" as const] : options.eku;
  return {
    ...common(options, { notBefore: -1, notAfter: 365 }),
    extensions: [
      new BasicConstraintsExtension(options.ca ?? false, undefined, true),
      new KeyUsagesExtension(leafKeyUsage(options), true),
      ...(eku === null ? [] : [new ExtendedKeyUsageExtension(eku.map((usage) => ExtendedKeyUsage[usage]))]),
      ...(options.names.length === 0
        ? []
        : [
            new SubjectAlternativeNameExtension(
              options.names.map((name) => ({
                type: isIP(name) === 0 ? ("dns" as const) : ("ip" as const),
                value: name,
              })),
            ),
          ]),
      ...(options.extensions ?? []),
    ],
  };
}

/** Static-RSA suites encrypt to the certificate's key, so RSA leaves need keyEncipherment too (RFC 5246 §7.4.2). */
function leafKeyUsage(options: LeafOptions): number {
  const encipherment = options.key?.startsWith("rsa-") === true ? KeyUsageFlags.keyEncipherment : 0;
  const signing = options.ca === true ? KeyUsageFlags.keyCertSign : 0;
  return KeyUsageFlags.digitalSignature | encipherment | signing;
}

function common(options: Common, days: { notBefore: number; notAfter: number }): Omit<Request, "extensions"> {
  return {
    hash: options.hash ?? "SHA-256",
    aia: options.aia ?? null,
    notBefore: moment(options.notBefore ?? days.notBefore),
    notAfter: moment(options.notAfter ?? days.notAfter),
  };
}

function moment(value: Moment): Date {
  return typeof value === "number" ? new Date(Date.now() + value * DAY_MS) : value;
}

const DAY_MS = 86_400_000;

/** The object identifiers 1.2.840.113549.1.1.11 and .4 in DER (RFC 8017 appendix C, RFC 3279 §2.2.1). */
const SHA256_WITH_RSA = "06092a864886f70d01010b";
const MD5_WITH_RSA = "06092a864886f70d010104";
