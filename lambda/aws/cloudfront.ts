import {
  CloudFrontClient,
  type CloudFrontClientConfig,
  type DistributionList,
  ListCachePoliciesCommand,
  ListOriginRequestPoliciesCommand,
  paginateListDistributions,
} from "@aws-sdk/client-cloudfront";
import type { Configuration } from "../configuration/configuration.ts";
import type { Distribution } from "../configuration/distribution.ts";
import type { FunctionReading } from "../configuration/function-code.ts";
import { noPolicies } from "../configuration/policies.ts";
import { readDistribution, type UnreadableDistribution } from "../configuration/read-distribution.ts";
import { readPolicies } from "../configuration/read-policies.ts";
import { type Scope, scopeId, unknownScope } from "../configuration/scope.ts";
import { withDetails } from "./details.ts";
import { abortedBy, credentialsFailure, type NotSignedIn, notSignedIn } from "./failure.ts";
import { type KnownFunctions, withFunctionCode } from "./functions.ts";
import {
  distributionProblems,
  foreignProblem,
  inventoryProblem,
  policyProblem,
  unclearPolicies,
} from "./inventory-problems.ts";
import { readPages } from "./pages.ts";
import { type TenantBounds, usualTenants } from "./tenants.ts";

/** The configuration of an account. Unreadable distributions are also among its problems. */
export type AccountConfiguration = Configuration & {
  readonly unreadable: readonly UnreadableDistribution[];
  /** What is to be remembered of functions, by ARN; absent where their code was not to be read. */
  readonly functions?: ReadonlyMap<string, FunctionReading>;
};

/** The API's largest page. */
const pageSize = 100;

/**
 * A client for CloudFront's control plane, which is one for all Regions of a partition.
 *
 * A configured Region is kept, because it decides the partition; the default is us-east-1. AWS publishes no request
 * rates for the calls made here, hence adaptive retries.
 */
export function cloudFrontClient(overrides: CloudFrontClientConfig = {}): CloudFrontClient {
  return new CloudFrontClient({
    region: () => configuredRegion(overrides.profile),
    retryMode: "adaptive",
    maxAttempts: 10,
    // requestTimeout covers the time until the headers; socketTimeout also ends an answer that stops half-way.
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      socketTimeout: 30_000,
    },
    ...overrides,
  });
}

/** The Region of the environment or the profile, by the SDK's own rules. */
async function configuredRegion(profile: string | undefined): Promise<string> {
  const client = new CloudFrontClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch {
    return "us-east-1";
  } finally {
    client.destroy();
  }
}

/**
 * Reads all distributions of the account and its policies, one call after the other.
 *
 * Needs cloudfront:ListDistributions, cloudfront:ListCachePolicies and cloudfront:ListOriginRequestPolicies, and what
 * `withDetails` calls where the account has such distributions. What cannot be read is a problem in the result, beside
 * everything that could be read; nothing is thrown.
 *
 * @param signal ends the reading, for example at the deadline of the run; what was read until then is kept
 * @param account the scope of the problems, and of distributions whose ARN does not name it
 * @param functions what is known of edge functions; null where their code is not to be read
 * @param ownOnly whether a distribution whose ARN names another account, or none, is left out and a problem
 * @param tenants how many tenants of multi-tenant distributions are read
 */
