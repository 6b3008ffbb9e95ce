import {
  type CloudFrontClient,
  GetDistributionConfigCommand,
  GetDistributionTenantCommand,
  paginateListDistributionTenants,
} from "@aws-sdk/client-cloudfront";
import { type Notes, takeNotes } from "../configuration/api-value.ts";
import type { Distribution, Tenant, TenantParameter } from "../configuration/distribution.ts";
import { readTenant, readTenantDefaults, readTenantParameters } from "../configuration/read-tenants.ts";
import { routesByOrigin } from "../plan/routes.ts";
import { printable } from "../text/printable.ts";
import { asking } from "./asking.ts";
import { abortedBy } from "./failure.ts";
import {
  type AccountProblem,
  cappedProblem,
  type Detailed,
  detailProblem,
  distributionProblems,
} from "./inventory-problems.ts";
import { readPages } from "./pages.ts";

/** The API's largest page. */
const pageSize = 100;

/** How many tenants of an account a run reads. Beyond that the plan is a sample, and a problem says so. */
export const mostTenants = 1_000;

/** And with a fleet, which has the time for them: AWS's quota for an account, a hundred pages. */
export const mostTenantsOfFleet = 10_000;

/** Milliseconds that these may take of the time for observing: AWS publishes no rate for the calls. */
export const timeForTenants = 60_000;

/** How many tenants' parameters are read, each with a call of its own; AWS publishes no rate for it. */
export const mostAskedForParameters = 300;

export type TenantBounds = {
  /** Tenants of an account. */
  readonly most: number;
  /** Milliseconds for reading them, null for all that there is. */
  readonly withinMs: number | null;
};

export const usualTenants: TenantBounds = { most: mostTenants, withinMs: null };
export const tenantsOfFleet: TenantBounds = { most: mostTenantsOfFleet, withinMs: timeForTenants };

/**
 * Reads the tenants of enabled multi-tenant distributions: ListDistributionTenants for all; GetDistributionConfig and
 * one GetDistributionTenant a tenant only where parameters occur in the domain name of an origin that is used. One
 * call after the other, at the pace of the client's adaptive retries.
 */
export async function withTenants(
  client: CloudFrontClient,
  distributions: readonly Distribution[],
  signal: AbortSignal | undefined,
  { most, withinMs }: TenantBounds = usualTenants,
): Promise<Detailed> {
  const ends = [signal ?? [], withinMs === null ? [] : AbortSignal.timeout(withinMs)].flat();
  const reader = tenantReader(client, ends.length < 2 ? ends[0] : AbortSignal.any(ends), most);
  const detailed: Distribution[] = [];
  for (const distribution of distributions) {
    const wanted = distribution.enabled && distribution.multiTenant;
    detailed.push(wanted ? await reader.read(distribution) : distribution);
  }
  return { distributions: detailed, problems: reader.problems() };
}

