import { printable } from "../text/printable.ts";
import { takeNotes } from "./api-value.ts";
import { type Configuration, type ConfigurationProblem, notChecked, unclear } from "./configuration.ts";
import type { Distribution, Origin, Tenant } from "./distribution.ts";
import { expressionsIn, placeholder } from "./placeholder.ts";
import { type CachePolicyHeaders, noPolicies, type OriginRequestPolicyHeaders, type Policies } from "./policies.ts";
import { readDistribution } from "./read-distribution.ts";
import { readVpcOriginEndpoint } from "./read-origin.ts";
import { readPolicies } from "./read-policies.ts";
import { readTenant, readTenantDefaults, readTenantParameters } from "./read-tenants.ts";
import { unknownScope } from "./scope.ts";
import { withoutIndexes } from "./terraform-address.ts";
import { apiDistribution, apiMultitenantDistribution, apiPolicy, apiTenant, apiVpcOrigin } from "./terraform-api.ts";
import { readTerraformDocument, type TerraformDocument, type TerraformResource } from "./terraform-document.ts";
import { type WrittenAt, writtenAt } from "./terraform-references.ts";
import { type SettledBlock, settler } from "./terraform-settle.ts";
import type { TerraformType } from "./terraform-shape.ts";

export type TerraformResult =
  | (Configuration & {
      /** What somebody should know although it was read, one sentence each. */
      readonly remarks: readonly string[];
      /** Where each distribution is written, by its address, as far as the file tells. */
      readonly written: ReadonlyMap<string, WrittenAt>;
      /** How many distributions were left out because the plan does not change them. */
      readonly unchanged: number;
    })
  | {
      readonly kind: "unrecognised";
      readonly problem: string;
      /** It is nothing of Terraform's. */
      readonly isOther: boolean;
    };

export type TerraformOptions = {
  /** Only distributions that the plan changes, themselves or in what they refer to. */
  readonly changedOnly: boolean;
};

/** Twenty times AWS's default quota for an account. */
const mostDistributions = 10_000;

/**
 * Reads the distributions of a plan or a state, as `terraform show -json` or `tofu show -json` prints it, as they will be
 * once the plan is applied: with their policies, VPC origins, tenants and continuous deployment policies. Distributions
 * are named by their addresses. Values that are known only after the apply stay open, and so does what is marked
 * sensitive.
 */
export function readTerraform(text: string, { changedOnly }: TerraformOptions): TerraformResult {
  const read = readTerraformDocument(text);
  if (read.kind === "unrecognised") return read;
  const { document } = read;
  if (changedOnly && document.kind === "state") {
    return { kind: "unrecognised", problem: "--changed goes with a plan, and this is a state", isOther: false };
  }
  const readLate = document.resources.filter(({ actions }) => actions.includes("read"));
  const settle = settler(
    document.root,
    readLate.map(({ address }) => address),
  );
  const all = document.resources.map((resource): Item => ({ ...resource, is: settle(resource) }));
  const ids = byId(all);
  const tenants = Map.groupBy(
    all.filter(({ type }) => type === "aws_cloudfront_distribution_tenant"),
    ({ is }) => is.distribution_id,
  );
  const tenantsOf: TenantsOf = (item) => idsOf(item).flatMap((id) => tenants.get(id) ?? []);
  const policies = policiesOf(all);
  const problems: string[] = [...policies.problems];
  const unreadable: ConfigurationProblem[] = [...unreadParts(document), ...strayTenants(all)].map(unread);
  const remarks: string[] = [];
  const wanted = all.filter(({ type }) => isDistribution(type));
  if (wanted.length > mostDistributions) {
    unreadable.push(unread(`of ${wanted.length} distributions the first ${mostDistributions} are read`));
  }
  const found = wanted.slice(0, mostDistributions).flatMap((item) => {
    const result = readDistribution(
      item.type === "aws_cloudfront_distribution"
        ? apiDistribution(item.address, item.is)
        : apiMultitenantDistribution(item.address, item.is),
    );
    if (result.kind === "unreadable") {
      unreadable.push(notChecked(item.address, inTerraformsWords(result.problem)));
      return [];
    }
    problems.push(...result.problems.map((problem) => about(item.address, problem)));
    if (isSecret(item.is.origin)) remarks.push(secretOrigins(item.address));
    return [{ item, distribution: withTenants(withEndpoints(result.distribution, ids), item, tenantsOf, ids) }];
  });
  const complete = withPrimaries(found, all);
  const distributions = complete
    .filter(({ item, distribution }) => !changedOnly || isChanged(item, distribution, { ids, all, tenantsOf }))
    .map(({ distribution }) => distribution);
  return {
    kind: "configuration",
    distributions,
    policies: policies.known,
    problems: [...unclear([...new Set(problems)]), ...unreadable],
    remarks,
    unchanged: complete.length - distributions.length,
    written: new Map(
      distributions.flatMap(({ id }) => {
        const at = writtenAt(document.root, id);
        return at === null ? [] : [[id, at]];
      }),
    ),
  };
}

