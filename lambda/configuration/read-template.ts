import { printable } from "../text/printable.ts";
import { isObject, member, outline, type Part } from "./api-value.ts";
import { type ConfigurationProblem, type ConfigurationResult, notChecked, unclear } from "./configuration.ts";
import type { Distribution, Origin } from "./distribution.ts";
import { noPolicies, type Policies } from "./policies.ts";
import { readDistribution } from "./read-distribution.ts";
import { readVpcOriginEndpoint } from "./read-origin.ts";
import { readPolicies } from "./read-policies.ts";
import { apiDistribution, apiPolicy, apiVpcOrigin } from "./template-shape.ts";
import { decide, placeholder, resolveValue, type TemplateContext } from "./template-value.ts";

/** CloudFormation's own bound for a template. */
const mostResources = 500;

/**
 * Reads the distributions of a CloudFormation template, and the policies and VPC origins of the same template that
 * they refer to, before anything is deployed. Values that only the deployment settles stay open. Distributions are named
 * by their logical ids, policies by the placeholders that stand for their ids.
 *
 * @param given values for parameters, by name; pseudo parameters such as `AWS::Region` too
 */
export function readTemplate(json: unknown, given: ReadonlyMap<string, string>): ConfigurationResult {
  const root: Part = { path: "", value: json };
  const resources = member(root, "Resources");
  if (!isObject(resources.value)) {
    return { kind: "unrecognised", problem: `expected a CloudFormation template with Resources, got ${outline(json)}` };
  }
  const problems: string[] = [];
  const context: TemplateContext = {
    parameters: parameterValues(member(root, "Parameters").value, given, problems),
    mappings: member(root, "Mappings").value,
    conditions: member(root, "Conditions").value,
  };
  const found = existing(resources.value, context, problems);
  const vpcOrigins = found.filter(({ type }) => type === "AWS::CloudFront::VpcOrigin");
  const distributions: Distribution[] = [];
  const unreadable: ConfigurationProblem[] = [];
  for (const { id, type, properties } of found) {
    if (type !== "AWS::CloudFront::Distribution") continue;
    const result = readDistribution(apiDistribution(properties), id);
    if (result.kind === "unreadable") unreadable.push(notChecked(id, result.problem));
    else {
      distributions.push(withEndpoints(result.distribution, vpcOrigins));
      problems.push(...result.problems.map((problem) => `distribution ${printable(id, 64)}: ${problem}`));
    }
  }
  const policies = policiesOf(found, problems);
  return { kind: "configuration", distributions, policies, problems: [...unclear(problems), ...unreadable] };
}

type Resource = { readonly id: string; readonly type: string; readonly properties: unknown };

/** The resources that matter and that are not ruled out by their condition, worked out. */
function existing(
  resources: { readonly [name: string]: unknown },
  context: TemplateContext,
  problems: string[],
): Resource[] {
  const entries = Object.entries(resources);
  if (entries.length > mostResources) {
    problems.push(`${entries.length} resources, of which the first ${mostResources} are read`);
  }
  return entries.slice(0, mostResources).flatMap(([id, value]) => {
    if (id.startsWith("Fn::"))
      problems.push(`${printable(id, 64)}: what a transform makes of the template is not known`);
    const part: Part = { path: id, value };
    const type = member(part, "Type").value;
    if (typeof type !== "string" || !readTypes.has(type)) return [];
    const condition = member(part, "Condition").value;
    if (condition !== undefined && decide(condition, context) === false) return [];
    return [{ id, type, properties: resolveValue(member(part, "Properties").value, context) }];
  });
}

const readTypes: ReadonlySet<string> = new Set([
  "AWS::CloudFront::Distribution",
  "AWS::CloudFront::CachePolicy",
  "AWS::CloudFront::OriginRequestPolicy",
  "AWS::CloudFront::VpcOrigin",
]);

/** What `Ref` and `Fn::GetAtt … Id` of a resource resolve to: both are its id. */
function idsOf(logicalId: string): readonly string[] {
  return [placeholder(logicalId), placeholder(`${logicalId}.Id`)];
}

function policiesOf(found: readonly Resource[], problems: string[]): Policies {
  const answers = (type: string, name: "CachePolicy" | "OriginRequestPolicy") =>
    found
      .filter((resource) => resource.type === type)
      .flatMap(({ id, properties }) => idsOf(id).map((policyId) => apiPolicy(name, policyId, properties)));
  const all = [
    ...answers("AWS::CloudFront::CachePolicy", "CachePolicy"),
    ...answers("AWS::CloudFront::OriginRequestPolicy", "OriginRequestPolicy"),
  ];
  const read = readPolicies(all);
  if (read.kind === "unrecognised") return noPolicies;
  problems.push(...new Set(read.problems));
  return read.policies;
}

function withEndpoints(distribution: Distribution, vpcOrigins: readonly Resource[]): Distribution {
  const origins = distribution.origins.map((origin): Origin => {
    const { kind } = origin;
    if (kind.kind !== "vpc") return origin;
    const resource = vpcOrigins.find(({ id }) => idsOf(id).includes(kind.vpcOriginId));
    const endpoint = resource === undefined ? null : readVpcOriginEndpoint(apiVpcOrigin(resource.properties), []);
    return { ...origin, kind: { ...kind, endpoint } };
  });
  return { ...distribution, origins };
}

/** The parameters whose values are known: given, or by a default that is the value itself. */
function parameterValues(
  parameters: unknown,
  given: ReadonlyMap<string, string>,
  problems: string[],
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>(pseudoParameters(given.get("AWS::Region")));
  const declared = isObject(parameters) ? parameters : {};
  for (const [name, declaration] of Object.entries(declared)) {
    const part: Part = { path: `Parameters.${name}`, value: declaration };
    const type = member(part, "Type").value;
    const fallback = member(part, "Default").value;
    // The default of such a parameter is the name under which Systems Manager keeps the value.
    const isElsewhere = typeof type === "string" && type.startsWith("AWS::SSM::");
    const value = given.get(name) ?? (isElsewhere ? undefined : fallback);
    if (value === undefined) continue;
    const isList = typeof type === "string" && (type === "CommaDelimitedList" || type.startsWith("List<"));
    values.set(name, isList && typeof value === "string" ? value.split(",").map((item) => item.trim()) : value);
  }
  for (const [name, value] of given) {
    if (name.startsWith("AWS::")) values.set(name, value);
    else if (!Object.hasOwn(declared, name)) problems.push(`the template has no parameter ${printable(name, 64)}`);
  }
  return values;
}

function pseudoParameters(region: string | undefined): [string, string][] {
  const china = region?.startsWith("cn-") === true;
  const gov = region?.startsWith("us-gov-") === true;
  return [
    ["AWS::Partition", china ? "aws-cn" : gov ? "aws-us-gov" : "aws"],
    ["AWS::URLSuffix", china ? "amazonaws.com.cn" : "amazonaws.com"],
  ];
}
