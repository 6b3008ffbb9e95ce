import type { ConfigurationProblem } from "../configuration/configuration.ts";
import type { Distribution, Origin, Tenant } from "../configuration/distribution.ts";
import type { Policies } from "../configuration/policies.ts";
import { printable } from "../text/printable.ts";
import type { PlannedConnection } from "./connection.ts";
import { mergeConnections } from "./merge-connections.ts";
import { planOrigin } from "./plan-origin.ts";
import { routesByOrigin } from "./routes.ts";
import { tenantOrigins } from "./tenant-origins.ts";
import { usesOf } from "./uses.ts";
import { aliasHosts, type ViewerHosts, viewerHosts } from "./viewer-hosts.ts";

export type Plan = {
  readonly connections: readonly PlannedConnection[];
  /** What the plan leaves out and why. */
  readonly problems: readonly ConfigurationProblem[];
};

const remedy = "Look at the configuration of the distribution.";

/**
 * The connections that CloudFront makes to the origins of the distributions.
 *
 * Each origin appears at least once, to be probed or with the reason why not; where it cannot, `problems` says so.
 * Connections that CloudFront would make identically appear once, with a use for each distribution, origin and role in
 * an origin group.
 */
export function plan(distributions: readonly Distribution[], policies: Policies): Plan {
  const merger = mergeConnections();
  const problems: ConfigurationProblem[] = [];
  for (const distribution of distributions) {
    const own: string[] = [];
    const routes = routesByOrigin(distribution, own);
    const hostsOfAll = once(() => viewerHosts(distribution, own));
    for (const origin of distribution.origins) {
      const taken = routes.get(origin.id) ?? [];
      for (const { variant, tenants } of variantsOf(distribution, origin)) {
        const hosts = tenants === null ? hostsOfAll : once(() => hostsOfTenants(tenants, own));
        const context = { enabled: distribution.enabled, policies, hosts };
        for (const { planned, routes: reached, viewers } of planOrigin(variant, taken, context)) {
          const { scheme } = planned.connection;
          merger.add(planned, usesOf(distribution, variant, { scheme, routes: reached, viewers, tenants }));
        }
      }
    }
    for (const problem of new Set(own)) {
      const { id, scope } = distribution;
      const message = `distribution ${printable(id, 64)}: ${problem}`;
      problems.push({ code: "distribution-unreadable", message, remedy, scope, distributions: [id] });
    }
  }
  const { connections, leftOut } = merger.result();
  if (leftOut > 0) {
    const message = `${leftOut} connections beyond the first ${connections.length} are not checked`;
    problems.push({ code: "distribution-unreadable", message, remedy, scope: null });
  }
  return { connections, problems };
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
  return hosts.length > 0 ? { kind: "hosts", hosts } : { kind: "unknown", why: "multi-tenant" };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
