import { printable } from "../text/printable.ts";
import { characterString, children, type Element, elements, objectIdentifier, tag } from "./der.ts";

/** Attribute types that are common in subjects, with their short names (RFC 4514 §3 and RFC 4519). */
const shortNames: { readonly [oid: string]: string } = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.97": "organizationIdentifier",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

const longestValue = 200;

/** A distinguished name for people: `CN=api.example.com, O=Example, C=GB`, the common name first. */
export function distinguishedName(name: Element): string {
  const parts = attributes(name).map(({ oid, value }) => `${shortNames[oid] ?? oid}=${printable(value, longestValue)}`);
  return parts.toReversed().join(", ").slice(0, 1_000) || "(empty name)";
}

/** A common name of a subject: its text, and whether it has one of the two string types of today (RFC 5280 §4.1.2.4). */
export type CommonName = { readonly text: string; readonly isUsualString: boolean };

/** The common names of a name, the most specific one last. */
export function commonNames(name: Element): readonly CommonName[] {
  return attributes(name)
    .filter(({ oid }) => shortNames[oid] === "CN")
    .map(({ value, type }) => ({
      text: printable(value, longestValue),
      isUsualString: type === tag.utf8String || type === tag.printableString,
    }));
}

/**
 * A name for comparison: without regard to string type, ASCII case and runs of spaces (RFC 5280 §7.1, as OpenSSL does
 * it); what is no string is compared as it is.
 */
export function canonicalName(name: Element): string {
  return JSON.stringify(relativeNames(name).map((attributes) => attributes.map(canonical).sort()));
}

function canonical({ oid, value, type }: Attribute): string {
  return comparedAsText.has(type) ? `${oid}=${asciiFolded(value)}` : `${oid}#${type}#${value}`;
}

const comparedAsText: ReadonlySet<number> = new Set([
  tag.utf8String,
  tag.printableString,
  tag.teletexString,
  tag.ia5String,
  tag.visibleString,
  tag.universalString,
  tag.bmpString,
]);

function asciiFolded(text: string): string {
  return text
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/[ \t\n\v\f\r]+/g, " ")
    .replace(/^ | $/g, "");
}

type Attribute = { readonly oid: string; readonly type: number; readonly value: string };

function attributes(name: Element): Attribute[] {
  return relativeNames(name).flat();
}

function relativeNames(name: Element): Attribute[][] {
  return children(name, tag.sequence).map((set) =>
    children(set, tag.set).flatMap((attribute) => {
      const [type, value] = elements(attribute.content);
      return type === undefined || value === undefined
        ? []
        : [{ oid: objectIdentifier(type), type: value.tag, value: characterString(value) }];
    }),
  );
}
