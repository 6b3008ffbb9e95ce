import { isObject } from "./api-value.ts";
import { expressionsIn, isOpen, placeholder } from "./placeholder.ts";
import { answer, type Question } from "./template-branch.ts";
import type { TemplateContext } from "./template-context.ts";
import { asText, expressionsInside } from "./template-open.ts";

/** `open` is not decided by what is known. */
export type Decision = boolean | "open";

/** A condition that is being decided: the one that the template uses, and how deep in others. */
type Test = {
  readonly context: TemplateContext;
  readonly condition: string;
  readonly depth: number;
  /** Works out what is compared, in this condition. */
  readonly resolve: (value: unknown, condition: string, depth: number) => unknown;
};

/** Deeper than conditions are nested. */
const deepest = 60;

/**
 * Whether the condition of this name holds
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html).
 */
export function decide(written: unknown, test: Test): Decision {
  const { conditions } = test.context;
  const name = conditionName(written, test.context);
  if (name === null || !isObject(conditions) || !Object.hasOwn(conditions, name)) return "open";
  // Of conditions that refer to others, the one is named that the template uses.
  return holds(conditions[name], { ...test, depth: test.depth + 1, condition: test.condition || name });
}

/** The name of a condition where one is used, null for what is none. YAML reads a name such as `On` as true. */
export function conditionName(written: unknown, { conditions }: TemplateContext): string | null {
  if (typeof written === "string") return written;
  if (typeof written !== "boolean" || !isObject(conditions)) return null;
  const form = written ? /^(?:true|yes|on)$/i : /^(?:false|no|off)$/i;
  return Object.keys(conditions).find((name) => form.test(name)) ?? null;
}

function holds(rule: unknown, test: Test): Decision {
  const { budget } = test.context;
  if (test.depth > deepest || budget.left <= 0 || !isObject(rule)) return "open";
  budget.left -= 1;
  const [name = ""] = Object.keys(rule);
  const argument = rule[name];
  const operands: readonly unknown[] = Array.isArray(argument) ? argument : [];
  const inside = { ...test, depth: test.depth + 1 };
  switch (name) {
    case "Condition":
      return decide(argument, test);
    case "Fn::Equals":
      return equal(operands, inside);
    case "Fn::Not":
      return negated(holds(operands[0], inside));
    case "Fn::And":
      return all(operands, inside, holds);
    case "Fn::Or":
      return negated(all(operands, inside, (operand, each) => negated(holds(operand, each))));
    default:
      return "open";
  }
}

function equal(operands: readonly unknown[], { context, condition, depth, resolve }: Test): Decision {
  const [left, right] = operands.map((operand) => asText(resolve(operand, condition, depth)));
  if (left === undefined || right === undefined || left === null || right === null) return "open";
  if (left === right) return true;
  if (!isOpen(left) && !isOpen(right)) return false;
  const question = questionOf(left, right, context, condition);
  return question === null ? false : answer(context.branch, question, condition);
}

/** What is to be known for two texts to be compared, of which one is open; null where they cannot be the same. */
function questionOf(left: string, right: string, context: TemplateContext, condition: string): Question | null {
  const [text, value] = isOpen(left) ? [left, right] : [right, left];
  const [expression = ""] = expressionsIn(text);
  const parameter = expression.slice(context.prefix.length);
  if (!isOpen(value) && text === placeholder(`${context.prefix}${parameter}`) && context.isParameter(parameter)) {
    const allowed = context.allowedValues.get(parameter);
    return allowed?.includes(value) === false ? null : { kind: "parameter", parameter, value };
  }
  const parameters = expressionsInside([left, right]).flatMap((each) => context.settledBy.get(each) ?? []);
  return { kind: "test", test: [left, right].toSorted().join(" = "), parameters: [...new Set(parameters)], condition };
}

function negated(decision: Decision): Decision {
  return decision === "open" ? "open" : !decision;
}

/** One that does not hold decides, so that nothing needs to be asked for the sake of the others. */
function all(operands: readonly unknown[], test: Test, isTrue: (operand: unknown, test: Test) => Decision): Decision {
  const { asked } = test.context.branch;
  const first = asked?.first ?? null;
  let decision: Decision = operands.length === 0 ? "open" : true;
  for (const operand of operands) {
    const one = isTrue(operand, test);
    if (one === false) {
      if (asked !== null) asked.first = first;
      return false;
    }
    if (one === "open") decision = "open";
  }
  return decision;
}

/** The parameters that a condition refers to, directly or by other conditions. */
export function parametersOf(name: unknown, context: TemplateContext): readonly string[] {
  const { conditions, isParameter } = context;
  const found = new Set<string>();
  const seen = new Set<unknown>();
  const lookup = (written: unknown) => {
    const condition = conditionName(written, context);
    if (condition !== null && isObject(conditions) && Object.hasOwn(conditions, condition))
      collect(conditions[condition]);
  };
  const collect = (part: unknown): void => {
    if (typeof part !== "object" || part === null || seen.has(part) || seen.size > 1_000) return;
    seen.add(part);
    for (const [key, value] of Object.entries(part)) {
      if (key === "Ref" && typeof value === "string" && isParameter(value)) found.add(value);
      if (key === "Condition") lookup(value);
      collect(value);
    }
  };
  lookup(name);
  return [...found];
}
