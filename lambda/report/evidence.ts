import type { Evidence, Json } from "../judge/evidence.ts";
import { instant } from "../text/instant.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/** Evidence for people. */
export type Facts = {
  /** What was expected and what was seen first, then the rest. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** How many did not fit. */
  readonly more: number;
};

export function factsOf(evidence: Evidence): Facts {
  const names = Object.keys(evidence).sort((a, b) => rank(a) - rank(b));
  const facts = names.slice(0, maxFacts).map((name) => ({
    label: label(name),
    value: valueText(evidence[name] ?? null),
  }));
  return { facts, more: names.length - facts.length };
}

/** Evidence as lines of text. */
export function evidenceLines(evidence: Evidence): readonly string[] {
  const { facts, more } = factsOf(evidence);
  const lines = facts.map(({ label: name, value }) => `${name}: ${value}`);
  return more > 0 ? [...lines, `and ${more} more facts in the log`] : lines;
}

/** A time as programs write it. */
const isoTime = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

const maxFacts = 12;
const maxValue = 400;

function rank(name: string): number {
  const place = ["expected", "seen"].indexOf(name);
  return place < 0 ? 2 : place;
}

/** Where the name in JSON is no word for people. */
const labels: ReadonlyMap<string, string> = new Map([
  ["sha256", "SHA-256"],
  ["seen", "Found"],
  ["publishedAt", "Published at (according to the certificate)"],
]);

/** `notAfter` becomes `Not after`. */
function label(name: string): string {
  const known = labels.get(name);
  if (known !== undefined) return known;
  const words = printable(name, 60)
    .replace(/([a-z0-9])([A-Z])(?=[a-z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`)
    .replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function valueText(value: Json): string {
  return printable(
    spelledOut(value, 0).replaceAll(isoTime, (time) => instant(time)),
    maxValue,
  );
}

function spelledOut(value: Json, depth: number): string {
  if (value === null) return "nothing";
  if (typeof value !== "object")
    return typeof value === "boolean" ? (value ? "yes" : "no") : printable(String(value), maxValue);
  if (depth > 2) return "...";
  if (isList(value)) {
    if (value.length === 0) return "none";
    const entries = value.slice(0, 11).map((entry) => spelledOut(entry, depth + 1));
    const more = value.length - entries.length;
    return enumerated(more > 0 ? [...entries.slice(0, 10), `${more + 1} more`] : entries, 12);
  }
  const entries = Object.entries(value).slice(0, 10);
  return entries.map(([name, entry]) => `${printable(name, 60)} ${spelledOut(entry, depth + 1)}`).join(", ");
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
