import { groupedBy } from "../text/non-empty.ts";
import { printable } from "../text/printable.ts";
import { isObject, member, takeNotes } from "./api-value.ts";
import type { Assumption, Distribution, Origin, TemplateFacts, Tenant, Tenants } from "./distribution.ts";
import { expressionsIn, placeholder } from "./placeholder.ts";
import { noPolicies, type Policies } from "./policies.ts";
import { readDistribution } from "./read-distribution.ts";
import { originLeftOpen, readVpcOriginEndpoint } from "./read-origin.ts";
import { readTenant, readTenantDefaults, readTenantParameters } from "./read-tenants.ts";
import { unknownScope } from "./scope.ts";
import { everyBranch, type Fact, type InBranch, noBranch, subjectOf } from "./template-branch.ts";
import type { TemplateContext } from "./template-context.ts";
import { both, idsOf, type TemplatePolicies, withPoliciesOfBranch } from "./template-policies.ts";
import { apiDistribution, apiTenant, apiVpcOrigin, distributionShape, otherShapes } from "./template-shape.ts";
import type { Resource, Stack } from "./template-stack.ts";
import { decideCondition, resolveValue } from "./template-value.ts";

export type DistributionReading =
  | {
      readonly kind: "read";
      /** One for each consistent set of answers to open conditions; none where none lets it be. */
      readonly distributions: readonly Distribution[];
      /** Policies that are others with other answers. */
      readonly policies: Policies;
      readonly problems: readonly string[];
      readonly remarks: readonly string[];
    }
  | { readonly kind: "unreadable"; readonly problem: string };

/** What a distribution takes from its surroundings. */
export type TemplateSet = { readonly stacks: readonly Stack[]; readonly policies: TemplatePolicies };

type Reading =
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly problem: string }
  | {
      readonly kind: "there";
      readonly distribution: Distribution;
      readonly policies: Policies;
      readonly problems: readonly string[];
      /** Ids of origins without OriginSSLProtocols. */
      readonly withoutProtocols: readonly string[];
    };

/** Reads an `AWS::CloudFront::Distribution` as it would be with every answer to what its conditions leave open. */
export function readTemplateDistribution(
  resource: Resource,
  stack: Stack,
  templates: TemplateSet,
): DistributionReading {
  const id = `${stack.context.prefix}${resource.id}`;
  const branches = everyBranch((branch) => readInBranch(resource, { ...stack.context, branch }, templates));
  // Too many to go through: what hangs on a condition stays open.
  const readings: readonly InBranch<Reading>[] = branches ?? [
    { facts: [], conditions: new Map(), result: readInBranch(resource, stack.context, templates) },
  ];
  const unreadable = readings.map(({ result }) => result).find((result) => result.kind === "unreadable");
  if (unreadable !== undefined) return unreadable;
  const there = readings.flatMap(({ facts, result }) => (result.kind === "there" ? [{ facts, ...result }] : []));
  const conditions = conditionsOf(readings);
  const distributions = there.map(({ distribution, facts }) => ({
    ...distribution,
    template: factsFor(distribution, there.length > 1 ? assumptions(facts, conditions, stack.context) : [], stack),
  }));
  const about = (sentence: string) => `distribution ${printable(id, 64)}: ${sentence}`;
  const bare = new Set(there.flatMap(({ withoutProtocols }) => withoutProtocols));
  return {
    kind: "read",
    distributions,
    policies: there.reduce((all, { policies }) => both(all, policies), noPolicies),
    problems: [...new Set(there.flatMap(({ problems }) => problems))].map(about),
    remarks: [
      ...openConditions(distributions).map(about),
      ...[...bare].map((origin) =>
        about(
          `the origin ${printable(origin, 64)} has no OriginSSLProtocols, for which CloudFormation sets SSLv3 and TLSv1; ` +
            "write `OriginSSLProtocols: [TLSv1.2]`",
        ),
      ),
    ],
  };
}

/**
 * A distribution into which something is put that is not read: all that is known is that it connects to an origin, unless
 * its condition does not hold or it is disabled.
 *
 * @param included what puts it in
 */
