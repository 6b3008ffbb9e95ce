import { printable } from "../text/printable.ts";
import { children, type Element, element, elements, MalformedDer, objectIdentifier, tag } from "./der.ts";

/** The extensions of RFC 5280 §4.2 that decide a verdict or explain one. */
export type Extensions = {
  /** dNSName entries of the subject alternative name, lower case. */
  readonly dnsNames: readonly string[];
  readonly hasSubjectAltName: boolean;
  readonly isCa: boolean;
  /** Object identifiers of the extended key usage, null without the extension. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** Key usage bits by number (digitalSignature is 0), null without the extension. */
  readonly keyUsage: readonly number[] | null;
  /** Where the issuer publishes its own certificate (authority information access, caIssuers). */
  readonly caIssuers: readonly string[];
};

const oids = {
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  caIssuers: "1.3.6.1.5.5.7.48.2",
} as const;

/** Large content networks carry hundreds of names; what lies beyond this is not looked at, and counts as not there. */
const mostNames = 10_000;
const longestName = 253;
const longestUrl = 500;

/** Context tags 2 and 6 of GeneralName (RFC 5280 §4.2.1.6). */
const generalName = { dns: 0x82, uri: 0x86 } as const;

/** Reads the `[3]` field of a certificate body; absent means no extensions. */
export function readExtensions(field: Element | undefined): Extensions {
  const values = field === undefined ? new Map<string, Element>() : extensionValues(field);
  const names = values.get(oids.subjectAltName);
  const usage = values.get(oids.keyUsage);
  const purposes = values.get(oids.extendedKeyUsage);
  const constraints = values.get(oids.basicConstraints);
  return {
    hasSubjectAltName: names !== undefined,
    dnsNames: names === undefined ? [] : dnsNames(names),
    isCa: constraints !== undefined && isCa(constraints),
    keyUsage: usage === undefined ? null : bits(usage),
    extendedKeyUsage:
      purposes === undefined ? null : children(purposes, tag.sequence).slice(0, 50).map(objectIdentifier),
    caIssuers: caIssuers(values.get(oids.authorityInfoAccess)),
  };
}

function extensionValues(field: Element): Map<string, Element> {
  const values = new Map<string, Element>();
  for (const extension of children(element(field.content), tag.sequence)) {
    const parts = children(extension, tag.sequence);
    const [identifier] = parts;
    const value = parts.at(-1);
    if (identifier === undefined || value === undefined || value.tag !== tag.octetString) {
      throw new MalformedDer("extension without a value");
    }
    values.set(objectIdentifier(identifier), element(value.content));
  }
  return values;
}

function dnsNames(names: Element): string[] {
  return children(names, tag.sequence)
    .filter((name) => name.tag === generalName.dns)
    .slice(0, mostNames)
    .map((name) => printable(name.content.toString("latin1"), longestName).toLowerCase());
}

function isCa(constraints: Element): boolean {
  const [flag] = children(constraints, tag.sequence);
  return flag?.tag === tag.boolean && flag.content[0] !== 0;
}

function bits({ tag: type, content }: Element): number[] {
  if (type !== tag.bitString) throw new MalformedDer("key usage that is not a bit string");
  return [...content.subarray(1)].flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte & (0x80 >> bit)) !== 0).map((bit) => 8 * index + bit),
  );
}

function caIssuers(access: Element | undefined): string[] {
  if (access === undefined) return [];
  return children(access, tag.sequence).flatMap((description) => {
    const [method, location] = elements(description.content, 2);
    if (method === undefined || location?.tag !== generalName.uri) return [];
    if (objectIdentifier(method) !== oids.caIssuers) return [];
    return [printable(location.content.toString("latin1"), longestUrl)];
  });
}
