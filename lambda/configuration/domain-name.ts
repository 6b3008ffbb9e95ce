import { printable } from "../text/printable.ts";
import { expressionsIn } from "./placeholder.ts";

export type DomainName =
  /** In lower case, without a trailing dot. */
  | { readonly kind: "name"; readonly name: string }
  /** Holds parameters of a multi-tenant distribution, `{{parameter}}`, whose values the tenants set. */
  | { readonly kind: "parameters"; readonly parameters: readonly string[] }
  /** Holds `${…}`: something of a template that only its deployment settles. */
  | { readonly kind: "open"; readonly expressions: readonly string[] }
  | { readonly kind: "invalid"; readonly detail: string };

/**
 * Reads the domain name of an origin.
 *
 * CloudFront takes names of at most 253 characters, no IP address and no colon
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html), and its API answers
 * "The parameter origin name must be a domain name" to the like; the lengths of labels are those of RFC 1035 §2.3.4.
 * Underscores are let through: they are no host name characters, but names with them resolve and are in use.
 */
export function readDomainName(text: string): DomainName {
  // Names are read often, and nearly none holds a brace.
  if (text.includes("{")) {
    const parameters = [...text.matchAll(/\{\{([^{}]+)\}\}/g)].map(([, name]) => printable(name?.trim() ?? "", 64));
    if (parameters.length > 0) return { kind: "parameters", parameters: [...new Set(parameters)].slice(0, 10) };
    const expressions = expressionsIn(text);
    if (expressions.length > 0) return { kind: "open", expressions };
  }
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  const fault = faultOf(name);
  if (fault !== null) return { kind: "invalid", detail: `"${printable(text, 60)}" ${fault}` };
  return { kind: "name", name: name.toLowerCase() };
}

function faultOf(name: string): string | null {
  if (name === "") return "is empty";
  if (name.includes(":")) return "contains a colon";
  // Before the name is put in lower case: some letters beyond ASCII have an ASCII letter as their lower case.
  if (!/^[\x21-\x7e]*$/.test(name)) return "contains a space or a character that is not ASCII";
  if (name.length > 253) return `has ${name.length} characters, more than the 253 of a domain name`;
  const labels = name.split(".");
  if (labels.some((label) => label === "")) return "has an empty label";
  if (labels.some((label) => label.length > 63)) return "has a label of more than 63 characters";
  if (!/^[a-z0-9._-]*$/i.test(name)) return "contains a character that no domain name has";
  if (endsInNumber(labels)) return "is an IP address, not a domain name";
  return null;
}

/** Resolvers read `192.0.2.1`, but also `127.1` and `0x7f.1`, as addresses; no top-level domain looks like that (RFC 3696 §2). */
function endsInNumber(labels: readonly string[]): boolean {
  return /^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? "");
}