export function unreadDistribution(resource: Resource, { context }: Stack, included: string): readonly Distribution[] {
  if (isAbsent(resource, context)) return [];
  const enabled = settingOf(resource, "Enabled", context);
  return [
    {
      id: `${context.prefix}${resource.id}`,
      scope: unknownScope,
      domainName: null,
      comment: "",
      enabled: enabled !== false && enabled !== "false",
      staging: false,
      multiTenant: false,
      aliases: [],
      primary: null,
      tenants: null,
      origins: [originLeftOpen(placeholder(included), [included])],
      originGroups: [],
      behaviors: [],
    },
  ];
}

function settingOf({ value }: Resource, name: string, context: TemplateContext): unknown {
  return resolveValue(member(member(member(value, "Properties"), "DistributionConfig"), name).value, context);
}

function isAbsent({ value }: Resource, context: TemplateContext): boolean {
  const condition = member(value, "Condition").value;
  return condition !== undefined && decideCondition(condition, context) === false;
}

function readInBranch(resource: Resource, context: TemplateContext, templates: TemplateSet): Reading {
  if (isAbsent(resource, context)) return { kind: "absent" };
  const given = member(resource.value, "Properties");
  const properties = resolveValue(given.value, context, distributionShape);
  const missing = missingPart(properties);
  if (missing !== null) return { kind: "unreadable", problem: missing };
  const read = readDistribution(apiDistribution(properties), `${context.prefix}${resource.id}`);
  if (read.kind === "unreadable") return { kind: "unreadable", problem: read.problem };
  // What it is called decides nothing, so that no condition is asked for the sake of the comment.
  const comment = resolveValue(member(member(given, "DistributionConfig"), "Comment").value, {
    ...context,
    branch: noBranch,
  });
  const named: Distribution = { ...read.distribution, comment: typeof comment === "string" ? comment : "" };
  const viewed = withPrimary(withEndpoints(named, context, templates.stacks), resource, context, templates.stacks);
  const complete = withTenants(viewed, resource, context, templates.stacks, properties);
  const label = labelOf(context.branch.facts);
  const { distribution, policies } = withPoliciesOfBranch(complete, templates.policies, context, label);
  return {
    kind: "there",
    distribution,
    policies,
    problems: read.problems,
    withoutProtocols: originsWithoutProtocols(properties),
  };
}

/** What CloudFormation would not do without, in words of a template. */
function missingPart(properties: unknown): string | null {
  const config = member({ path: "Properties", value: properties }, "DistributionConfig");
  if (isObject(properties) && config.value === undefined) return "it has no DistributionConfig";
  if (!isObject(config.value)) return null;
  const origins = ["Origins", "CustomOrigin", "S3Origin"].map((name) => member(config, name).value);
  if (origins.every((value) => value === undefined)) return "its DistributionConfig has no Origins";
  const behavior = member(config, "DefaultCacheBehavior").value;
  return behavior === undefined ? "its DistributionConfig has no DefaultCacheBehavior" : null;
}

function originsWithoutProtocols(properties: unknown): readonly string[] {
  const config = member({ path: "", value: properties }, "DistributionConfig");
  const origins = member(config, "Origins").value;
  return (Array.isArray(origins) ? (origins as readonly unknown[]) : []).flatMap((value) => {
    const origin = { path: "", value };
    const custom = member(origin, "CustomOriginConfig");
    const id = member(origin, "Id").value;
    const isBare = ["OriginSSLProtocols", "OriginSslProtocols"].every(
      (name) => member(custom, name).value === undefined,
    );
    const isHttp = member(custom, "OriginProtocolPolicy").value === "http-only";
    return isObject(custom.value) && isBare && !isHttp && typeof id === "string" ? [id] : [];
  });
}

/** The ports and protocols of VPC origins, which are resources of their own. */
function withEndpoints(distribution: Distribution, context: TemplateContext, stacks: readonly Stack[]): Distribution {
  const origins = distribution.origins.map((origin): Origin => {
    const { kind } = origin;
    if (kind.kind !== "vpc") return origin;
    const found = find(stacks, "AWS::CloudFront::VpcOrigin", (resource, stack) =>
      idsOf(resource, stack).includes(kind.vpcOriginId),
    ).map(({ resource, stack }) => propertiesOf(resource, contextIn(stack, context)))[0];
    const endpoint = found === undefined ? null : readVpcOriginEndpoint(apiVpcOrigin(found), takeNotes());
    return { ...origin, kind: { ...kind, endpoint } };
  });
  return { ...distribution, origins };
}

