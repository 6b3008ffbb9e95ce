import { type Configuration, unclear } from "../../../../lambda/configuration/configuration.ts";
import type { CacheBehavior } from "../../../../lambda/configuration/distribution.ts";
import { readTemplate } from "../../../../lambda/configuration/read-template.ts";
import { printable } from "../../../../lambda/text/printable.ts";
import { nameOf, readText, unreadable } from "../read-file.ts";
import type { Reading, Unreadable } from "../source.ts";
import { type TemplateFile, templatesIn } from "./template-folder.ts";
import { readTemplateText } from "./template-text.ts";

/**
 * Reads a template, or every template of a folder such as `cdk.out`.
 *
 * @param file a path, or `-` for standard input
 * @param given values for parameters, by name
 */
export function readTemplates(file: string, given: ReadonlyMap<string, string>): Reading {
  const name = nameOf(file);
  let found: readonly TemplateFile[] | null;
  try {
    found = file === "-" ? null : templatesIn(file);
  } catch (error) {
    return unreadable(name, error);
  }
  if (found === null) return readOne(file, given);
  if (found.length === 0) return { kind: "unreadable", message: `there is no template (*.template.json) in ${name}` };
  const declared = new Set<string>();
  const readings: Configuration[] = [];
  for (const template of found) {
    const reading = readStack(template, given, declared);
    if (reading.kind === "unreadable") return reading;
    readings.push(reading);
  }
  const unknown = [...given.keys()].filter((parameter) => !parameter.startsWith("AWS::") && !declared.has(parameter));
  return {
    kind: "configuration",
    distributions: readings.flatMap(({ distributions }) => distributions),
    policies: {
      cache: new Map(readings.flatMap(({ policies }) => [...policies.cache])),
      originRequest: new Map(readings.flatMap(({ policies }) => [...policies.originRequest])),
    },
    problems: [
      ...unclear(unknown.map((parameter) => `no template in ${name} has a parameter ${printable(parameter, 64)}`)),
      ...readings.flatMap(({ problems }) => problems),
    ],
  };
}

function readOne(file: string, given: ReadonlyMap<string, string>): Reading {
  const template = templateIn(file);
  if (template.kind === "unreadable") return template;
  const read = readTemplate(template.value, given);
  if (read.kind === "unrecognised") return { kind: "unreadable", message: read.problem };
  return read;
}

/** One of several: its parameters are its own, and so are the names that it gives to distributions and policies. */
function readStack({ path, stack }: TemplateFile, given: ReadonlyMap<string, string>, declared: Set<string>): Reading {
  const template = templateIn(path);
  if (template.kind === "unreadable") return template;
  const parameters = parametersOf(template.value);
  for (const parameter of parameters) declared.add(parameter);
  const own = [...given].filter(([parameter]) => parameter.startsWith("AWS::") || parameters.has(parameter));
  const read = readTemplate(template.value, new Map(own));
  if (read.kind === "unrecognised") return { kind: "unreadable", message: `${printable(path, 200)}: ${read.problem}` };
  const { cache, originRequest } = read.policies;
  const full = (id: string) => `${stack}/${id}`;
  const named = <T>(policies: ReadonlyMap<string, T>) =>
    new Map([...policies].map(([id, policy]) => [full(id), policy]));
  const known = (id: string | null, policies: ReadonlyMap<string, unknown>) =>
    id !== null && policies.has(id) ? full(id) : id;
  const behavior = (each: CacheBehavior): CacheBehavior => ({
    ...each,
    cachePolicyId: known(each.cachePolicyId, cache),
    originRequestPolicyId: known(each.originRequestPolicyId, originRequest),
  });
  return {
    kind: "configuration",
    distributions: read.distributions.map((each) => ({
      ...each,
      id: full(each.id),
      behaviors: each.behaviors.map(behavior),
    })),
    policies: { cache: named(cache), originRequest: named(originRequest) },
    problems: read.problems.map((each) => ({ ...each, message: `${printable(stack, 200)}: ${each.message}` })),
  };
}

function templateIn(file: string): { readonly kind: "template"; readonly value: unknown } | Unreadable {
  const read = readText(file);
  if (read.kind === "unreadable") return read;
  const text = readTemplateText(read.text);
  return text.kind === "template"
    ? text
    : { kind: "unreadable", message: `${read.name} is no template: ${text.problem}` };
}

function parametersOf(template: unknown): ReadonlySet<string> {
  const declared: unknown =
    typeof template === "object" && template !== null ? Reflect.get(template, "Parameters") : undefined;
  return new Set(typeof declared === "object" && declared !== null ? Object.keys(declared) : []);
}
