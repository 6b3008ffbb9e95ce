import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { bits, boolean, der, explicit, implicit, integer, nothing, octets, oid, sequence, set, text } from "./der.ts";

export type Keys = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

/** Signature algorithms by the names that a case is read with. */
export type Algorithm =
  | "ecdsa-sha1"
  | "ecdsa-sha224"
  | "ecdsa-sha256"
  | "ecdsa-sha384"
  | "ecdsa-sha512"
  | "rsa-md5"
  | "rsa-sha1"
  | "rsa-sha224"
  | "rsa-sha256"
  | "rsa-sha384"
  | "rsa-sha512"
  | "pss-sha1"
  | "pss-sha256"
  | "pss-sha384"
  | "ed25519"
  | "dsa-sha256";

/** A certificate in parts, each of which may be what no authority would write. */
export type Parts = {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  /** SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  readonly signer: KeyObject;
  readonly algorithm: Algorithm;
  readonly notBefore: Buffer;
  readonly notAfter: Buffer;
  /** The whole element. @default a random positive one */
  readonly serial?: Buffer;
  /** The whole element, null for none, which means version 1. @default version 3 */
  readonly version?: Buffer | null;
  /** AlgorithmIdentifier in the part that is signed, and beside it. @default what signs */
  readonly innerAlgorithm?: Buffer;
  readonly outerAlgorithm?: Buffer;
  /** Whole Extension elements; null leaves the field out. */
  readonly extensions: readonly Buffer[] | null;
  /** Between the key and the extensions: unique identifiers, or what does not belong there. */
  readonly beforeExtensions?: readonly Buffer[];
  readonly afterExtensions?: readonly Buffer[];
  /** Changes the signature. */
  readonly signature?: (signature: Buffer) => Buffer;
};

export function forge(parts: Parts): Buffer {
  const algorithm = algorithmIdentifier(parts.algorithm);
  const version = parts.version === undefined ? explicit(0, integer(2)) : parts.version;
  const toBeSigned = sequence(
    ...(version === null ? [] : [version]),
    parts.serial ?? randomSerial(parts.spki),
    parts.innerAlgorithm ?? algorithm,
    parts.issuer,
    sequence(parts.notBefore, parts.notAfter),
    parts.subject,
    parts.spki,
    ...(parts.beforeExtensions ?? []),
    ...(parts.extensions === null ? [] : [explicit(3, sequence(...parts.extensions))]),
    ...(parts.afterExtensions ?? []),
  );
  const signature = signatureOf(parts.algorithm, toBeSigned, parts.signer);
  return sequence(
    toBeSigned,
    parts.outerAlgorithm ?? algorithm,
    bits((parts.signature ?? ((same) => same))(signature)),
  );
}

export function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

export const extensionIds = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  issuerAltName: "2.5.29.18",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyIdentifier: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extendedKeyUsage: "2.5.29.37",
  freshestCrl: "2.5.29.46",
  inhibitAnyPolicy: "2.5.29.54",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  tlsFeature: "1.3.6.1.5.5.7.1.24",
  ipAddressBlocks: "1.3.6.1.5.5.7.1.7",
  certificateTransparency: "1.3.6.1.4.1.11129.2.4.2",
  netscapeCertType: "2.16.840.1.113730.1.1",
  unknown: "1.2.3.4",
} as const;

export type ExtensionName = keyof typeof extensionIds;

/** An AttributeTypeAndValue in an RDN of its own. */
export function attribute(type: string, value: Buffer): Buffer {
  return set(sequence(oid(type), value));
}

export const stringTags = { utf8: 0x0c, printable: 0x13, t61: 0x14, ia5: 0x16, universal: 0x1c, bmp: 0x1e } as const;

export function commonName(value: string, tag: number = stringTags.utf8): Buffer {
  return attribute("2.5.4.3", text(tag, value, "utf8"));
}

/** A name with a common name and nothing else. */
export function named(value: string): Buffer {
  return sequence(commonName(value));
}

export const generalName = {
  dns: (value: string) => implicit(2, Buffer.from(value, "latin1")),
  email: (value: string) => implicit(1, Buffer.from(value, "latin1")),
  uri: (value: string) => implicit(6, Buffer.from(value, "latin1")),
  ip: (...bytes: readonly number[]) => implicit(7, Buffer.from(bytes)),
  directory: (name: Buffer) => explicit(4, name),
  other: (type: string, value: Buffer) => explicit(0, oid(type), explicit(0, value)),
  registeredId: (type: string) => implicit(8, oid(type).subarray(2)),
} as const;

export const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
} as const;

export function keyUsage(...names: readonly (keyof typeof keyUsageBits)[]): Buffer {
  const byte = names.reduce((sum, name) => sum | (0x80 >> keyUsageBits[name]), 0);
  const last = Math.max(0, ...names.map((name) => keyUsageBits[name]));
  return names.length === 0 ? bits(Buffer.alloc(0)) : bits(Buffer.from([byte]), 7 - last);
}

export const purposes = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  ocspSigning: "1.3.6.1.5.5.7.3.9",
  any: "2.5.29.37.0",
  netscapeServerGated: "2.16.840.1.113730.4.1",
  microsoftServerGated: "1.3.6.1.4.1.311.10.3.3",
} as const;

export function extendedKeyUsage(...ids: readonly string[]): Buffer {
  return sequence(...ids.map(oid));
}

export function basicConstraints(ca: boolean, pathLength?: number): Buffer {
  return sequence(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)]));
}

