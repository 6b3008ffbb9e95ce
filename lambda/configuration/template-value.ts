import { isObject } from "./api-value.ts";
import { placeholder } from "./placeholder.ts";
import { conditionName, type Decision, decide, parametersOf } from "./template-condition.ts";
import type { TemplateContext } from "./template-context.ts";
import { callFunction, noValue } from "./template-functions.ts";

/** What of a value is read: all of it, members of an object, or the items of a list. */
export type Shape = "all" | { readonly items: Shape } | { readonly members: Readonly<Record<string, Shape>> };

/** Deeper than any template is nested; CloudFormation takes 1 MB of it. */
const deepest = 60;

/** Where one is: how deep, and in which condition of the template; the latter empty outside of conditions. */
type Place = { readonly depth: number; readonly condition: string };

const top: Place = { depth: 0, condition: "" };

/**
 * Works out a value of a CloudFormation template with what is known before its deployment
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
 *
 * What cannot be known yet becomes text with a placeholder in its place. Never fails; what is no valid use of a function
 * is such a value too.
 *
 * @param shape what is read of it: the rest is left out, and nothing is asked for the sake of the rest
 */
export function resolveValue(value: unknown, context: TemplateContext, shape: Shape = "all"): unknown {
  const resolved = resolve(value, context, top, shape);
  return resolved === noValue ? undefined : resolved;
}

/** Whether the condition of this name holds. */
export function decideCondition(name: unknown, context: TemplateContext): Decision {
  return decideAt(name, context, top);
}

function decideAt(name: unknown, context: TemplateContext, { depth, condition: within }: Place): Decision {
  return decide(name, {
    context,
    condition: within,
    depth,
    resolve: (value, condition, at) => resolve(value, context, { depth: at, condition }, "all"),
  });
}

function resolve(value: unknown, context: TemplateContext, place: Place, shape: Shape): unknown {
  if (place.depth > deepest) return placeholder("nested too deeply");
  if (context.budget.left <= 0) return placeholder("too large");
  context.budget.left -= 1;
  const inside = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const each = shape !== "all" && "items" in shape ? shape.items : "all";
    return items.map((item) => resolve(item, context, inside, each)).filter((item) => item !== noValue);
  }
  // A dynamic reference; the name of a secret or a stored parameter is told, its value is nowhere in the template.
  if (typeof value === "string")
    return value.replace(/\{\{(resolve:[^{}]*)\}\}/g, (_, name: string) => placeholder(name));
  if (!isObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0 || !isFunction(name)) return members(value, context, inside, shape);
  if (name === "Fn::If") return choose(value[name], context, inside, shape);
  return callFunction(name, value[name], {
    context,
    condition: place.condition,
    resolve: (argument) => resolve(argument, context, inside, "all"),
  });
}

/** `Fn::ForEach::NAME` has been expanded before, where it could be. */
function isFunction(name: string): boolean {
  return name === "Ref" || (name.startsWith("Fn::") && !name.startsWith("Fn::ForEach::"));
}

function members(
  value: { readonly [name: string]: unknown },
  context: TemplateContext,
  place: Place,
  shape: Shape,
): unknown {
  const entries = Object.keys(value).flatMap((name) => {
    // A function beside other members is none that is worked out here; whoever reads the object is to see it.
    const inner = shape === "all" || isFunction(name) ? "all" : shapeOf(shape, name);
    return inner === undefined ? [] : [[name, resolve(value[name], context, place, inner)] as const];
  });
  return Object.fromEntries(entries.filter(([, member]) => member !== noValue));
}

function shapeOf(shape: Exclude<Shape, "all">, name: string): Shape | undefined {
  return "members" in shape && Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
}

function choose(argument: unknown, context: TemplateContext, place: Place, shape: Shape): unknown {
  const [condition, whenTrue, whenFalse] = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
  switch (decideAt(condition, context, place)) {
    case true:
      return resolve(whenTrue, context, place, shape);
    case false:
      return resolve(whenFalse, context, place, shape);
    case "open": {
      const name = conditionName(condition, context);
      const text = placeholder(name === null ? "Fn::If" : `Fn::If ${context.prefix}${name}`);
      context.settledBy.set(text.slice(2, -1), parametersOf(condition, context));
      return text;
    }
  }
}
