import { isObject } from "./api-value.ts";
import { isOpen } from "./placeholder.ts";
import type { TemplateContext } from "./template-context.ts";
import { asText, joined } from "./template-open.ts";
import { resolveValue } from "./template-value.ts";

const prefix = "Fn::ForEach::";

/** Deeper than loops are nested; CloudFormation takes five. */
const deepest = 10;

export type Unrolled = {
  readonly members: { readonly [name: string]: unknown };
  /** Loops whose list is not known, or that are none: they stand in `members` as they are. */
  readonly left: readonly string[];
};

/**
 * The members of an object with its loops written out
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html).
 */
export function unrolled(object: { readonly [name: string]: unknown }, context: TemplateContext, depth = 0): Unrolled {
  const names = Object.keys(object);
  if (!names.some((name) => name.startsWith(prefix))) return { members: object, left: [] };
  const members = new Map<string, unknown>();
  const left: string[] = [];
  for (const name of names) {
    const turns = name.startsWith(prefix) && depth < deepest ? turnsOf(object[name], context) : null;
    if (turns === null) {
      members.set(name, object[name]);
      if (name.startsWith(prefix)) left.push(name);
      continue;
    }
    for (const turn of turns) {
      const inner = unrolled(turn, context, depth + 1);
      for (const [key, value] of Object.entries(inner.members)) members.set(key, value);
      left.push(...inner.left);
    }
  }
  return { members: Object.fromEntries(members), left };
}

/** What a loop makes in each turn, null where that is not known. */
function turnsOf(loop: unknown, context: TemplateContext): { readonly [name: string]: unknown }[] | null {
  const [variable, list, body] = Array.isArray(loop) ? (loop as readonly unknown[]) : [];
  const items = resolveValue(list, context);
  if (typeof variable !== "string" || !Array.isArray(items) || !isObject(body)) return null;
  const values = items.map(asText);
  if (values.some((value) => value === null || isOpen(value))) return null;
  return values.map((value) => {
    const turn = replaced(body, variable, value ?? "", context, 0);
    return isObject(turn) ? turn : {};
  });
}

/** `${Variable}` and `{"Ref": "Variable"}` become the value; `&{Variable}` only what a logical id may have of it. */
function replaced(value: unknown, variable: string, by: string, context: TemplateContext, depth: number): unknown {
  context.budget.left -= 1;
  if (depth > 60 || context.budget.left <= 0) return undefined;
  const inText = (text: string) => {
    const whole = put(text, `\${${variable}}`, by, context);
    return put(whole, `&{${variable}}`, by.replaceAll(/[^A-Za-z0-9]/g, ""), context);
  };
  if (typeof value === "string") return inText(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, variable, by, context, depth + 1));
  if (!isObject(value)) return value;
  const names = Object.keys(value);
  if (names.length === 1 && value.Ref === variable) return by;
  return Object.fromEntries(
    names.map((name) => [inText(name), replaced(value[name], variable, by, context, depth + 1)]),
  );
}

function put(text: string, sign: string, by: string, context: TemplateContext): string {
  return text.includes(sign) ? joined(text.split(sign), by, context) : text;
}