/** What a key identifier is where nothing else is wanted: SHA-1 of the key (RFC 5280 §4.2.1.2). */
export function keyId(spki: Buffer): Buffer {
  return createHash("sha1").update(spki).digest();
}

export function spkiOf({ publicKey }: Keys): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

const utcTimeTag = 0x17;
const generalizedTimeTag = 0x18;

/** RFC 5280 §4.1.2.5: UTCTime to 2049, GeneralizedTime after. */
export function time(moment: number): Buffer {
  const digits = new Date(moment).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return digits < "2050" ? text(utcTimeTag, digits.slice(2)) : text(generalizedTimeTag, digits);
}

export const rawTime = {
  utc: (value: string) => text(utcTimeTag, value),
  generalized: (value: string) => text(generalizedTimeTag, value),
} as const;

const kept = new Map<string, Keys>();

/** A key pair that every case with this label shares; making one for each would take most of the time. */
export function keysFor(label: string, make: () => Keys = p256): Keys {
  const known = kept.get(label);
  if (known !== undefined) return known;
  const made = make();
  kept.set(label, made);
  return made;
}

export const p256 = (): Keys => generateKeyPairSync("ec", { namedCurve: "P-256" });
export const ec = (namedCurve: string) => (): Keys => generateKeyPairSync("ec", { namedCurve });
export const rsa =
  (modulusLength: number, publicExponent = 65_537) =>
  (): Keys =>
    generateKeyPairSync("rsa", { modulusLength, publicExponent });
export const ed25519 = (): Keys => generateKeyPairSync("ed25519");
export const dsa = (): Keys => generateKeyPairSync("dsa", { modulusLength: 2_048, divisorLength: 256 });
export const rsaPss = (): Keys => generateKeyPairSync("rsa-pss", { modulusLength: 2_048 });

/** The algorithm that a key signs with unless something else is wanted. */
export function usualAlgorithm({ privateKey }: Keys): Algorithm {
  switch (privateKey.asymmetricKeyType) {
    case "rsa":
      return "rsa-sha256";
    case "rsa-pss":
      return "pss-sha256";
    case "ed25519":
      return "ed25519";
    case "dsa":
      return "dsa-sha256";
    default:
      return "ecdsa-sha256";
  }
}

export function algorithmIdentifier(algorithm: Algorithm): Buffer {
  const id = algorithmIds[algorithm];
  const hash = pssHashIds.get(algorithm);
  if (hash !== undefined) {
    const hashIdentifier = sequence(oid(hash), nothing);
    return sequence(
      oid(id),
      sequence(
        explicit(0, hashIdentifier),
        explicit(1, sequence(oid("1.2.840.113549.1.1.8"), hashIdentifier)),
        explicit(2, integer(hashLengths.get(algorithm) ?? 32)),
      ),
    );
  }
  return algorithm.startsWith("rsa-") ? sequence(oid(id), nothing) : sequence(oid(id));
}

/** RFC 3279 §2.2, RFC 4055 §5, RFC 5758 §3, RFC 8410 §3. */
export const algorithmIds: Readonly<Record<Algorithm, string>> = {
  "ecdsa-sha1": "1.2.840.10045.4.1",
  "ecdsa-sha224": "1.2.840.10045.4.3.1",
  "ecdsa-sha256": "1.2.840.10045.4.3.2",
  "ecdsa-sha384": "1.2.840.10045.4.3.3",
  "ecdsa-sha512": "1.2.840.10045.4.3.4",
  "rsa-md5": "1.2.840.113549.1.1.4",
  "rsa-sha1": "1.2.840.113549.1.1.5",
  "rsa-sha224": "1.2.840.113549.1.1.14",
  "rsa-sha256": "1.2.840.113549.1.1.11",
  "rsa-sha384": "1.2.840.113549.1.1.12",
  "rsa-sha512": "1.2.840.113549.1.1.13",
  "pss-sha1": "1.2.840.113549.1.1.10",
  "pss-sha256": "1.2.840.113549.1.1.10",
  "pss-sha384": "1.2.840.113549.1.1.10",
  ed25519: "1.3.101.112",
  "dsa-sha256": "2.16.840.1.101.3.4.3.2",
};

const pssHashIds: ReadonlyMap<Algorithm, string> = new Map([
  ["pss-sha1", "1.3.14.3.2.26"],
  ["pss-sha256", "2.16.840.1.101.3.4.2.1"],
  ["pss-sha384", "2.16.840.1.101.3.4.2.2"],
]);
const hashLengths: ReadonlyMap<Algorithm, number> = new Map([
  ["pss-sha1", 20],
  ["pss-sha256", 32],
  ["pss-sha384", 48],
]);

function signatureOf(algorithm: Algorithm, toBeSigned: Buffer, key: KeyObject): Buffer {
  if (algorithm === "ed25519") return sign(null, toBeSigned, key);
  const hash = algorithm.slice(algorithm.indexOf("-") + 1).toUpperCase();
  const saltLength = hashLengths.get(algorithm);
  if (saltLength === undefined) return sign(hash, toBeSigned, key);
  return sign(hash, toBeSigned, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

let serials = 1_000;

/** Unlike any other of this process, and of the same length, so that sizes do not depend on chance. */
function randomSerial(spki: Buffer): Buffer {
  serials += 1;
  const digest = createHash("sha256").update(spki).update(String(serials)).digest().subarray(0, 8);
  digest.writeUInt8((digest.readUInt8(0) & 0x3f) | 0x40, 0);
  return der(0x02, digest);
}
