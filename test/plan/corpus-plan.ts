import type { PlannedConnection } from "../../lambda/plan/connection.ts";

/** A plan as the corpus keeps it: all that decides, in the order of the plan, short enough to be read line by line. */
export function corpusPlan(connections: readonly PlannedConnection[], problems: readonly string[]): object {
  return { connections: connections.map(planned), problems };
}

function planned(each: PlannedConnection): object {
  const { key, acceptedNames, originKind, weight, sampled, uses } = each.connection;
  return {
    [each.kind]: key,
    ...(each.kind === "unseen" ? { reason: each.reason } : {}),
    ...(acceptedNames.length > 1 ? { acceptedNames } : {}),
    ...(originKind === "host" ? {} : { originKind }),
    ...(weight === "low" ? { weight } : {}),
    ...(sampled ? { sampled } : {}),
    uses: uses.map(usedBy),
  };
}

function usedBy(use: PlannedConnection["connection"]["uses"][number]): string {
  const { distributionId, originId, group, pathPatterns, aliases, failover } = use;
  return [
    `${distributionId}/${originId}`,
    ...(pathPatterns.length === 0 ? [] : [`for ${pathPatterns.join(" ")}`]),
    ...(aliases.length === 0 ? [] : [`on ${aliases.length > 5 ? `${aliases.length} aliases` : aliases.join(" ")}`]),
    ...(use.isDefault ? ["default"] : []),
    ...(use.staging ? ["staging"] : []),
    ...(use.enabled ? [] : ["disabled"]),
    ...(use.tenants === null ? [] : [`${use.tenants} tenants`]),
    ...(group === null ? [] : [`${group.role} of ${group.id}`]),
    ...(failover === null
      ? []
      : [
          `${failover.methods.join("/")} fail over to ${failover.secondaryOriginIds.join()} on ${failover.statusCodes.join("/")}`,
        ]),
    ...(failover === null || failover.otherMethods.length === 0 ? [] : [`${failover.otherMethods.join("/")} never`]),
    ...(use.viewerSchemes.length === 0 ? [] : [`viewers over ${use.viewerSchemes.join("+")}`]),
    ...(use.reroutedBy.length === 0
      ? []
      : [`rerouted by ${use.reroutedBy.map(({ pathPattern, arn }) => `${arn} on ${pathPattern}`).join(" ")}`]),
  ].join(", ");
}
