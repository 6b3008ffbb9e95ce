import { isObject } from "./api-value.ts";

/** What of a template is needed to work its values out. */
export type TemplateContext = {
  /** Values of parameters that are known: given, or by their default. */
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly mappings: unknown;
  readonly conditions: unknown;
};

/** Stands in resolved text for what only the deployment settles. */
export function placeholder(expression: string): string {
  return `\${${expression}}`;
}

/** A condition that is not decided by what is known. */
export type Decision = boolean | "open";

/** What AWS::NoValue leaves behind: nothing, as if the property were not there. */
const noValue = Symbol("AWS::NoValue");

/** Deeper than any template is nested; CloudFormation takes 1 MB of it. */
const deepest = 60;

/**
 * Works out a value of a CloudFormation template with what is known before its deployment
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
 *
 * What cannot be known yet becomes text with `${…}` in its place: of a resource's attribute `${Balancer.DNSName}`, of
 * a parameter without a value `${Domain}`. Never fails; what is no valid use of a function is such a value too.
 */
export function resolveValue(value: unknown, context: TemplateContext, depth = 0): unknown {
  const resolved = resolve(value, context, depth);
  return resolved === noValue ? undefined : resolved;
}

/** Whether the condition of this name holds. */
export function decide(condition: unknown, context: TemplateContext, depth = 0): Decision {
  const { conditions } = context;
  if (typeof condition !== "string" || !isObject(conditions) || !Object.hasOwn(conditions, condition)) return "open";
  return depth < deepest ? test(conditions[condition], context, depth + 1) : "open";
}

function resolve(value: unknown, context: TemplateContext, depth: number): unknown {
  if (depth > deepest) return placeholder("nested too deeply");
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item) => resolve(item, context, depth + 1)).filter((item) => item !== noValue);
  }
  // A dynamic reference; the name of a secret or a stored parameter is told, its value is nowhere in the template.
  if (typeof value === "string")
    return value.replace(/\{\{(resolve:[^{}]*)\}\}/g, (_, name: string) => placeholder(name));
  if (!isObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && (name === "Ref" || name.startsWith("Fn::"))) {
    return call(name, value[name], context, depth + 1);
  }
  const entries = Object.entries(value).map(([key, member]) => [key, resolve(member, context, depth + 1)] as const);
  return Object.fromEntries(entries.filter(([, member]) => member !== noValue));
}

function call(name: string, argument: unknown, context: TemplateContext, depth: number): unknown {
  switch (name) {
    case "Ref":
      return typeof argument === "string" ? reference(argument, context) : placeholder("Ref");
    case "Fn::GetAtt":
      return placeholder(attribute(argument));
    case "Fn::Sub":
      return substitute(argument, context, depth);
    case "Fn::Join":
      return join(argument, context, depth);
    case "Fn::Select":
      return select(argument, context, depth);
    case "Fn::Split":
      return split(argument, context, depth);
    case "Fn::If":
      return choose(argument, context, depth);
    case "Fn::FindInMap":
      return findInMap(argument, context, depth);
    default:
      return placeholder(name);
  }
}

function reference(name: string, { parameters }: TemplateContext): unknown {
  if (name === "AWS::NoValue") return noValue;
  return parameters.has(name) ? parameters.get(name) : placeholder(name);
}

/** `["Balancer", "DNSName"]`, or `"Balancer.DNSName"` as YAML's short form has it. */
function attribute(argument: unknown): string {
  if (typeof argument === "string") return argument;
  const parts: readonly unknown[] = Array.isArray(argument) ? argument : [];
  return parts.every((part) => typeof part === "string") && parts.length > 0 ? parts.join(".") : "Fn::GetAtt";
}

/** `${Name}` and `${Resource.Attribute}`; `${!Literal}` stays as `${Literal}`. */
function substitute(argument: unknown, context: TemplateContext, depth: number): unknown {
  const [text, given] = Array.isArray(argument) ? [argument[0] as unknown, argument[1] as unknown] : [argument, {}];
  if (typeof text !== "string") return placeholder("Fn::Sub");
  const own = resolve(given, context, depth + 1);
  return text.replace(/\$\{([^{}]*)\}/g, (_, written: string) => {
    const name = written.trim();
    if (name.startsWith("!")) return placeholder(name.slice(1));
    const value = isObject(own) && Object.hasOwn(own, name) ? own[name] : reference(name, context);
    return asText(value) ?? placeholder(name);
  });
}