/** A resource with its values settled. */
type Item = TerraformResource & { readonly is: SettledBlock };
type TenantsOf = (distribution: Item) => readonly Item[];
type Found = { readonly item: Item; readonly distribution: Distribution };

function isDistribution(type: TerraformType): boolean {
  return type === "aws_cloudfront_distribution" || type === "aws_cloudfront_multitenant_distribution";
}

/** By its id where it is known, and by what stands for it. */
function byId(all: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(all.flatMap((item) => idsOf(item).map((id) => [id, item] as const)));
}

function idsOf({ address, is }: Item): readonly string[] {
  const standIns = [placeholder(`${address}.id`), placeholder(address)];
  return typeof is.id === "string" ? [is.id, ...standIns] : standIns;
}

/**
 * The policies by every id under which a behavior may name them. What refers to one of several instances without saying
 * which one finds them under the address without index, if all say the same of headers.
 */
function policiesOf(all: readonly Item[]): { readonly known: Policies; readonly problems: readonly string[] } {
  const found = all.flatMap((item) => {
    const name = policyName(item.type);
    if (name === null) return [];
    const read = readPolicies(apiPolicy(name, item.address, item.is));
    const policies = read.kind === "policies" ? read.policies : noPolicies;
    const problems = read.kind === "policies" ? read.problems : [read.problem];
    return [{ item, policies, problems }];
  });
  const groups = Map.groupBy(
    found.flatMap((each) => withoutIndexes(each.item.address).map((address) => ({ address, ...each }))),
    ({ address }) => address,
  );
  const cache = new Map<string, CachePolicyHeaders>();
  const originRequest = new Map<string, OriginRequestPolicyHeaders>();
  const add = ({ policies }: ReadPolicy, ids: readonly string[]) => {
    for (const id of ids) {
      for (const headers of Object.values(policies.cache)) cache.set(id, headers);
      for (const headers of Object.values(policies.originRequest)) originRequest.set(id, headers);
    }
  };
  for (const [address, instances] of groups) {
    const [first, ...others] = instances;
    if (first === undefined || !others.every((each) => saysTheSame(each, first))) continue;
    add(first, [placeholder(`${address}.id`), placeholder(address)]);
  }
  for (const each of found) add(each, idsOf(each.item));
  const known = { cache: Object.fromEntries(cache), originRequest: Object.fromEntries(originRequest) };
  const problems = found.flatMap(({ item, problems: some }) => some.map((problem) => about(item.address, problem)));
  return { known, problems };
}

function policyName(type: TerraformType): "CachePolicy" | "OriginRequestPolicy" | null {
  switch (type) {
    case "aws_cloudfront_cache_policy":
      return "CachePolicy";
    case "aws_cloudfront_origin_request_policy":
      return "OriginRequestPolicy";
    case "aws_cloudfront_distribution":
    case "aws_cloudfront_multitenant_distribution":
    case "aws_cloudfront_distribution_tenant":
    case "aws_cloudfront_connection_group":
    case "aws_cloudfront_vpc_origin":
    case "aws_cloudfront_continuous_deployment_policy":
      return null;
  }
}

type ReadPolicy = { readonly policies: Policies };

function saysTheSame(one: ReadPolicy, other: ReadPolicy): boolean {
  const [a, b] = [one, other].map(({ policies: { cache, originRequest } }) =>
    JSON.stringify([Object.values(cache), Object.values(originRequest)]),
  );
  return a === b;
}

/** The ports and protocols of VPC origins, which are resources of their own. */
function withEndpoints(distribution: Distribution, ids: ReadonlyMap<string, Item>): Distribution {
  const origins = distribution.origins.map((origin): Origin => {
    const { kind } = origin;
    if (kind.kind !== "vpc") return origin;
    const named = ids.get(kind.vpcOriginId);
    if (named?.type !== "aws_cloudfront_vpc_origin") return origin;
    return { ...origin, kind: { ...kind, endpoint: readVpcOriginEndpoint(apiVpcOrigin(named.is), takeNotes()) } };
  });
  return { ...distribution, origins };
}

