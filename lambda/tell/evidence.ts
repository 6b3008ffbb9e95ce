import type { Evidence, Json } from "../judge/finding.ts";
import { printable } from "../text/printable.ts";
import { enumerated } from "./phrase.ts";

/** Evidence as lines of text: what was expected and what was seen first, then the rest. */
export function evidenceLines(evidence: Evidence): readonly string[] {
  const names = Object.keys(evidence).sort((a, b) => rank(a) - rank(b));
  const lines = names.slice(0, maxLines).map((name) => `${label(name)}: ${valueText(evidence[name] ?? null)}`);
  return names.length > maxLines ? [...lines, `and ${names.length - maxLines} more facts in the log`] : lines;
}

const maxLines = 12;
const maxValue = 400;

function rank(name: string): number {
  const place = ["expected", "seen"].indexOf(name);
  return place < 0 ? 2 : place;
}

/** `notAfter` becomes `Not after`. */
function label(name: string): string {
  if (name === "sha256") return "SHA-256";
  const words = printable(name, 60)
    .replace(/([a-z0-9])([A-Z])(?=[a-z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`)
    .replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function valueText(value: Json): string {
  return printable(spelledOut(value, 0), maxValue);
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