function join(argument: unknown, context: TemplateContext, depth: number): unknown {
  const [separator, list] = pair(argument);
  const items = resolve(list, context, depth + 1);
  if (typeof separator !== "string" || !Array.isArray(items)) return placeholder("Fn::Join");
  const parts: readonly unknown[] = items;
  return parts.map((part) => asText(part) ?? placeholder("Fn::Join")).join(separator);
}

function select(argument: unknown, context: TemplateContext, depth: number): unknown {
  const [index, list] = pair(argument);
  const items = resolve(list, context, depth + 1);
  const position = Number(resolve(index, context, depth + 1));
  if (!Array.isArray(items) || !Number.isInteger(position)) return placeholder("Fn::Select");
  const chosen: unknown = items[position];
  return chosen === undefined ? placeholder("Fn::Select") : chosen;
}

/** Text that is only known in part cannot be split: the separator may be in the part that is not known. */
function split(argument: unknown, context: TemplateContext, depth: number): unknown {
  const [separator, source] = pair(argument);
  const text = resolve(source, context, depth + 1);
  if (typeof separator !== "string" || separator === "" || typeof text !== "string") return placeholder("Fn::Split");
  return isOpen(text) ? placeholder("Fn::Split") : text.split(separator);
}

function choose(argument: unknown, context: TemplateContext, depth: number): unknown {
  const [condition, whenTrue, whenFalse] = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
  switch (decide(condition, context, depth)) {
    case true:
      return resolve(whenTrue, context, depth + 1);
    case false:
      return resolve(whenFalse, context, depth + 1);
    case "open":
      return placeholder(typeof condition === "string" ? `Fn::If ${condition}` : "Fn::If");
  }
}

function findInMap(argument: unknown, context: TemplateContext, depth: number): unknown {
  const keys = (Array.isArray(argument) ? (argument as readonly unknown[]) : [])
    .slice(0, 3)
    .map((key) => resolve(key, context, depth + 1));
  let found: unknown = context.mappings;
  for (const key of keys) {
    if (typeof key !== "string" || !isObject(found) || !Object.hasOwn(found, key)) return placeholder("Fn::FindInMap");
    found = found[key];
  }
  return keys.length === 3 ? found : placeholder("Fn::FindInMap");
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html */
function test(rule: unknown, context: TemplateContext, depth: number): Decision {
  if (depth > deepest || !isObject(rule)) return "open";
  const [name = ""] = Object.keys(rule);
  const argument = rule[name];
  const operands: readonly unknown[] = Array.isArray(argument) ? argument : [];
  const decisions = () => operands.map((operand) => test(operand, context, depth + 1));
  switch (name) {
    case "Condition":
      return decide(argument, context, depth);
    case "Fn::Equals":
      return equal(operands, context, depth);
    case "Fn::Not":
      return negated(decisions()[0] ?? "open");
    case "Fn::And":
      return all(decisions());
    case "Fn::Or":
      return negated(all(decisions().map(negated)));
    default:
      return "open";
  }
}

function equal(operands: readonly unknown[], context: TemplateContext, depth: number): Decision {
  const [left, right] = operands.map((operand) => asText(resolve(operand, context, depth + 1)));
  if (left === undefined || right === undefined || left === null || right === null) return "open";
  return isOpen(left) || isOpen(right) ? "open" : left === right;
}

function negated(decision: Decision): Decision {
  return decision === "open" ? "open" : !decision;
}

function all(decisions: readonly Decision[]): Decision {
  if (decisions.includes(false)) return false;
  return decisions.length === 0 || decisions.includes("open") ? "open" : true;
}

function pair(argument: unknown): readonly [unknown, unknown] {
  const items: readonly unknown[] = Array.isArray(argument) ? argument : [];
  return [items[0], items[1]];
}

function isOpen(text: string): boolean {
  return /\$\{[^{}]*\}/.test(text);
}

/** Text, or a number or boolean in CloudFormation's spelling; null for anything else. */
function asText(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}