/** The tenants of a multi-tenant distribution that are there; others may be made elsewhere. */
function withTenants(
  distribution: Distribution,
  item: Item,
  tenantsOf: TenantsOf,
  ids: ReadonlyMap<string, Item>,
): Distribution {
  if (!distribution.multiTenant) return distribution;
  const list = tenantsOf(item).flatMap((each): Tenant[] => {
    const group = typeof each.is.connection_group_id === "string" ? ids.get(each.is.connection_group_id) : undefined;
    // Viewers reach a tenant through its connection group.
    if (group?.type === "aws_cloudfront_connection_group" && group.is.enabled === false) return [];
    const { listed, got } = apiTenant(each.address, each.is);
    const tenant = readTenant(listed, takeNotes());
    return tenant === null ? [] : [{ ...tenant, parameters: readTenantParameters(got, takeNotes()) }];
  });
  if (list.length === 0) return distribution;
  const defaults = readTenantDefaults(apiMultitenantDistribution(item.address, item.is), takeNotes()) ?? [];
  return { ...distribution, tenants: { list, defaults } };
}

function strayTenants(all: readonly Item[]): readonly string[] {
  const known = new Set(all.filter(({ type }) => isDistribution(type)).flatMap(idsOf));
  return all
    .filter(({ type }) => type === "aws_cloudfront_distribution_tenant")
    .filter(({ is: { distribution_id: owner } }) => typeof owner !== "string" || !known.has(owner))
    .map(
      ({ address }) =>
        `${printable(address, 150)} is a tenant of a distribution that is not in the file, so that its origins are not known`,
    );
}

/** Staging distributions with the ones whose viewers they serve, where a policy of the file tells. */
function withPrimaries(found: readonly Found[], all: readonly Item[]): readonly Found[] {
  const deployments = all.filter(({ type }) => type === "aws_cloudfront_continuous_deployment_policy");
  return found.map(({ item, distribution }) => {
    if (!distribution.staging || !distribution.enabled) return { item, distribution };
    const names = new Set([distribution.domainName ?? "", placeholder(`${item.address}.domain_name`)]);
    const naming = deployments.filter((policy) => stagingNames(policy).some((name) => names.has(name)));
    const enabled = naming.filter(({ is }) => is.enabled !== false);
    if (naming.length > 0 && enabled.length === 0) {
      return { item, distribution: { ...distribution, noViewers: "no-enabled-policy" } };
    }
    const policyIds = new Set(enabled.flatMap(idsOf));
    const primary = found.find(
      ({ item: { is } }) =>
        typeof is.continuous_deployment_policy_id === "string" && policyIds.has(is.continuous_deployment_policy_id),
    )?.distribution;
    if (primary === undefined) return { item, distribution };
    const { id, aliases, domainName } = primary;
    return {
      item,
      distribution: {
        ...distribution,
        primary: { id, aliases, domainName },
        ...(primary.enabled ? {} : { noViewers: "primary-disabled" }),
      },
    };
  });
}

function stagingNames({ is: { staging_distribution_dns_names: blocks } }: Item): readonly string[] {
  const list: readonly unknown[] = Array.isArray(blocks) ? blocks : [];
  return list.flatMap((block) => {
    const items: unknown = typeof block === "object" && block !== null ? Reflect.get(block, "items") : undefined;
    return Array.isArray(items) ? items.filter((name) => typeof name === "string") : [];
  });
}

/** Whether the plan changes a distribution, or anything that decides its connections. */
function isChanged(
  item: Item,
  { behaviors, origins, multiTenant, staging }: Distribution,
  { ids, all, tenantsOf }: { ids: ReadonlyMap<string, Item>; all: readonly Item[]; tenantsOf: TenantsOf },
): boolean {
  const named = [
    ...behaviors.flatMap(({ cachePolicyId, originRequestPolicyId }) => [cachePolicyId, originRequestPolicyId]),
    ...origins.map(({ kind }) => (kind.kind === "vpc" ? kind.vpcOriginId : null)),
  ].flatMap((id) => (id === null ? [] : (ids.get(id) ?? [])));
  const tenants = multiTenant ? tenantsOf(item) : [];
  const others = all.filter(
    ({ type }) =>
      (multiTenant && type === "aws_cloudfront_connection_group") ||
      // Whose viewers it serves is for a policy and another distribution to say.
      (staging && (type === "aws_cloudfront_continuous_deployment_policy" || isDistribution(type))),
  );
  return [item, ...named, ...tenants, ...others].some(hasChange);
}