function tenantReader(client: CloudFrontClient, signal: AbortSignal | undefined, most: number) {
  const options = abortedBy(signal);
  let listed = 0;
  let asked = 0;
  let partly = 0;
  const unlisted = asking(signal);
  const withoutDefaults = asking(signal);
  const withoutParameters = asking(signal);
  const beyond = new Set<string>();
  const unclear: { readonly id: string; readonly problem: string }[] = [];

  /** Collects a reader's problems with something that belongs to the distribution with this id. */
  function noting<T>(id: string, what: string, read: (notes: Notes) => T): T {
    const notes = takeNotes();
    const result = read(notes);
    unclear.push(...notes.problems.map((problem) => ({ id, problem: `${what}: ${problem}` })));
    return result;
  }

  async function tenantsOf(id: string): Promise<Tenant[] | null> {
    if (unlisted.isOver) {
      unlisted.missed(id, null);
      return null;
    }
    const tenants: Tenant[] = [];
    const filter = { AssociationFilter: { DistributionId: id } };
    const pages = paginateListDistributionTenants({ client, pageSize }, filter, options);
    const take = (page: { readonly Items?: readonly TenantSummary[] | undefined }) => {
      for (const item of page.Items ?? []) {
        const tenant = noting(id, tenantName(item.Id), (notes) => readTenant(item, notes));
        if (tenant === null) continue;
        if (listed >= most) beyond.add(id);
        else {
          tenants.push(tenant);
          listed += 1;
        }
      }
    };
    const { pages: read, failure } = await readPages(
      untilFull(pages, () => beyond.has(id)),
      take,
      signal,
    );
    if (failure !== null) {
      unlisted.missed(id, failure);
      partly += tenants.length;
    }
    return failure !== null && read === 0 ? null : tenants;
  }

  async function defaultsOf(id: string): Promise<readonly TenantParameter[]> {
    const defaults = await withoutDefaults.ask(id, async () => {
      const answer = await client.send(new GetDistributionConfigCommand({ Id: id }), options);
      return noting(id, "parameters", (notes) => readTenantDefaults(answer, notes));
    });
    return defaults ?? [];
  }

  async function withParameters(tenant: Tenant, distributionId: string): Promise<Tenant> {
    if (asked >= mostAskedForParameters) {
      beyond.add(distributionId);
      return tenant;
    }
    asked += 1;
    const parameters = await withoutParameters.ask(tenant.id, async () => {
      const answer = await client.send(new GetDistributionTenantCommand({ Identifier: tenant.id }), options);
      return noting(distributionId, tenantName(tenant.id), (notes) => readTenantParameters(answer, notes));
    });
    return parameters === null ? tenant : { ...tenant, parameters };
  }

  async function read(distribution: Distribution): Promise<Distribution> {
    const { id } = distribution;
    const list = await tenantsOf(id);
    if (list === null) return distribution;
    if (list.length === 0 || !hasParameters(distribution)) return { ...distribution, tenants: { list, defaults: [] } };
    const defaults = await defaultsOf(id);
    const detailed: Tenant[] = [];
    for (const tenant of list) detailed.push(await withParameters(tenant, id));
    return { ...distribution, tenants: { list: detailed, defaults } };
  }

  function problems(): AccountProblem[] {
    const incomplete = { code: "distribution-unreadable" } as const;
    const unresolved = "origins that depend on their parameters are not checked";
    return [
      ...detailProblem({
        what: "The tenants of distributions",
        ...unlisted.result(),
        consequence: `what depends on their domains is not checked${partly === 0 ? "" : `, but for ${partly} tenants that were read`}`,
        operation: "ListDistributionTenants",
        resource: "*",
        ...incomplete,
      }),
      ...detailProblem({
        what: "The parameter definitions of distributions",
        ...withoutDefaults.result(),
        consequence: unresolved,
        operation: "GetDistributionConfig",
        resource: "distribution/*",
        ...incomplete,
      }),
      ...detailProblem({
        what: "Distribution tenants",
        ...withoutParameters.result(),
        consequence: unresolved,
        operation: "GetDistributionTenant",
        resource: "distribution-tenant/*",
        ...incomplete,
      }),
      ...distributionProblems([], unclear),
      ...cappedProblem([...beyond], most, mostAskedForParameters),
    ];
  }

  return { read, problems };
}

function hasParameters(distribution: Distribution): boolean {
  const routes = routesByOrigin(distribution, []);
  return distribution.origins.some(
    ({ id, domainName }) => domainName.includes("{{") && (routes.get(id)?.length ?? 0) > 0,
  );
}

function tenantName(id: string | undefined): string {
  return `tenant ${printable(id ?? "without Id", 64)}`;
}

/** The tenant in the form that readTenant reads; before that, only the id is needed. */
type TenantSummary = { readonly Id?: string | undefined };

type TenantPage = {
  readonly DistributionTenantList?: readonly TenantSummary[] | undefined;
  readonly NextMarker?: string | undefined;
  readonly $metadata: { readonly requestId?: string | undefined };
};

/**
 * The pages of the list in the shape of the others, until enough is known. The list has no Quantity, and whether AWS
 * omits an empty list is not documented; so an answer without a list counts as empty only if it carries AWS's request
 * id.
 */
async function* untilFull(pages: AsyncIterable<TenantPage>, isFull: () => boolean) {
  for await (const { DistributionTenantList: list, NextMarker, $metadata } of pages) {
    const Items = list ?? ($metadata.requestId === undefined ? undefined : []);
    yield { Quantity: undefined, Items, NextMarker: isFull() ? undefined : NextMarker };
    if (isFull()) return;
  }
}
