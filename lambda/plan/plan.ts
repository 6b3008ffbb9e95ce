import { printable } from "../text/printable.ts";
import type { PlannedConnection, Use } from "./connection.ts";
import type { Distribution, Origin } from "./distribution.ts";
import { mergeConnections } from "./merge-connections.ts";
import { planOrigin } from "./plan-origin.ts";
import type { Policies } from "./policies.ts";
import { type Route, routesByOrigin } from "./reach.ts";
import { type ViewerHost, viewerHosts } from "./viewer-hosts.ts";

export type Plan = {
  readonly connections: readonly PlannedConnection[];
  /** What the plan leaves out and why, one sentence each; names the distribution. */
  readonly problems: readonly string[];
};

/**
 * The TLS connections that CloudFront makes to the origins of the distributions.
 *
 * Each origin appears at least once, to be probed or with the reason why not; where it cannot, `problems` says so.
 * Connections that CloudFront would make identically appear once, with a use for each distribution, origin and role in
 * an origin group.
 */
export function plan(distributions: readonly Distribution[], policies: Policies): Plan {
  const merger = mergeConnections();
  const problems: string[] = [];
  for (const distribution of distributions) {
    const own: string[] = [];
    const routes = routesByOrigin(distribution, own);
    let hosts: readonly ViewerHost[] | undefined;
    const around = {
      enabled: distribution.enabled,
      policies,
      hosts: () => {
        hosts ??= viewerHosts(distribution, own);
        return hosts;
      },
    };
    for (const origin of distribution.origins) {
      for (const { planned, routes: taken, aliases } of planOrigin(origin, routes.get(origin.id) ?? [], around)) {
        merger.add(planned, usesOf(distribution, origin, taken, aliases ?? distribution.aliases));
      }
    }
    problems.push(...own.map((problem) => `distribution ${printable(distribution.id, 64)}: ${problem}`));
  }
  const { connections, leftOut } = merger.result();
  if (leftOut > 0) problems.push(`${leftOut} connections beyond the first ${connections.length} are not checked`);
  return { connections, problems };
}

/** One use for each role in which the routes reach the origin, with all their path patterns. */
function usesOf(
  distribution: Distribution,
  origin: Origin,
  routes: readonly Route[],
  aliases: readonly string[],
): Use[] {
  const reached = routes.map(({ behavior, group }) => ({ pathPatterns: [behavior.pathPattern], group }));
  // An origin that no behavior uses still belongs to its distribution.
  const roles = reached.length > 0 ? reached : [{ pathPatterns: [], group: null }];
  return roles.map(({ pathPatterns, group }) => ({
    distributionId: distribution.id,
    distributionDomain: distribution.domainName,
    comment: distribution.comment,
    originId: origin.id,
    pathPatterns,
    aliases,
    group,
  }));
}
