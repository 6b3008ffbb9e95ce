import { printable } from "../text/printable.ts";

/** Finished HTML. Nothing outside this file can make it of a text, so no text passes for markup by accident. */
export type Markup = Written;

/** What a template takes: text is escaped, `null` leaves nothing behind. */
export type Content = string | number | null | Markup | readonly Markup[];

class Written {
  readonly #html: string;

  constructor(html: string) {
    this.#html = html;
  }

  toString(): string {
    return this.#html;
  }
}

/**
 * Writes HTML. Every text put into it is made printable and escaped, as content and as the value of an attribute; values
 * of attributes stand in double quotes. Any other place, such as a script, a style or the name of a tag, is refused: a
 * template that asks for one is a bug, and fails when it is first used.
 *
 * Line breaks of the template itself go, with the indentation after them.
 */
export function html(template: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const { literals, places } = read(template);
  const parts = contents.map((content, index) => written(content, places[index]) + (literals[index + 1] ?? ""));
  return new Written((literals[0] ?? "") + parts.join(""));
}

/** A link where the address is one of the web, and nothing but its text where it is not. */
export function link(address: string, text: string): Markup {
  if (!/^https:\/\/[a-z0-9]/i.test(address)) return html`${text}`;
  return new Written(`<a href="${escaped(address)}" rel="noreferrer">${escaped(text)}</a>`);
}

/** JSON as the content of an element, in ASCII without a character that HTML knows: it reads the same either way. */
export function jsonContent(value: unknown): Markup {
  const json = JSON.stringify(value).replace(
    /[<>&']|[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new Written(json);
}

/** A style sheet of ours. */
export function styleElement(css: string): Markup {
  if (/<\/|<!--/.test(css)) throw new Error("a style sheet cannot hold tags");
  return new Written(`<style>${css}</style>`);
}

/** Bytes of UTF-8. */
export function sizeOf(markup: Markup): number {
  return Buffer.byteLength(markup.toString());
}

/** Where a template has a hole: between tags, or in the value of an attribute. */
type Place = { readonly kind: "content" } | { readonly kind: "attribute"; readonly name: string };

type Read = { readonly literals: readonly string[]; readonly places: readonly Place[] };

const known = new WeakMap<TemplateStringsArray, Read>();

function read(template: TemplateStringsArray): Read {
  let found = known.get(template);
  if (found === undefined) {
    const literals = template.map((literal) => literal.replace(/\n\s*/g, ""));
    const places = literals.slice(0, -1).map((_, index) => placeAfter(literals.slice(0, index + 1).join("0")));
    found = { literals, places };
    known.set(template, found);
  }
  return found;
}

function placeAfter(before: string): Place {
  if (/(?:^|>)[^<>]*$/.test(before) && !/<(?:script|style)\b[^<>]*>[^<>]*$/i.test(before)) return { kind: "content" };
  const [, name = "", start = ""] = /<[a-z][^<>]*\s([a-z-]+)="([^"<>]*)$/.exec(before) ?? [];
  // An address may only lead to a place on the same page here; `link` is for others.
  const isPlain = plainAttributes.test(name) || (name === "href" && start.startsWith("#"));
  if (!isPlain) throw new Error(`nothing may be put here: ${before.slice(-60)}`);
  return { kind: "attribute", name };
}

/** Those whose value is text and nothing else, whatever it says; the last ones are sizes in a picture. */
const plainAttributes =
  /^(?:aria-[a-z]+|class|content|data-[a-z]+|datetime|display|endpoint|for|id|lang|title|value|x|y|width|height)$/;

function written(content: Content, place: Place | undefined): string {
  if (content === null) return "";
  if (typeof content === "string" || typeof content === "number") return escaped(String(content));
  if (place?.kind !== "content") throw new Error("markup cannot be the value of an attribute");
  return content instanceof Written ? content.toString() : content.map((part) => written(part, place)).join("");
}

/** Longer than anything that is shown. */
const longest = 8_000;

function escaped(text: string): string {
  return printable(text, longest).replace(/[&<>"'`]|#(?=#)/g, (character) => `&#${character.charCodeAt(0)};`);
}
