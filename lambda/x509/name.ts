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

/** The last common name of a name, which is the most specific one. */
export function commonName(name: Element): string | null {
  const value = attributes(name).findLast(({ oid }) => shortNames[oid] === "CN")?.value;
  return value === undefined ? null : printable(value, longestValue);
}

/** A name for comparison: without regard to string type, case and runs of spaces (RFC 5280 §7.1). */
export function canonicalName(name: Element): string {
  return JSON.stringify(
    attributes(name).map(({ oid, value }) => [oid, value.trim().replace(/\s+/g, " ").toLowerCase()]),
  );
}

function attributes(name: Element): { oid: string; value: string }[] {
  const relativeNames = children(name, tag.sequence).slice(0, 50);
  return relativeNames.flatMap((set) =>
    children(set, tag.set).flatMap((attribute) => {
      const [type, value] = elements(attribute.content, 2);
      return type === undefined || value === undefined
        ? []
        : [{ oid: objectIdentifier(type), value: characterString(value) }];
    }),
  );
}