function hasChange({ actions }: Item): boolean {
  return actions.some((action) => action !== "no-op" && action !== "read");
}

function unreadParts({ isIncomplete, isCut, foreign }: TerraformDocument): readonly string[] {
  return [
    ...(isIncomplete
      ? [
          "the plan says that it is not complete, so that more changes follow: plan without -target and -exclude, and again after the apply where changes were put off",
        ]
      : []),
    ...(isCut ? ["there is more about CloudFront than any configuration has, so that not all of it is read"] : []),
    ...foreign.map((address) => `${printable(address, 150)} is of another provider than hashicorp/aws and is not read`),
  ];
}

function unread(message: string): ConfigurationProblem {
  return { code: "distribution-unreadable", message, remedy: "", scope: unknownScope };
}

function isSecret(value: unknown): boolean {
  const texts = typeof value === "string" ? [value] : [];
  return texts.flatMap(expressionsIn).some((expression) => expression.endsWith("(marked sensitive)"));
}

function secretOrigins(address: string): string {
  return (
    `${printable(address, 150)}: Terraform marks all origins as sensitive, as it does where one of them has a sensitive ` +
    "value, such as a custom header; they are not looked at"
  );
}

function about(address: string, problem: string): string {
  return `${printable(address, 150)}: ${inTerraformsWords(problem)}`;
}

/** The names of Terraform in place of the API's, and no value: what stands in the wrong place may be a secret. */
function inTerraformsWords(problem: string): string {
  return problem.replace(/got ".*"/s, "got another text").replace(/[A-Za-z0-9.[\]_]+(?=[:,. ]|$)/g, (path) =>
    path
      .split(".")
      .map((step) => {
        const [name = "", index = ""] = step.split(/(?=\[)/, 2);
        return `${terraformNames.get(name) ?? name}${index}`;
      })
      .filter((step) => step !== "")
      .join("."),
  );
}

const terraformNames: ReadonlyMap<string, string> = new Map([
  ["DistributionConfig", ""],
  ["Origins", "origin"],
  ["Id", "origin_id"],
  ["DomainName", "domain_name"],
  ["TargetOriginId", "target_origin_id"],
  ["ConnectionTimeout", "connection_timeout"],
  ["ConnectionAttempts", "connection_attempts"],
  ["CustomOriginConfig", "custom_origin_config"],
  ["VpcOriginConfig", "vpc_origin_config"],
  ["S3OriginConfig", "s3_origin_config"],
  ["HTTPPort", "http_port"],
  ["HTTPSPort", "https_port"],
  ["OriginProtocolPolicy", "origin_protocol_policy"],
  ["OriginSslProtocols", "origin_ssl_protocols"],
  ["IpAddressType", "ip_address_type"],
  ["OriginGroups", "origin_group"],
  ["Members", "member"],
  ["FailoverCriteria", "failover_criteria"],
  ["StatusCodes", "status_codes"],
  ["DefaultCacheBehavior", "default_cache_behavior"],
  ["CacheBehaviors", "ordered_cache_behavior"],
  ["ViewerProtocolPolicy", "viewer_protocol_policy"],
  ["CachePolicyId", "cache_policy_id"],
  ["OriginRequestPolicyId", "origin_request_policy_id"],
  ["ForwardedValues", "forwarded_values"],
  ["Headers", "headers"],
  ["HeadersConfig", "headers_config"],
  ["HeaderBehavior", "header_behavior"],
  ["ParametersInCacheKeyAndForwardedToOrigin", "parameters_in_cache_key_and_forwarded_to_origin"],
  ["FunctionAssociations", "function_association"],
  ["LambdaFunctionAssociations", "lambda_function_association"],
  ["FunctionARN", "function_arn"],
  ["LambdaFunctionARN", "lambda_arn"],
  ["EventType", "event_type"],
  ["Aliases", "aliases"],
  ["Enabled", "enabled"],
  ["Staging", "staging"],
  ["GrpcConfig", "grpc_config"],
  ["AllowedMethods", "allowed_methods"],
  ["CachedMethods", "cached_methods"],
  ["Items", "items"],
]);
