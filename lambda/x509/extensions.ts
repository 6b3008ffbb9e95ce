import { printable } from "../text/printable.ts";
import { children, type Element, element, elements, MalformedDer, objectIdentifier, tag } from "./der.ts";
import type { Flaw } from "./flaw.ts";
import { canonicalName } from "./name.ts";

/** The extensions of RFC 5280 §4.2 that decide a verdict or explain one. */
export type Extensions = {
  /** dNSName entries of the subject alternative name, lower case. */
  readonly dnsNames: readonly string[];
  readonly hasSubjectAltName: boolean;
  /** The subject alternative name has addresses or URIs. */
  readonly hasAddressOrUri: boolean;
  readonly hasBasicConstraints: boolean;
  readonly isCa: boolean;
  /** How many authorities may follow below, null without a limit. */
  readonly pathLength: number | null;
  /** Object identifiers of the extended key usage, null without the extension. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** Key usage bits by number (digitalSignature is 0), null without the extension. */
  readonly keyUsage: readonly number[] | null;
  /** The same of Netscape's certificate type, which both libraries still heed. */
  readonly netscapeType: readonly number[] | null;
  /** In hexadecimal, null without the extension. */
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: AuthorityKeyId | null;
  /** Domains that a certificate below must not be for (name constraints). */
  readonly excludedDomains: readonly string[];
  /** Where the issuer publishes its own certificate (authority information access, caIssuers). */
  readonly caIssuers: readonly string[];
  readonly flaws: readonly Flaw[];
};

/** What a certificate says of the one above it (RFC 5280 §4.2.1.1). Bytes in hexadecimal, null for what is left out. */
export type AuthorityKeyId = {
  readonly keyId: string | null;
  /** The issuer of the issuer, in the form in which names are compared. */
  readonly issuerKey: string | null;
  readonly serial: string | null;
};

const names = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  ipAddressBlocks: "1.3.6.1.5.5.7.1.7",
  autonomousSystems: "1.3.6.1.5.5.7.1.8",
  netscapeType: "2.16.840.1.113730.1.1",
} as const;

const authorityInfoAccess = "1.3.6.1.5.5.7.1.1";
const caIssuersMethod = "1.3.6.1.5.5.7.48.2";

/** RFC 3820, which has nothing to do with servers. */
const proxyCertificate = "1.3.6.1.5.5.7.1.14";

/** Those that a path validation takes notice of, so that they may be critical (RFC 5280 §4.2). */
const knownToBoth: ReadonlySet<string> = new Set([
  names.keyUsage,
  names.subjectAltName,
  names.basicConstraints,
  names.nameConstraints,
  names.crlDistributionPoints,
  names.extendedKeyUsage,
  names.netscapeType,
  "2.5.29.32", // certificatePolicies
  "2.5.29.33", // policyMappings
  "2.5.29.36", // policyConstraints
  "2.5.29.54", // inhibitAnyPolicy
]);
const knownToOpenssl: ReadonlySet<string> = new Set([
  names.ipAddressBlocks,
  names.autonomousSystems,
  "1.3.6.1.5.5.7.48.1.5", // id-pkix-ocsp-nocheck
  proxyCertificate,
]);

/** No server name is longer (RFC 1035 §3.1), so what is cut matches none. */
const longestName = 253;
const longestUrl = 500;

/** Context tags of GeneralName (RFC 5280 §4.2.1.6); the constructed form of a string is BER's. */
const generalName = { dns: 0x82, dnsConstructed: 0xa2, directory: 0xa4, uri: 0x86, address: 0x87 } as const;
const generalNameTags: ReadonlySet<number> = new Set([
  0x81, 0x82, 0x86, 0x87, 0x88, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
]);

/**
 * Reads the `[3]` field of a certificate body; absent means no extensions.
 *
 * What no rule needs is not looked into, whatever its value is. Where a needed one cannot be decoded it counts as
 * absent, and a flaw says so: both libraries refuse such a certificate.
 */