/** The tenants of a multi-tenant distribution that the templates have; others may be made elsewhere. */
function withTenants(
  distribution: Distribution,
  resource: Resource,
  context: TemplateContext,
  stacks: readonly Stack[],
  properties: unknown,
): Distribution {
  if (!distribution.multiTenant) return distribution;
  const ids = idsOf(resource, context);
  const list = find(stacks, "AWS::CloudFront::DistributionTenant", () => true).flatMap((each): Tenant[] => {
    const own = contextIn(each.stack, context);
    if (isAbsent(each.resource, own)) return [];
    const given = propertiesOf(each.resource, own);
    const owner = member({ path: "", value: given }, "DistributionId").value;
    if (typeof owner !== "string" || !ids.includes(owner)) return [];
    const { listed, got } = apiTenant(`${own.prefix}${each.resource.id}`, given);
    const tenant = readTenant(listed, takeNotes());
    return tenant === null ? [] : [{ ...tenant, parameters: readTenantParameters(got, takeNotes()) }];
  });
  if (list.length === 0) return distribution;
  const tenants: Tenants = { list, defaults: readTenantDefaults(properties, takeNotes()) ?? [] };
  return { ...distribution, tenants };
}

/**
 * Of a staging distribution, whose viewers it serves: a continuous deployment policy names it, and a distribution the
 * policy (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-continuous-deployment.html).
 * Where the templates have none, others may.
 */
function withPrimary(
  distribution: Distribution,
  resource: Resource,
  context: TemplateContext,
  stacks: readonly Stack[],
): Distribution {
  if (!distribution.staging) return distribution;
  const name = placeholder(`${context.prefix}${resource.id}.DomainName`);
  const naming = find(stacks, "AWS::CloudFront::ContinuousDeploymentPolicy", () => true).flatMap((each) => {
    const own = contextIn(each.stack, context);
    if (isAbsent(each.resource, own)) return [];
    const given = { path: "", value: propertiesOf(each.resource, own) };
    const config = member(given, "ContinuousDeploymentPolicyConfig");
    const names = member(config, "StagingDistributionDnsNames").value;
    if (!Array.isArray(names) || !names.includes(name)) return [];
    return [{ ids: idsOf(each.resource, own), enabled: member(config, "Enabled").value }];
  });
  if (naming.length === 0) return distribution;
  const isOff = ({ enabled }: { readonly enabled: unknown }) => enabled === false || enabled === "false";
  if (naming.every(isOff)) return { ...distribution, noViewers: "no-enabled-policy" };
  const ids = naming.filter((each) => !isOff(each)).flatMap((each) => each.ids);
  const primary = stacks
    .flatMap((stack) => stack.resources.map((each) => ({ resource: each, own: contextIn(stack, context) })))
    .filter(({ resource: { type } }) => type === "AWS::CloudFront::Distribution")
    .find(({ resource: each, own }) => {
      const policy = settingOf(each, "ContinuousDeploymentPolicyId", own);
      return typeof policy === "string" && ids.includes(policy) && !isAbsent(each, own);
    });
  if (primary === undefined) return distribution;
  const { resource: of, own } = primary;
  const properties = resolveValue(member(of.value, "Properties").value, own, distributionShape);
  const read = readDistribution(apiDistribution(properties), `${own.prefix}${of.id}`);
  // Names that are open are not known.
  if (read.kind === "unreadable" || (read.distribution.open?.aliases.length ?? 0) > 0) return distribution;
  const { id, aliases, domainName, enabled } = read.distribution;
  return {
    ...distribution,
    primary: { id, aliases, domainName },
    ...(enabled ? {} : { noViewers: "primary-disabled" }),
  };
}

function find(
  stacks: readonly Stack[],
  type: keyof typeof otherShapes,
  isWanted: (resource: Resource, context: TemplateContext) => boolean,
): readonly { readonly resource: Resource; readonly stack: Stack }[] {
  return stacks.flatMap((stack) =>
    stack.resources
      .filter((resource) => resource.type === type && isWanted(resource, stack.context))
      .map((resource) => ({ resource, stack })),
  );
}

function propertiesOf({ type, value }: Resource, context: TemplateContext): unknown {
  const shape = Object.entries(otherShapes).find(([name]) => name === type)?.[1];
  return resolveValue(member(value, "Properties").value, context, shape);
}