export async function readAccount(
  client: CloudFrontClient,
  signal?: AbortSignal,
  account: Scope = unknownScope,
  functions: KnownFunctions | null = null,
  ownOnly = false,
  tenants: TenantBounds = usualTenants,
): Promise<AccountConfiguration | NotSignedIn> {
  const unsigned = await credentialsFailure(client, signal);
  if (unsigned?.kind === "credentials") return notSignedIn(unsigned);
  const listed = await readDistributions(client, signal);
  const { unreadable, failure } = listed;
  const isOwn = ({ scope }: Distribution) => !ownOnly || scopeId(scope) === scopeId(account);
  const distributions = listed.distributions.filter(isOwn);
  const foreign = listed.distributions.filter((each) => !isOwn(each)).map(({ id }) => id);
  if (failure?.kind === "credentials" && listed.pages === 0) return notSignedIn(failure);

  // Most accounts of an organization have no distribution, and then no use for policies.
  const policies =
    distributions.length === 0 ? { policies: noPolicies, problems: [] } : await allPolicies(client, signal);
  const details = await withDetails(client, distributions, signal, tenants);
  const read = functions === null ? null : await withFunctionCode(client, details.distributions, functions, signal);
  const detailed = read ?? details;
  return {
    kind: "configuration",
    distributions: detailed.distributions.map((each) => withAccount(each, account)),
    unreadable,
    ...(read === null ? {} : { functions: read.readings }),
    policies: policies.policies,
    problems: [
      ...inventoryProblem(failure, distributions.length + unreadable.length),
      ...foreignProblem(foreign),
      ...distributionProblems(unreadable, listed.problems),
      ...policies.problems,
      ...details.problems,
      ...(read?.problems ?? []),
    ].map((problem) => ({ ...problem, scope: account })),
  };
}

async function allPolicies(client: CloudFrontClient, signal: AbortSignal | undefined) {
  const cachePolicies: unknown[] = [];
  const cache = await readPages(cachePolicyPages(client, signal), (list) => cachePolicies.push(list), signal);
  const originRequestPolicies: unknown[] = [];
  const originRequest = await readPages(
    originRequestPolicyPages(client, signal),
    (list) => originRequestPolicies.push(list),
    signal,
  );
  const read = readPolicies([
    ...cachePolicies.map((CachePolicyList) => ({ CachePolicyList })),
    ...originRequestPolicies.map((OriginRequestPolicyList) => ({ OriginRequestPolicyList })),
  ]);
  return {
    policies: read.kind === "policies" ? read.policies : noPolicies,
    problems: [
      ...policyProblem("cache policies", "ListCachePolicies", cache.failure),
      ...policyProblem("origin request policies", "ListOriginRequestPolicies", originRequest.failure),
      ...unclearPolicies(read.kind === "policies" ? read.problems : [read.problem]),
    ],
  };
}

function withAccount(distribution: Distribution, account: Scope): Distribution {
  const { scope } = distribution;
  return scope.accountId === null || scopeId(scope) === scopeId(account)
    ? { ...distribution, scope: account }
    : distribution;
}

async function readDistributions(client: CloudFrontClient, signal: AbortSignal | undefined) {
  const distributions = new Map<string, Distribution>();
  const unreadable: UnreadableDistribution[] = [];
  const problems: { readonly id: string; readonly problem: string }[] = [];
  const take = (list: DistributionList) => {
    for (const item of list.Items ?? []) {
      const result = readDistribution(item);
      if (result.kind === "unreadable") {
        unreadable.push(result);
        continue;
      }
      // A distribution that is created or deleted meanwhile moves others across a page boundary.
      const { id } = result.distribution;
      if (distributions.has(id)) continue;
      distributions.set(id, result.distribution);
      problems.push(...result.problems.map((problem) => ({ id, problem })));
    }
  };
  const ended = await readPages(distributionPages(client, signal), take, signal);
  return { ...ended, distributions: [...distributions.values()], unreadable, problems };
}

async function* distributionPages(client: CloudFrontClient, signal: AbortSignal | undefined) {
  for await (const page of paginateListDistributions({ client, pageSize }, {}, abortedBy(signal))) {
    yield page.DistributionList;
  }
}

/** The SDK has no paginators for the two lists of policies. */
async function* cachePolicyPages(client: CloudFrontClient, signal: AbortSignal | undefined) {
  let marker: string | undefined;
  do {
    const command = new ListCachePoliciesCommand({ Marker: marker, MaxItems: pageSize });
    const { CachePolicyList: list } = await client.send(command, abortedBy(signal));
    yield list;
    marker = list?.NextMarker;
  } while (marker);
}

async function* originRequestPolicyPages(client: CloudFrontClient, signal: AbortSignal | undefined) {
  let marker: string | undefined;
  do {
    const command = new ListOriginRequestPoliciesCommand({ Marker: marker, MaxItems: pageSize });
    const { OriginRequestPolicyList: list } = await client.send(command, abortedBy(signal));
    yield list;
    marker = list?.NextMarker;
  } while (marker);
}
