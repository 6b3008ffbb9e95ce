import { printable } from "../text/printable.ts";
import { expressionsIn, isOpen } from "./placeholder.ts";

/**
 * A value somewhere in an answer of CloudFront's API, with the path that leads there.
 *
 * Answers may be saved, cut down or written by hand, so nothing about their shape is taken for granted. The
 * readers below never fail: what cannot be used is described in the notes, and the reader says what it
 * returns instead. Messages name path, expected and got; of a value they show the type, and the text only
 * where one of few words was expected, so that a secret at the wrong place is not repeated.
 */
export type Part = { readonly path: string; readonly value: unknown };

/** What readers have to say beside their result. */
export type Notes = {
  /** What could not be read as it stands, one sentence each, and what was assumed instead. */
  readonly problems: string[];
  /** In a template: what the values hang on that only its deployment settles, and for which something was assumed. */
  readonly open: string[];
};

export function takeNotes(): Notes {
  return { problems: [], open: [] };
}

/** Notes on a part of something, whose open values are the part's own. */
export function notesOnPart({ problems }: Notes): Notes {
  return { problems, open: [] };
}

/** Whether a value is left to the deployment of a template, which is noted. */
export function isLeftOpen({ value }: Part, { open }: Notes): boolean {
  const expressions = typeof value === "string" ? expressionsIn(value) : [];
  open.push(...expressions);
  return expressions.length > 0;
}

/** Longer than anything the API allows: a domain name has 253 characters, an ARN 2,048. */
const longestText = 2_048;

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of an object; its value is undefined where there is none. `null` counts as absent. */
export function member(part: Part, name: string): Part {
  const value = isObject(part.value) && Object.hasOwn(part.value, name) ? part.value[name] : undefined;
  return { path: part.path === "" ? name : `${part.path}.${name}`, value: value ?? undefined };
}

/** `path: expected …, got …`. */
export function mismatch(part: Part, expected: string): string {
  return `${part.path === "" ? "the value" : part.path}: expected ${expected}, got ${typeName(part.value)}`;
}

export function typeName(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What a value is in outline, for a message: type and member names only, for its contents may be secrets. */
export function outline(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isObject(value)) return typeName(value);
  const names = Object.keys(value);
  if (names.length === 0) return "an empty object";
  const shown = names.slice(0, 5).map((name) => printable(name, 40));
  return `an object with ${shown.join(", ")}${names.length > shown.length ? " ..." : ""}`;
}

/** Marks a list that is written as it is, as templates have it, so that messages name it so. */
const plain = Symbol("plain list");

/** A list of a template in the API's shape; what is absent or open stays so. */
export function asApiList(value: unknown): unknown {
  const isLeftAsIs = value === undefined || value === null || (typeof value === "string" && isOpen(value));
  return isLeftAsIs ? value : { Items: value, [plain]: true };
}

/**
 * The entries of a list as the API writes it, `{ Quantity, Items }`; an absent list and a list without Items are empty.
 *
 * @param most entries beyond this number are left out and mentioned
 */
export function entries(part: Part, most: number, notes: Notes): Part[] {
  const { problems } = notes;
  if (part.value === undefined || isLeftOpen(part, notes)) return [];
  if (!isObject(part.value)) {
    problems.push(`${mismatch(part, "an object with Items")}; read as empty`);
    return [];
  }
  const items = member(part, "Items");
  const list = Object.hasOwn(part.value, plain) ? { path: part.path, value: items.value } : items;
  if (isLeftOpen(list, notes)) return [];
  const values: readonly unknown[] = Array.isArray(list.value) ? list.value : [];
  if (list.value !== undefined && !Array.isArray(list.value)) {
    problems.push(`${mismatch(list, "a list")}; read as empty`);
  }
  const quantity = member(part, "Quantity").value;
  if (typeof quantity === "number" && quantity > values.length) {
    problems.push(`${part.path}: Quantity says ${quantity}, Items holds ${values.length}; the rest is not known`);
  }
  if (values.length > most) {
    problems.push(`${list.path}: ${values.length} entries, of which the first ${most} are read`);
  }
  return values.slice(0, most).map((value, index) => ({ path: `${list.path}[${index}]`, value }));
}

/** Text, null when absent or something else; the latter is a problem. */
export function text(part: Part, { problems }: Notes): string | null {
  if (part.value === undefined) return null;
  if (typeof part.value !== "string") {
    problems.push(mismatch(part, "text"));
    return null;
  }
  if (part.value.length > longestText) {
    problems.push(`${part.path}: ${part.value.length} characters, of which the first ${longestText} are read`);
  }
  return part.value.slice(0, longestText);
}

/** The entries of a list that are text; others are problems. */
export function texts(part: Part, most: number, notes: Notes): string[] {
  return entries(part, most, notes).flatMap((entry) => text(required(entry), notes) ?? []);
}

export function flag(part: Part, absent: boolean, notes: Notes): boolean {
  if (part.value === undefined) return absent;
  if (typeof part.value === "boolean") return part.value;
  if (isLeftOpen(part, notes)) return absent;
  notes.problems.push(`${mismatch(part, "true or false")}; read as ${absent}`);
  return absent;
}

/** A number inside bounds; one outside is moved to the nearer bound, which is a problem. */
export function numberWithin(
  part: Part,
  bounds: { readonly least: number; readonly most: number; readonly absent: number },
  notes: Notes,
): number {
  const { least, most, absent } = bounds;
  if (part.value === undefined || isLeftOpen(part, notes)) return absent;
  const { problems } = notes;
  const expected = `a number from ${least} to ${most}`;
  if (typeof part.value !== "number" || Number.isNaN(part.value)) {
    problems.push(`${mismatch(part, expected)}; read as ${absent}`);
    return absent;
  }
  const nearest = Math.min(most, Math.max(least, part.value));
  if (nearest !== part.value) {
    problems.push(`${part.path}: expected ${expected}, got ${part.value}; read as ${nearest}`);
  }
  return nearest;
}

/**
 * One of a few words. A word that is not among them, perhaps from a newer API than this program knows, and a word
 * that is required but absent are problems and count as `otherwise`.
 */
export function choice<T extends string>(
  part: Part,
  words: { readonly of: readonly T[]; readonly otherwise: NoInfer<T>; readonly absent?: NoInfer<T> },
  notes: Notes,
): T {
  if (part.value === undefined && words.absent !== undefined) return words.absent;
  const known = words.of.find((word) => word === part.value);
  if (known !== undefined) return known;
  if (isLeftOpen(part, notes)) return words.otherwise;
  const got = typeof part.value === "string" ? `"${printable(part.value, 40)}"` : typeName(part.value);
  notes.problems.push(`${part.path}: expected one of ${words.of.join(", ")}, got ${got}; read as ${words.otherwise}`);
  return words.otherwise;
}

/** For readers to which an absent value is a problem like any other wrong type. */
function required(part: Part): Part {
  return part.value === undefined ? { path: part.path, value: null } : part;
}
