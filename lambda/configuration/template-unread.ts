import { printable } from "../text/printable.ts";
import { isObject, member, type Part } from "./api-value.ts";
import { asText } from "./template-open.ts";
import { idsOf } from "./template-policies.ts";
import type { Stacks } from "./template-stack.ts";
import { resolveValue } from "./template-value.ts";

/**
 * What of templates could not be read although distributions may be in it, one sentence each: nested templates and
 * modules, what a transform puts in, and loops whose list is not known. What makes other resources concerns nobody.
 */
export function unreadParts({ stacks, elsewhere }: Stacks): readonly string[] {
  return [
    ...elsewhere.map(({ stack, resource, where }) => {
      const name = shown(`${stack.context.prefix}${resource.id}`);
      const place = where === "" ? "" : ` (${where})`;
      return resource.type.endsWith("::MODULE")
        ? `${name} is the module ${shown(resource.type)}, which is not read: check the processed template, \`aws cloudformation get-template --template-stage Processed\``
        : `${name} is a nested stack, whose template${place} is not read: check that template too`;
    }),
    ...stacks.flatMap(({ context, loops, file }) => [
      ...loops
        .filter(({ body }) => mentions(body, isOfDistributions))
        .map(
          ({ name }) =>
            `${shown(`${context.prefix}${name}`)} is not read, because its list is not known before the deployment`,
        ),
      ...transforms(file.template).map(
        (name) =>
          `${name} may put distributions into the template${context.prefix === "" ? "" : ` ${shown(file.name)}`}; what it puts in is not read`,
      ),
    ]),
  ];
}

/** Tenants of a distribution that none of the templates has. */
export function strayTenants({ stacks }: Stacks): readonly string[] {
  const known = new Set(
    stacks.flatMap(({ context, resources }) =>
      resources.filter(({ type }) => type === "AWS::CloudFront::Distribution").flatMap((each) => idsOf(each, context)),
    ),
  );
  return stacks.flatMap(({ context, resources }) =>
    resources
      .filter(({ type }) => type === "AWS::CloudFront::DistributionTenant")
      .flatMap(({ id, value }) => {
        const given = member(member(value, "Properties"), "DistributionId").value;
        const owner = asText(resolveValue(given, context)) ?? "";
        return known.has(owner)
          ? []
          : [
              `${shown(`${context.prefix}${id}`)} is a tenant of a distribution that is not in the template, so that its origins are not known`,
            ];
      }),
  );
}

/**
 * What puts something into a distribution that is not read: a transform or a loop beside its other properties. Null where
 * nothing does.
 */
export function putIn(properties: unknown): string | null {
  const found = firstWithin(properties, (part) => {
    const name = isObject(part) ? Object.keys(part).find((key) => key.startsWith("Fn::ForEach::")) : undefined;
    return name === undefined ? includedIn(part) : shown(name);
  });
  return found;
}

/** What stands in an object where a transform puts something in, null where none does. */
function includedIn(value: unknown): string | null {
  const transform = member({ path: "", value }, "Fn::Transform");
  return transform.value === undefined ? null : nameOf(transform);
}

function nameOf(transform: Part): string {
  const name = typeof transform.value === "string" ? transform.value : member(transform, "Name").value;
  const location = member(member(transform, "Parameters"), "Location").value;
  const place = typeof location === "string" ? ` of ${shown(location)}` : "";
  return `${typeof name === "string" ? shown(name) : "Fn::Transform"}${place}`;
}

/** Transforms that work on the whole template and put in what is not in it. */
function transforms(template: unknown): readonly string[] {
  const root: Part = { path: "", value: template };
  const declared = member(root, "Transform").value;
  const list: readonly unknown[] = Array.isArray(declared) ? declared : declared === undefined ? [] : [declared];
  const macros = list.map((value) => nameOf({ path: "", value })).filter((name) => !harmless.has(name));
  return [
    ...macros,
    ...[includedIn(template), includedIn(member(root, "Resources").value)].filter((name) => name !== null),
  ];
}

/** AWS's own, which make no distributions, or what is read here. */
const harmless: ReadonlySet<string> = new Set([
  "AWS::Serverless-2016-10-31",
  "AWS::LanguageExtensions",
  "AWS::CodeDeployBlueGreen",
  "AWS::CodeStar",
  "AWS::SecretsManager-2020-07-23",
  "AWS::SecretsManager-2024-09-16",
  "AWS::ServiceCatalog",
]);

function isOfDistributions(text: string): boolean {
  return (
    text.startsWith("AWS::CloudFront::Distribution") ||
    text.endsWith("::MODULE") ||
    text === "AWS::CloudFormation::Stack"
  );
}

function mentions(value: unknown, isWanted: (text: string) => boolean): boolean {
  return firstWithin(value, (part) => (typeof part === "string" && isWanted(part) ? part : null)) !== null;
}

/** The first that is found in a value or anywhere in it, as far as it is looked through. */
function firstWithin(value: unknown, find: (part: unknown) => string | null): string | null {
  const next: unknown[] = [value];
  const seen = new Set<unknown>();
  while (next.length > 0 && seen.size < 10_000) {
    const part = next.pop();
    const found = find(part);
    if (found !== null) return found;
    if (typeof part !== "object" || part === null || seen.has(part)) continue;
    seen.add(part);
    for (const inner of Object.values(part)) next.push(inner);
  }
  return null;
}

function shown(text: string): string {
  return printable(text, 150);
}
