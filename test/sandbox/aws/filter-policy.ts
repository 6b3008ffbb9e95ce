/**
 * A filter policy of a subscription: names of attributes, and for each what lets a message through
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html).
 */
export type FilterPolicy = Readonly<Record<string, readonly Condition[]>>;
type Condition = string | number | boolean | null | Readonly<Record<string, unknown>>;
type Attribute = { readonly dataType: string; readonly value: string };
type Value = string | number | boolean | null;

/** SNS takes no policy with more (https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html). */
const [mostKeys, mostCombinations] = [5, 150];

/**
 * Reads a policy as SNS does when it is set.
 *
 * @throws where SNS would refuse it, or where this evaluator does not know what it asks for
 */
export function readFilterPolicy(text: string): FilterPolicy {
  const policy = JSON.parse(text) as unknown;
  if (policy === null || typeof policy !== "object" || Array.isArray(policy)) throw new Error("expected an object");
  const entries = Object.entries(policy as Readonly<Record<string, unknown>>);
  if (entries.length > mostKeys) throw new Error(`more than ${mostKeys} attributes`);
  let combinations = 1;
  for (const [name, conditions] of entries) {
    if (!Array.isArray(conditions) || conditions.length === 0) throw new Error(`${name}: expected a list`);
    combinations *= conditions.length;
    for (const condition of conditions as readonly Condition[]) matches(condition, "");
  }
  if (combinations > mostCombinations) throw new Error(`more than ${mostCombinations} combinations`);
  return policy as FilterPolicy;
}

/** Whether a message reaches the subscription: every attribute of the policy is there, and one of its conditions holds. */
export function letsThrough(policy: FilterPolicy, attributes: Readonly<Record<string, Attribute>>): boolean {
  return Object.entries(policy).every(([name, conditions]) => {
    const attribute = attributes[name];
    return conditions.some((condition) => {
      const exists = existsOf(condition);
      if (exists !== null) return exists === (attribute !== undefined);
      return attribute !== undefined && valuesOf(attribute).some((value) => matches(condition, value));
    });
  });
}

/** Of a list each of its values counts by itself: one that matches is enough. */
function valuesOf({ dataType, value }: Attribute): readonly Value[] {
  switch (dataType) {
    case "String.Array":
      return JSON.parse(value) as readonly Value[];
    case "Number":
      return [Number(value)];
    default:
      return [value];
  }
}

function existsOf(condition: Condition): boolean | null {
  return isOperator(condition) && typeof condition.exists === "boolean" ? condition.exists : null;
}

function isOperator(condition: Condition): condition is Readonly<Record<string, unknown>> {
  return condition !== null && typeof condition === "object";
}

function matches(condition: Condition, value: Value): boolean {
  if (!isOperator(condition)) return condition === value;
  const [operator = "", ...others] = Object.keys(condition);
  const operand = condition[operator];
  if (others.length > 0) throw new Error("expected one operator");
  if (operator === "exists" && typeof operand === "boolean") return operand;
  if (operator === "prefix" && typeof operand === "string") {
    return typeof value === "string" && value.startsWith(operand);
  }
  if (operator === "anything-but" && Array.isArray(operand)) return !operand.includes(value);
  throw new Error(`${operator} is not known here`);
}
