import { everyUnsafe, isPlain, visible } from "./printable.ts";

/**
 * A value as one line of JSON that says the same whoever reads it: every character that `printable` would show is escaped,
 * because some readers take U+0085 or U+2028 for the end of a line, and terminals obey U+009B; and so is a `#` before
 * another, with which runners of pipelines begin a command (`##[…]`, `##vso[…]`).
 */
export function jsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}

/**
 * The same for a reader that shows texts without the escapes of JSON, as the console of a log does: in every text itself,
 * what is invisible is shown as `printable` shows it.
 */
export function visibleJsonLine(value: unknown): string {
  const line = JSON.stringify(value);
  if (isPlain(line) && !remarkable.test(line)) return line;
  return escaped(
    JSON.stringify(value, (_, member: unknown) => (typeof member === "string" ? visible(member) : member)),
  );
}

function escaped(json: string): string {
  const broken = json.replaceAll(/#(?=#)/g, "\\u0023");
  return isPlain(broken) ? broken : broken.replaceAll(everyUnsafe, unitsOf);
}

function unitsOf(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
}

/** Escapes of JSON, which stand for control characters and lone surrogates, and what else is escaped in ASCII. */
const remarkable = /\\[bfnrtu]|##/;
