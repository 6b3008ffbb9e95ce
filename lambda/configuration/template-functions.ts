import { isObject } from "./api-value.ts";
import { expressionsIn, isOpen, placeholder } from "./placeholder.ts";
import { assumedValue, note } from "./template-branch.ts";
import type { TemplateContext } from "./template-context.ts";
import { asText, joined, openCall } from "./template-open.ts";

/** What AWS::NoValue leaves behind: nothing, as if the property were not there. */
export const noValue = Symbol("AWS::NoValue");

/** A call of a function: where it stands, and what works out its arguments. */
export type Call = {
  readonly context: TemplateContext;
  /** The condition of the template that is being decided; empty outside of conditions. */
  readonly condition: string;
  readonly resolve: (value: unknown) => unknown;
};

/** What an intrinsic function makes of its argument; a function that is not among these stays open. */
export function callFunction(name: string, argument: unknown, call: Call): unknown {
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  return known === undefined ? openCall(name, [call.resolve(argument)], call.context) : known(argument, call);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html */
const functions: Readonly<Record<string, (argument: unknown, call: Call) => unknown>> = {
  Ref: (argument, call) =>
    typeof argument === "string" ? reference(argument, call) : openCall("Ref", [], call.context),
  "Fn::GetAtt": attribute,
  "Fn::Sub": substitute,
  "Fn::Join": join,
  "Fn::Select": select,
  "Fn::Split": split,
  "Fn::FindInMap": findInMap,
  "Fn::ImportValue": importValue,
};

function reference(name: string, { context, condition }: Call): unknown {
  if (name === "AWS::NoValue") return noValue;
  const { parameters, prefix, branch, allowedValues, settledBy } = context;
  if (parameters.has(name)) return parameters.get(name);
  const assumed = assumedValue(branch, name, allowedValues.get(name) ?? null);
  if (assumed !== undefined) {
    note(branch.asked, name, condition);
    return assumed;
  }
  const text = placeholder(`${prefix}${name}`);
  if (context.isParameter(name)) settledBy.set(text.slice(2, -1), [name]);
  return text;
}

/** `["Balancer", "DNSName"]`, or `"Balancer.DNSName"` as YAML's short form has it. */
function attribute(argument: unknown, call: Call): unknown {
  const { context } = call;
  const parts: readonly unknown[] = typeof argument === "string" ? argument.split(".") : asList(argument);
  const names = parts.map((part) => asText(call.resolve(part)));
  const [logicalId, ...rest] = names.filter((name) => name !== null);
  if (logicalId === undefined || rest.length < names.length - 1) return openCall("Fn::GetAtt", names, context);
  const path = rest.join(".");
  if (path.startsWith("Outputs.")) {
    const known = context.output(logicalId, path.slice("Outputs.".length));
    if (known !== undefined) return known;
  }
  if (path === "WebsiteURL" && context.typeOf(logicalId) === "AWS::S3::Bucket") {
    const [bucket, region] = [logicalId, "AWS::Region"].map((name) => asText(reference(name, call)));
    return `http://${bucket}.s3-website-${region}.amazonaws.com`;
  }
  return placeholder(`${context.prefix}${[logicalId, ...rest].join(".")}`);
}

/** `${Name}` and `${Resource.Attribute}`; `${!Literal}` stays as `${Literal}`. */
function substitute(argument: unknown, call: Call): unknown {
  const [text, given] = Array.isArray(argument) ? pair(argument) : [argument, {}];
  if (typeof text !== "string") return openCall("Fn::Sub", [call.resolve(argument)], call.context);
  const own = call.resolve(given);
  const standsFor = (written: string) => {
    const name = written.trim();
    if (name.startsWith("!")) return placeholder(name.slice(1));
    if (isObject(own) && Object.hasOwn(own, name)) return asText(own[name]) ?? placeholder(name);
    return asText(name.includes(".") ? attribute(name, call) : reference(name, call)) ?? placeholder(name);
  };
  // What stands in parentheses of the pattern is every other part.
  const parts = text.split(/\$\{([^{}]*)\}/).map((part, at) => (at % 2 === 0 ? part : standsFor(part)));
  return joined(parts, "", call.context);
}

function join(argument: unknown, call: Call): unknown {
  const [separator, list] = pair(argument);
  const items = call.resolve(list);
  if (typeof separator !== "string" || !Array.isArray(items)) return openCall("Fn::Join", [items], call.context);
  const parts: readonly unknown[] = items;
  const texts = parts.map((part) => asText(part) ?? openCall("Fn::Join", [part], call.context));
  return joined(texts, separator, call.context);
}

function select(argument: unknown, call: Call): unknown {
  const [index, list] = pair(argument);
  const items = call.resolve(list);
  const position = Number(call.resolve(index));
  const isPosition = Number.isInteger(position);
  const chosen: unknown = Array.isArray(items) && isPosition ? items[position] : undefined;
  return chosen ?? openCall(`Fn::Select ${isPosition ? position : "?"}`, [items], call.context);
}

/** Text that is only known in part cannot be split: the separator may be in the part that is not known. */
function split(argument: unknown, call: Call): unknown {
  const [separator, source] = pair(argument);
  const text = call.resolve(source);
  const isSplit = typeof separator === "string" && separator !== "" && typeof text === "string";
  if (!isSplit) return openCall("Fn::Split", [text], call.context);
  const expressions = expressionsIn(text);
  if (!expressions.every((expression) => cannotHold(expression, separator, call.context))) {
    return openCall("Fn::Split", [text], call.context);
  }
  // The name of a stack, which stands in a placeholder, may hold the separator all the same.
  const hidden = expressions.reduce((rest, expression, at) => rest.replaceAll(placeholder(expression), sign(at)), text);
  const shown = (part: string) =>
    expressions.reduce((rest, expression, at) => rest.replaceAll(sign(at), placeholder(expression)), part);
  return hidden.split(separator).map(shown);
}

/** A character that no name has, of the private ones. */
function sign(at: number): string {
  return String.fromCodePoint(0xf_0000 + at);
}

/** Neither the name of a bucket nor that of a Region holds a slash. */
function cannotHold(expression: string, separator: string, { prefix, typeOf }: TemplateContext): boolean {
  const name = expression.startsWith(prefix) ? expression.slice(prefix.length) : expression;
  return separator.includes("/") && (name === "AWS::Region" || typeOf(name) === "AWS::S3::Bucket");
}

/** With AWS::LanguageExtensions, a fourth member says what stands for a key that there is not. */
function findInMap(argument: unknown, call: Call): unknown {
  const given = asList(argument);
  const keys = given.slice(0, 3).map((key) => asText(call.resolve(key)));
  const options = given[3];
  if (keys.length === 3 && keys.every((key) => key !== null && !isOpen(key))) {
    let found: unknown = call.context.mappings;
    for (const key of keys) found = isObject(found) && Object.hasOwn(found, key ?? "") ? found[key ?? ""] : undefined;
    if (asText(found) !== null || Array.isArray(found)) return found;
    if (isObject(options) && Object.hasOwn(options, "DefaultValue")) return call.resolve(options.DefaultValue);
  }
  return openCall("Fn::FindInMap", keys, call.context);
}

function importValue(argument: unknown, call: Call): unknown {
  const name = call.resolve(argument);
  const known = typeof name === "string" && !isOpen(name) ? call.context.exported(name) : undefined;
  return known ?? openCall("Fn::ImportValue", [name], call.context);
}

function pair(argument: unknown): readonly [unknown, unknown] {
  const [first, second] = asList(argument);
  return [first, second];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