export function readExtensions(field: Element | undefined): Extensions {
  const found = field === undefined ? new Map<string, Frame>() : frames(field);
  const flaws = [...found].flatMap(([oid, frame]) => criticality(oid, frame));
  const read = <T>(name: keyof typeof names, decode: (value: Element) => T): T | null => {
    const frame = found.get(names[name]);
    if (frame === undefined) return null;
    if (frame.times > 1) flaws.push({ what: `has the extension ${name} ${frame.times} times`, refusedBy: "both" });
    try {
      const value = element(frame.value);
      const decoded = decode(value);
      if (value.encoding.length < frame.value.length && !knownToOpenssl.has(names[name])) {
        flaws.push({ what: `has further bytes behind the value of its extension ${name}`, refusedBy: "aws" });
      }
      return decoded;
    } catch (error) {
      if (!(error instanceof MalformedDer)) throw error;
      const refusedBy = knownToOpenssl.has(names[name]) ? "openssl" : "both";
      flaws.push({ what: `has an extension ${name} that cannot be decoded (${error.message})`, refusedBy });
      return null;
    }
  };
  const alternatives = read("subjectAltName", alternativeNames);
  const constraints = read("basicConstraints", basicConstraints);
  const usage = read("keyUsage", bitString);
  if (constraints?.isCa === false && constraints.pathLength !== null) {
    flaws.push({ what: "limits the length of a path and is no authority", refusedBy: "aws" });
  }
  if (usage !== null) flaws.push(...usageFlaws(usage));
  const domains = read("nameConstraints", constrainedDomains);
  if (domains?.permitted.some((domain) => domain.endsWith("."))) {
    flaws.push({ what: "permits a domain that is written with a dot at its end", refusedBy: "openssl" });
  }
  read("crlDistributionPoints", distributionPoints);
  if (found.has(proxyCertificate)) flaws.push({ what: "is a proxy certificate", refusedBy: "openssl" });
  read("ipAddressBlocks", sequenceOfSequences);
  read("autonomousSystems", (value) => children(value, tag.sequence));
  return {
    hasSubjectAltName: found.has(names.subjectAltName),
    dnsNames: alternatives?.dnsNames ?? [],
    hasAddressOrUri: alternatives?.hasAddressOrUri ?? false,
    hasBasicConstraints: constraints !== null,
    isCa: constraints?.isCa ?? false,
    pathLength: constraints?.pathLength ?? null,
    keyUsage: usage === null ? null : usage.numbers,
    netscapeType: read("netscapeType", bitString)?.numbers ?? null,
    extendedKeyUsage: read("extendedKeyUsage", (value) => children(value, tag.sequence).map(asIdentifier)),
    subjectKeyId: read("subjectKeyIdentifier", (value) => contentOf(value, tag.octetString).toString("hex")),
    authorityKeyId: read("authorityKeyIdentifier", authorityKeyId),
    excludedDomains: domains?.excluded ?? [],
    caIssuers: caIssuers(found.get(authorityInfoAccess)),
    flaws,
  };
}

/** One extension as it stands in the list: whether it is critical, the bytes of its value, and how often it is there. */
type Frame = { readonly critical: boolean; readonly value: Buffer; readonly times: number };

function frames(field: Element): Map<string, Frame> {
  const found = new Map<string, Frame>();
  for (const extension of children(element(field.content), tag.sequence)) {
    const parts = children(extension, tag.sequence);
    const [identifier, flag] = parts;
    const value = parts.at(-1);
    if (identifier === undefined || value === undefined || value.tag !== tag.octetString) {
      throw new MalformedDer("extension without a value");
    }
    const oid = objectIdentifier(identifier);
    const before = found.get(oid);
    const critical = (flag?.tag === tag.boolean && isTrue(flag)) || before?.critical === true;
    found.set(oid, { critical, value: before?.value ?? value.content, times: (before?.times ?? 0) + 1 });
  }
  return found;
}

function criticality(oid: string, { critical }: Frame): Flaw[] {
  if (!critical || knownToBoth.has(oid)) return [];
  const what = `marks the extension ${oid} as critical, which validation does not know`;
  return [{ what, refusedBy: knownToOpenssl.has(oid) ? "aws" : "both" }];
}

function alternativeNames(value: Element): { dnsNames: string[]; hasAddressOrUri: boolean } {
  const entries = children(value, tag.sequence);
  const strange = entries.find((entry) => !generalNameTags.has(entry.tag));
  if (strange !== undefined) throw new MalformedDer(`tag ${strange.tag} is no kind of name`);
  return {
    dnsNames: entries.flatMap((entry) => {
      if (entry.tag === generalName.dns) return [nameText(entry.content)];
      if (entry.tag === generalName.dnsConstructed) return [nameText(joined(entry))];
      return [];
    }),
    hasAddressOrUri: entries.some(({ tag: type }) => type === generalName.address || type === generalName.uri),
  };
}

function nameText(bytes: Buffer): string {
  return printable(bytes.toString("latin1"), longestName).toLowerCase();
}

/** The contents of a string in pieces (X.690 §8.21.3). */
function joined({ content }: Element): Buffer {
  return Buffer.concat(elements(content).map((piece) => piece.content));
}

function basicConstraints(value: Element): { isCa: boolean; pathLength: number | null } {
  const parts = children(value, tag.sequence);
  const flag = parts[0]?.tag === tag.boolean ? parts.shift() : undefined;
  const length = parts.shift();
  if (parts.length > 0) throw new MalformedDer("more than two parts");
  return {
    isCa: flag !== undefined && isTrue(flag),
    pathLength: length === undefined ? null : pathLength(contentOf(length, tag.integer)),
  };
}

