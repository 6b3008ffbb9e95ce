import { isObject } from "./api-value.ts";
import { expressionsIn, placeholder } from "./placeholder.ts";
import type { TemplateContext } from "./template-context.ts";

/** Long enough to tell two of them apart. */
const longest = 200;

/** Far longer than any name, port or pattern. */
const longestText = 100_000;
/** So many characters that are put together count like one value. */
const charactersOfAValue = 100;

/** A text of parts, of which a small template can have many and long ones; what is too long stays open. */
export function joined(parts: readonly string[], separator: string, { budget }: TemplateContext): string {
  const length = parts.reduce((sum, part) => sum + part.length + separator.length, 0);
  budget.left -= Math.floor(length / charactersOfAValue);
  return length > longestText || budget.left <= 0 ? placeholder("too large") : parts.join(separator);
}

/**
 * A placeholder for a function over these values, which is another one for other values. What settles them settles it.
 *
 * @param values worked out
 */
export function openCall(name: string, values: readonly unknown[], { settledBy }: TemplateContext): string {
  const text = placeholder([name, ...values.map(inWords)].join(" ").slice(0, longest));
  const parameters = values.flatMap(expressionsInside).flatMap((expression) => settledBy.get(expression) ?? []);
  if (parameters.length > 0) settledBy.set(text.slice(2, -1), [...new Set(parameters)]);
  return text;
}

/** What the placeholders anywhere in a value stand for. */
export function expressionsInside(value: unknown): readonly string[] {
  if (typeof value === "string") return expressionsIn(value);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(expressionsInside) : [];
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return inWordsOf(value);
  const text = asText(value) ?? (isObject(value) ? JSON.stringify(value) : "");
  return text.slice(0, 2 * longest).replaceAll(/\$\{([^{}]*)\}/g, "$1");
}

/** No more of a list than is shown of it. */
function inWordsOf(list: readonly unknown[]): string {
  let text = "";
  for (const each of list) {
    text += `${text === "" ? "" : " "}${inWords(each)}`;
    if (text.length > longest) break;
  }
  return text;
}

/** Text, or a number or boolean in CloudFormation's spelling; null for anything else. */
export function asText(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}
