import { duplicateRemark } from "./document-text.ts";

/** Texts, brackets and what separates them; numbers and words of JSON need no look. */
const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]/gs;

/** Deeper than anything that a person or a tool writes. */
const deepest = 200;
/** Members, items and what opens a list or an object: more than the largest template has without a blank. */
const mostParts = 300_000;

/**
 * What makes a text too much to be a template in JSON, null for nothing: a parser would take many times its size for it.
 * Of a text that is no JSON it says the same or nothing.
 */
export function jsonExcess(text: string): string | null {
  let [depth, parts, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') isText = !isText;
    else if (isText) at += char === "\\" ? 1 : 0;
    else if (char === "{" || char === "[") [depth, parts] = [depth + 1, parts + 1];
    else if (char === "}" || char === "]") depth -= 1;
    else if (char === ",") parts += 1;
    if (depth > deepest) return "it is nested too deeply";
    if (parts > mostParts) return "it is too large";
  }
  return null;
}

/** More outputs than anybody saves in one file. */
const mostValues = 10_000;

/** The values of a text in JSON that stand one after the other; null where it is no JSON. */
export function jsonValues(text: string): readonly unknown[] | null {
  const whole = parsed(text);
  if (whole !== undefined) return [whole];
  const values: unknown[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: part, index } of text.matchAll(token)) {
    if (part === "{" || part === "[") depth += 1;
    if (part !== "}" && part !== "]") continue;
    depth -= 1;
    if (depth !== 0) continue;
    const value = parsed(text.slice(start, index + 1));
    if (value === undefined || values.length >= mostValues) return null;
    values.push(value);
    start = index + 1;
  }
  return text.slice(start).trim() === "" && values.length > 0 ? values : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const mostRemarks = 20;

/** A remark for each name that stands twice in an object of a text that is JSON. */
export function jsonDuplicates(text: string): readonly string[] {
  const remarks: string[] = [];
  const open: (Set<string> | null)[] = [];
  let last = { text: "", index: 0 };
  for (const { 0: part, index } of text.matchAll(token)) {
    if (part === "{") open.push(new Set());
    else if (part === "[") open.push(null);
    else if (part === "}" || part === "]") open.pop();
    else if (part === ":") {
      const names = open.at(-1);
      if (names?.has(last.text) === true && remarks.length < mostRemarks) {
        remarks.push(duplicateRemark(text.slice(0, last.index).split("\n").length, last.text.slice(1, -1)));
      }
      names?.add(last.text);
    }
    last = { text: part, index };
  }
  return remarks;
}
