import type { CacheBehavior, Distribution } from "../configuration/distribution.ts";
import { isOpen } from "../configuration/placeholder.ts";
import { printable } from "../text/printable.ts";
import type { Failover, GroupRole } from "./connection.ts";

/** A cache behavior that leads to an origin, directly or through an origin group. */
export type Route = {
  readonly behavior: CacheBehavior;
  readonly group: GroupRole | null;
  /** What the group does when its primary origin fails. */
  readonly failover: Pick<Failover, "statusCodes" | "secondaryOriginIds"> | null;
};

/**
 * Whether gRPC requests take the route. They do not fail over, so that the secondary origin of a group gets none
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-using-grpc.html).
 */
export function isGrpc({ behavior, group }: Route): boolean {
  return behavior.grpc && group?.role !== "secondary";
}

function leavesOpen({ open, origins }: Distribution): boolean {
  return (
    (open !== undefined && open.routes.length > 0) ||
    origins.some(({ id, open: own }) => own !== undefined && isOpen(id))
  );
}

/**
 * The routes to each origin that the distribution's behaviors use, by origin id.
 *
 * An origin without routes "is never used": neither by a behavior nor by a group that a behavior uses
 * (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html).
 */
export function routesByOrigin(distribution: Distribution, problems: string[]): ReadonlyMap<string, readonly Route[]> {
  const routes = new Map<string, Route[]>(distribution.origins.map(({ id }) => [id, []]));
  // The target of a behavior or group may be something that a template leaves open; the plan reports that separately.
  const mayBeOpen = (name: string) => leavesOpen(distribution) || isOpen(name);
  const groups = new Map(distribution.originGroups.map((group) => [group.id, group]));
  for (const behavior of distribution.behaviors) {
    const { pathPattern, targetOriginId } = behavior;
    const direct = routes.get(targetOriginId);
    const group = groups.get(targetOriginId);
    if (direct !== undefined) {
      direct.push({ behavior, group: null, failover: null });
    } else if (group !== undefined) {
      if (!group.members.some((member) => routes.has(member) || mayBeOpen(member))) {
        problems.push(
          `behavior "${printable(pathPattern, 60)}" targets the origin group "${printable(targetOriginId, 60)}", ` +
            "of which no member could be read",
        );
      }
      const failover = { statusCodes: group.failoverStatusCodes, secondaryOriginIds: group.members.slice(1) };
      group.members.forEach((originId, index) => {
        const role = { id: group.id, role: index === 0 ? ("primary" as const) : ("secondary" as const) };
        routes.get(originId)?.push({ behavior, group: role, failover });
      });
    } else if (!mayBeOpen(targetOriginId)) {
      problems.push(
        `behavior "${printable(pathPattern, 60)}" targets "${printable(targetOriginId, 60)}", ` +
          "which is not among the origins and origin groups that could be read",
      );
    }
  }
  for (const { id, members } of distribution.originGroups) {
    for (const originId of members.filter((member) => !routes.has(member) && !mayBeOpen(member))) {
      problems.push(
        `origin group "${printable(id, 60)}" has the member "${printable(originId, 60)}", ` +
          "which is not among the origins that could be read",
      );
    }
  }
  return routes;
}