/** The branch is that of the distribution's stack; in other stacks nothing is assumed. */
function contextIn(stack: Stack, context: TemplateContext): TemplateContext {
  return stack.context.prefix === context.prefix ? context : stack.context;
}

/** The conditions that hang on each subject, in any branch. */
function conditionsOf(readings: readonly InBranch<unknown>[]): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, Set<string>>();
  for (const [subject, conditions] of readings.flatMap((each) => [...each.conditions])) {
    const known = all.get(subject) ?? new Set();
    for (const condition of conditions) known.add(condition);
    all.set(subject, known);
  }
  return new Map([...all].map(([subject, conditions]) => [subject, [...conditions].toSorted()]));
}

function assumptions(
  facts: readonly Fact[],
  conditions: ReadonlyMap<string, readonly string[]>,
  context: TemplateContext,
): readonly Assumption[] {
  const bySubject = Map.groupBy(facts, subjectOf);
  return [...bySubject].map(([subject, about]) => ({
    subject,
    answer: printable(inWords(about, context.allowedValues.get(subject) ?? []), 200),
    conditions: conditions.get(subject) ?? [],
    parameters: about.flatMap((fact) => (fact.kind === "parameter" ? [fact.parameter] : fact.parameters)).slice(0, 5),
  }));
}

/** The facts about one subject: of a parameter its value, or which it has not. */
function inWords(facts: readonly Fact[], allowed: readonly string[]): string {
  const [first] = facts;
  if (first === undefined) return "";
  if (first.kind === "test") return `${first.holds ? "" : "not "}${first.condition || first.test}`;
  const values = facts.flatMap((fact) => (fact.kind === "parameter" ? [fact] : []));
  const others = values.filter(({ holds }) => !holds).map(({ value }) => value);
  const left = allowed.filter((value) => !others.includes(value));
  const value = values.find(({ holds }) => holds)?.value ?? (left.length === 1 ? left[0] : undefined);
  if (value !== undefined) return value === "" ? `${first.parameter} empty` : `${first.parameter}=${value}`;
  const named = others.map((other) => (other === "" ? "empty" : other));
  return `${first.parameter} not ${named.join(", ")}`;
}

function labelOf(facts: readonly Fact[]): string {
  return facts
    .map((fact) => `${fact.holds ? "" : "not "}${subjectOf(fact)}${fact.kind === "parameter" ? `=${fact.value}` : ""}`)
    .join(", ");
}

function factsFor(distribution: Distribution, assumed: readonly Assumption[], { context }: Stack): TemplateFacts {
  const { origins, behaviors, aliases, open, tenants } = distribution;
  const texts = [
    ...origins.map(({ domainName }) => domainName),
    ...behaviors.flatMap((each) => [each.targetOriginId, each.cachePolicyId ?? "", each.originRequestPolicyId ?? ""]),
    ...aliases,
    ...(tenants?.list.flatMap(({ domains, parameters }) => [
      ...domains,
      ...(parameters ?? []).map(({ value }) => value),
    ]) ?? []),
  ];
  const expressions = [
    ...texts.flatMap(expressionsIn),
    ...[...origins, ...behaviors].flatMap((each) => each.open ?? []),
    ...(open === undefined ? [] : [...open.routes, ...open.aliases]),
  ];
  const settled = expressions.flatMap((expression) => {
    const parameters = context.settledBy.get(expression) ?? [];
    return parameters.length === 0 ? [] : [[expression, parameters] as const];
  });
  return { settledBy: Object.fromEntries(settled), assumed };
}

/** Which conditions are open, and what decides them. */
function openConditions(distributions: readonly Distribution[]): readonly string[] {
  const assumed = distributions.flatMap(({ template }) => template?.assumed ?? []);
  return [...groupedBy(assumed, ({ subject }) => subject).values()].map(([{ conditions, subject, parameters }]) => {
    const settle = parameters.map((name) => `--parameter ${printable(name, 64)}=VALUE`).join(" and ");
    const advice = settle === "" ? "" : `; ${settle} decides`;
    const names = conditions.length > 0 ? conditions : [subject];
    const open = names.map((name) => printable(name, 64)).join(" and ");
    return `whether ${open} ${names.length === 1 ? "holds" : "hold"} is open, so that both ways are checked${advice}`;
  });
}