function pathLength(digits: Buffer): number {
  if (digits.length === 0 || digits.readUInt8(0) >= 0x80) throw new MalformedDer("path length that is no number");
  return digits.length > 4 ? Number.MAX_SAFE_INTEGER : digits.readUIntBE(0, digits.length);
}

function isTrue({ content }: Element): boolean {
  if (content.length !== 1) throw new MalformedDer("boolean that is not one byte");
  return content[0] !== 0;
}

type BitString = { readonly numbers: readonly number[]; readonly isPadded: boolean };

/** Bits beyond the length that is given do not count (X.690 §8.6.2). */
function bitString(value: Element): BitString {
  const content = contentOf(value, tag.bitString);
  const [unused, ...bytes] = content;
  if (unused === undefined || unused > 7 || (unused > 0 && bytes.length === 0)) {
    throw new MalformedDer("bit string of an impossible length");
  }
  const last = bytes.at(-1) ?? 0;
  const padding = last & (0xff >> (8 - unused));
  if (bytes.length > 0) bytes[bytes.length - 1] = last - padding;
  const numbers = bytes.flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte & (0x80 >> bit)) !== 0).map((bit) => 8 * index + bit),
  );
  return { numbers, isPadded: padding !== 0 };
}

function usageFlaws({ numbers, isPadded }: BitString): Flaw[] {
  if (numbers.length === 0) return [{ what: "has a key usage that allows nothing", refusedBy: "both" }];
  return isPadded ? [{ what: "has a key usage with bits beyond its length", refusedBy: "aws" }] : [];
}

function authorityKeyId(value: Element): AuthorityKeyId {
  const parts = new Map(children(value, tag.sequence).map((part) => [part.tag, part]));
  const strange = [...parts.keys()].find((type) => type !== 0x80 && type !== 0xa1 && type !== 0x82);
  if (strange !== undefined) throw new MalformedDer(`tag ${strange} is no part of it`);
  const issuer = parts.get(0xa1);
  const directory =
    issuer === undefined ? [] : elements(issuer.content).filter((each) => each.tag === generalName.directory);
  return {
    keyId: parts.get(0x80)?.content.toString("hex") ?? null,
    issuerKey: directory[0] === undefined ? null : canonicalName(element(directory[0].content)),
    serial: parts.get(0x82)?.content.toString("hex") ?? null,
  };
}

/** The domains of a NameConstraints extension, RFC 5280 §4.2.1.10: `[0]` permitted, `[1]` excluded. */
function constrainedDomains(value: Element): { permitted: string[]; excluded: string[] } {
  const parts = children(value, tag.sequence);
  if (parts.some((part) => part.tag !== 0xa0 && part.tag !== 0xa1)) {
    throw new MalformedDer("neither permitted nor excluded");
  }
  const of = (type: number) =>
    parts.filter((part) => part.tag === type).flatMap((part) => elements(part.content).flatMap(domainOf));
  return { permitted: of(0xa0), excluded: of(0xa1) };
}

function domainOf(subtree: Element): string[] {
  const [base] = children(subtree, tag.sequence);
  if (base === undefined) throw new MalformedDer("constraint without a name");
  return base.tag === generalName.dns ? [nameText(base.content)] : [];
}

function distributionPoints(value: Element): void {
  for (const point of sequenceOfSequences(value)) {
    const strange = elements(point.content).find((part) => part.tag < 0x80);
    if (strange !== undefined) throw new MalformedDer(`tag ${strange.tag} is no part of a distribution point`);
  }
}

function sequenceOfSequences(value: Element): Element[] {
  const parts = children(value, tag.sequence);
  for (const part of parts) children(part, tag.sequence);
  return parts;
}

function asIdentifier(value: Element): string {
  if (value.tag !== tag.oid) throw new MalformedDer(`tag ${value.tag}, an object identifier expected`);
  return objectIdentifier(value);
}

function contentOf(value: Element, expected: number): Buffer {
  if (value.tag !== expected) throw new MalformedDer(`tag ${value.tag}, ${expected} expected`);
  return value.content;
}

/** Only advice hangs on it, so what cannot be decoded is left out. */
function caIssuers(access: Frame | undefined): string[] {
  if (access === undefined) return [];
  try {
    return children(element(access.value), tag.sequence).flatMap((description) => {
      const [method, location] = elements(description.content);
      if (method === undefined || location?.tag !== generalName.uri) return [];
      if (objectIdentifier(method) !== caIssuersMethod) return [];
      return [printable(location.content.toString("latin1"), longestUrl)];
    });
  } catch (error) {
    if (error instanceof MalformedDer) return [];
    throw error;
  }
}
