import { member } from "./api-value.ts";
import type { CacheBehavior, Distribution } from "./distribution.ts";
import { placeholder } from "./placeholder.ts";
import { noPolicies, type Policies } from "./policies.ts";
import { readPolicies } from "./read-policies.ts";
import type { TemplateContext } from "./template-context.ts";
import { expressionsInside } from "./template-open.ts";
import { apiPolicy, otherShapes } from "./template-shape.ts";
import type { Resource, Stack } from "./template-stack.ts";
import { resolveValue } from "./template-value.ts";

/** The policies of some templates. */
export type TemplatePolicies = {
  /** By the placeholders that stand for their ids. */
  readonly known: Policies;
  /** What hangs on something that is open, by the same. */
  readonly open: ReadonlyMap<string, OpenPolicy>;
  readonly problems: readonly string[];
};

type OpenPolicy = { readonly resource: Resource; readonly stack: Stack };

const policyNames = {
  "AWS::CloudFront::CachePolicy": "CachePolicy",
  "AWS::CloudFront::OriginRequestPolicy": "OriginRequestPolicy",
} as const;

/** What `Ref` and `Fn::GetAtt … Id` of a resource resolve to: both are its id. */
export function idsOf({ id }: Resource, { prefix }: TemplateContext): readonly string[] {
  return [placeholder(`${prefix}${id}`), placeholder(`${prefix}${id}.Id`)];
}

export function policiesOf(stacks: readonly Stack[]): TemplatePolicies {
  let known = noPolicies;
  const open = new Map<string, OpenPolicy>();
  const problems: string[] = [];
  for (const stack of stacks) {
    for (const resource of stack.resources) {
      for (const id of isPolicy(resource.type) ? idsOf(resource, stack.context) : []) {
        const read = readPolicy(resource, stack.context, id);
        known = both(known, read.policies);
        problems.push(...read.problems);
        if (read.open.length === 0) continue;
        open.set(id, { resource, stack });
        const parameters = read.open.flatMap((expression) => stack.context.settledBy.get(expression) ?? []);
        stack.context.settledBy.set(id.slice(2, -1), [...new Set(parameters)]);
      }
    }
  }
  return { known, open, problems };
}

/**
 * The distribution with the policies that hang on an open condition as they are in a branch.
 *
 * @param context of the distribution's stack in that branch
 * @param label tells the branch from others
 */
export function withPoliciesOfBranch(
  distribution: Distribution,
  { open }: TemplatePolicies,
  context: TemplateContext,
  label: string,
): { readonly distribution: Distribution; readonly policies: Policies } {
  let policies = noPolicies;
  const inBranch = (id: string | null): string | null => {
    const policy = id === null ? undefined : open.get(id);
    if (id === null || policy === undefined || policy.stack.context.prefix !== context.prefix) return id;
    const own = `${id} (${label})`;
    const read = readPolicy(policy.resource, context, own);
    policies = both(policies, read.policies);
    return read.open.length > 0 ? id : own;
  };
  const behavior = (each: CacheBehavior): CacheBehavior => ({
    ...each,
    cachePolicyId: inBranch(each.cachePolicyId),
    originRequestPolicyId: inBranch(each.originRequestPolicyId),
  });
  return { distribution: { ...distribution, behaviors: distribution.behaviors.map(behavior) }, policies };
}

export function both(some: Policies, more: Policies): Policies {
  return {
    cache: { ...some.cache, ...more.cache },
    originRequest: { ...some.originRequest, ...more.originRequest },
  };
}

function isPolicy(type: string): type is keyof typeof policyNames {
  return Object.hasOwn(policyNames, type);
}

function readPolicy({ type, value }: Resource, context: TemplateContext, id: string) {
  if (!isPolicy(type)) return { policies: noPolicies, problems: [], open: [] };
  const properties = resolveValue(member(value, "Properties").value, context, otherShapes[type]);
  const read = readPolicies(apiPolicy(policyNames[type], id, properties));
  if (read.kind === "unrecognised") return { policies: noPolicies, problems: [read.problem], open: [] };
  const isKnown = Object.keys({ ...read.policies.cache, ...read.policies.originRequest }).length > 0;
  return { policies: read.policies, problems: read.problems, open: isKnown ? [] : expressionsInside(properties) };
}
