import type { ConfigurationProblem } from "../configuration/configuration.ts";
import type { Distribution, Origin, Tenant } from "../configuration/distribution.ts";
import { expressionsIn } from "../configuration/placeholder.ts";
import type { Policies } from "../configuration/policies.ts";
import { scopeId } from "../configuration/scope.ts";
import { tenantOrigins } from "../configuration/tenant-origins.ts";
import { groupedBy, type NonEmpty } from "../text/non-empty.ts";
import { once } from "../text/once.ts";
import { counted, enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { type PlannedUse, settleBranches } from "./branches.ts";
import type { PlannedConnection, Use } from "./connection.ts";
import { errorPagesOf } from "./error-pages.ts";
import { functionsBeforeAll } from "./functions-before.ts";
import { mergeConnections } from "./merge-connections.ts";
import { type OriginContext, planOrigin } from "./plan-origin.ts";
import { routesByOrigin } from "./routes.ts";
import { usesOf } from "./uses.ts";
import { aliasHosts, type ViewerHosts, viewerHosts } from "./viewer-hosts.ts";

export type Plan = {
  readonly connections: readonly PlannedConnection[];
  /** What the plan leaves out, and why. */
  readonly problems: readonly ConfigurationProblem[];
};

const remedy = "Look at the configuration of the distribution.";

/**
 * The connections that CloudFront makes to the origins of the distributions.
 *
 * Each origin appears at least once, to be probed or with the reason why not. If it cannot, `problems` says so.
 * Connections that CloudFront would make identically appear once, with a use for each distribution, origin and role in
 * an origin group.
 * Beyond the most connections that a plan has, every account has its share of them.
 */
export function plan(distributions: readonly Distribution[], policies: Policies): Plan {
  const branches = branchesOf(distributions);
  const { sizes, ...planned } = planOf(branches, policies);
  const accounts = new Set(distributions.map(({ scope }) => scopeId(scope)));
  return sizes === null || accounts.size < 2 ? planned : planOf(inShares(branches, sizes), policies);
}

/** @returns `sizes` how many connections each of the distributions has, where there are more than a plan has; else null */
function planOf(
  all: readonly NonEmpty<Distribution>[],
  policies: Policies,
): Plan & { readonly sizes: readonly number[] | null } {
  const merger = mergeConnections();
  const problems: ConfigurationProblem[] = [];
  const sizes: number[] = [];
  for (const branches of all) {
    const own: string[] = [];
    const settled = settleBranches(
      branches.map((distribution) => ({
        assumed: distribution.template?.assumed ?? [],
        planned: planDistribution(distribution, policies, own),
      })),
    );
    sizes.push(settled.length);
    for (const { planned, uses } of settled) merger.add(planned, uses);
    const [{ id, scope }] = branches;
    for (const problem of new Set(own)) {
      const message = `distribution ${printable(id, 64)}: ${problem}`;
      problems.push({ code: "distribution-unreadable", message, remedy, scope, distributions: [id] });
    }
  }
  const { connections, leftOut } = merger.result();
  return {
    connections,
    problems: [...leftOutProblems(leftOut, connections.length), ...problems],
    sizes: leftOut.size === 0 ? null : sizes,
  };
}

/** In an order in which, wherever a plan ends, all accounts that have more had as many connections until then. */
function inShares<T extends NonEmpty<Distribution>>(all: readonly T[], sizes: readonly number[]): readonly T[] {
  const counts = new Map<string, number>();
  const placed = all.map((branches, index) => {
    const id = scopeId(branches[0].scope);
    const count = (counts.get(id) ?? 0) + (sizes[index] ?? 0);
    counts.set(id, count);
    return { branches, count };
  });
  return placed.toSorted((a, b) => a.count - b.count).map(({ branches }) => branches);
}

/** Who is left out where a plan comes to its end, for each account. */
function leftOutProblems(leftOut: ReadonlyMap<string, readonly Use[]>, most: number): readonly ConfigurationProblem[] {
  const uses = [...leftOut].flatMap(([key, users]) => users.map((use) => ({ key, ...use })));
  return [...groupedBy(uses, ({ scope }) => scopeId(scope)).values()].map((group) => {
    const [{ scope }] = group;
    const ids = [...new Set(group.map(({ distributionId }) => distributionId))];
    const count = new Set(group.map(({ key }) => key)).size;
    const names = enumerated(
      ids.map((id) => printable(id, 64)),
      5,
    );
    return {
      code: "distribution-unreadable",
      message: `${counted(count, "connection")} of ${names} ${count === 1 ? "is" : "are"} not checked, because a run checks ${most} connections`,
      remedy:
        "Watch fewer distributions (`includeDistributions`, `excludeDistributions`), or watch them from several stacks.",
      scope,
      distributions: ids,
    };
  });
}

/** A distribution of a template occurs once for each set of answers to its open conditions; any other occurs once. */
function branchesOf(distributions: readonly Distribution[]): readonly NonEmpty<Distribution>[] {
  const isBranch = ({ template }: Distribution) => template !== undefined && template.assumed.length > 0;
  const groups = groupedBy(distributions.entries(), ([index, each]) => (isBranch(each) ? each.id : index));
  return [...groups.values()].map(([[, first], ...rest]) => [first, ...rest.map(([, each]) => each)]);
}

function planDistribution(distribution: Distribution, policies: Policies, problems: string[]): readonly PlannedUse[] {
  const routes = routesByOrigin(distribution, problems);
  const hostsOfAll = once(() => viewerHosts(distribution, problems));
  const openRoutes = openRoutesOf(distribution);
  const errorPages = errorPagesOf(distribution);
  const idle = idleReason(distribution);
  const parametersFor = (expressions: readonly string[]) => [
    ...new Set(expressions.flatMap((expression) => distribution.template?.settledBy[expression] ?? [])),
  ];
  if (openRoutes.length > 0 && idle === null) {
    const names = openRoutes.map((each) => printable(each, 100)).join(", ");
    problems.push(`which cache behaviors there are depends on ${names}, so that connections may be missing here`);
  }
  return distribution.origins.flatMap((origin) => {
    const taken = routes.get(origin.id) ?? [];
    const functionsBefore = functionsBeforeAll(taken);
    return variantsOf(distribution, origin).flatMap(({ variant, tenants }) => {
      const hosts = tenants === null ? hostsOfAll : once(() => hostsOfTenants(tenants, problems));
      const context = { idle, policies, hosts, openRoutes, parametersFor };
      return planOrigin(variant, taken, context).map(({ planned, routes: reached, viewers }) => ({
        planned,
        originId: origin.id,
        uses: usesOf(distribution, variant, {
          scheme: planned.connection.scheme,
          routes: reached,
          viewers,
          tenants,
          functionsBefore,
          errorPages,
          policies,
        }),
      }));
    });
  });
}

/** Why CloudFront connects to none of its origins, null where it may. */
function idleReason({ enabled, noViewers, multiTenant, tenants }: Distribution): OriginContext["idle"] {
  if (!enabled) return "distribution-disabled";
  const isWithoutTenants = multiTenant && tenants !== null && tenants.list.length === 0;
  return noViewers !== undefined || isWithoutTenants ? "no-viewers" : null;
}

/** What a template leaves open of behaviors and groups, including the targets of behaviors. */
function openRoutesOf({ open, behaviors, origins, originGroups }: Distribution): readonly string[] {
  const known = new Set([...origins, ...originGroups].map(({ id }) => id));
  const targets = behaviors.map(({ targetOriginId }) => targetOriginId).filter((target) => !known.has(target));
  return [...new Set([...(open?.routes ?? []), ...targets.flatMap(expressionsIn)])];
}

type Variant = { readonly variant: Origin; readonly tenants: readonly Tenant[] | null };

/** The origin itself, or what the tenants of a multi-tenant distribution make of it. */
function variantsOf({ enabled, multiTenant, tenants }: Distribution, origin: Origin): readonly Variant[] {
  if (!enabled || !multiTenant || tenants === null) return [{ variant: origin, tenants: null }];
  return tenantOrigins(origin, tenants).map((each) => ({ variant: each.origin, tenants: each.tenants }));
}

function hostsOfTenants(tenants: readonly Tenant[], problems: string[]): ViewerHosts {
  const owned = tenants.flatMap((tenant) => tenant.domains.map((domain) => ({ domain, tenant })));
  const owners = Map.groupBy(owned, ({ domain }) => domain);
  const hosts = aliasHosts([...owners.keys()], problems).map((host) => {
    const having = host.aliases.flatMap((alias) => owners.get(alias) ?? []);
    return { ...host, tenants: new Set(having.map(({ tenant }) => tenant)).size };
  });
  return hosts.length > 0
    ? { kind: "hosts", hosts, beside: null }
    : { kind: "unknown", unknown: { why: "multi-tenant", expressions: [], parameters: [] } };
}
