import type { Failover, PlannedConnection, Rerouting, UnseenReason, Use } from "./connection.ts";
import { connectionKey, type WithoutKey } from "./connection-key.ts";
import { distinctFunctions } from "./functions-before.ts";

/** Twice the origins that AWS's default quotas allow an account. */
const mostConnections = 100_000;

/** Collects connections and merges those that CloudFront would make identically into one with all uses. */
export type Merger = {
  readonly add: (planned: WithoutKey, uses: readonly Use[]) => void;
  /** Asked for once. `leftOut` has the uses of what is beyond the most connections that a plan has, by key. */
  readonly result: () => {
    readonly connections: PlannedConnection[];
    readonly leftOut: ReadonlyMap<string, readonly Use[]>;
  };
};

export function mergeConnections(): Merger {
  const merged = new Map<string, Merged>();
  const leftOut = new Map<string, readonly Use[]>();
  return {
    add(planned, uses) {
      const key = connectionKey(planned);
      const known = merged.get(key);
      if (known === undefined && merged.size >= mostConnections) {
        leftOut.set(key, [...(leftOut.get(key) ?? []), ...uses]);
        return;
      }
      const entry = known ?? { planned, uses: null };
      entry.planned = withReasonsOf(withGreaterWeight(entry.planned, planned), planned);
      entry.uses = uses.reduce(withUse, entry.uses);
      merged.set(key, entry);
    },
    result: () => ({ connections: Array.from(takenFrom(merged), connectionOf), leftOut }),
  };
}

type Merged = { planned: WithoutKey; uses: Uses };

/** One after the other out of the map: the settings of a hundred thousand are not needed beside their connections. */
function* takenFrom(merged: Map<string, Merged>): Generator<[string, Merged], void> {
  for (const entry of merged) {
    merged.delete(entry[0]);
    yield entry;
  }
}

function connectionOf([key, { planned, uses }]: readonly [string, Merged]): PlannedConnection {
  return withKey(planned, key, usesIn(uses));
}

/** The uses of a connection, by what they are; of a hundred thousand connections, most have one. */
type Uses = null | Use | Map<string, Use>;

function withUse(uses: Uses, use: Use): Uses {
  if (uses === null) return use;
  const several = uses instanceof Map ? uses : new Map([[roleOf(uses), uses]]);
  const known = several.get(roleOf(use));
  several.set(roleOf(use), known === undefined ? use : bothUses(known, use));
  const [only] = several.values();
  return several.size === 1 && only !== undefined ? only : several;
}

function usesIn(uses: Uses): readonly Use[] {
  if (uses === null) return [];
  // A copy has no room for more, unlike a list that grew.
  return uses instanceof Map ? [...uses.values()].slice() : [uses];
}

/** A use is one distribution, origin and role. */
function roleOf({ distributionId, originId, group }: Use): string {
  return JSON.stringify([distributionId, originId, group?.id, group?.role]);
}

/** Adds path patterns and aliases. */
function bothUses(known: Use, use: Use): Use {
  const { onlyWhere, functionsBefore: _, ...rest } = known;
  return {
    ...rest,
    pathPatterns: union(known.pathPatterns, use.pathPatterns),
    aliases: union(known.aliases, use.aliases),
    ...grpcOfBoth(known, use),
    ...hostSourcesOfBoth(known, use),
    isDefault: known.isDefault || use.isDefault,
    viewerSchemes: union(known.viewerSchemes, use.viewerSchemes),
    // Every route plans a connection of a distribution and origin for the same tenants.
    tenants: known.tenants === null ? use.tenants : Math.max(known.tenants, use.tenants ?? 0),
    failover: bothFailovers(known.failover, use.failover),
    reroutedBy: bothReroutings(known.reroutedBy, use.reroutedBy),
    ...functionsOfBoth(known, use),
    ...errorPagesOfBoth(known, use),
    ...(onlyWhere === undefined || use.onlyWhere === undefined ? {} : { onlyWhere: union(onlyWhere, use.onlyWhere) }),
  };
}

function grpcOfBoth({ grpcPathPatterns: some = [] }: Use, { grpcPathPatterns: more = [] }: Use) {
  return some.length + more.length === 0 ? {} : { grpcPathPatterns: union(some, more) };
}

function hostSourcesOfBoth({ hostForwardedBy: some = [] }: Use, { hostForwardedBy: more = [] }: Use) {
  return some.length + more.length === 0 ? {} : { hostForwardedBy: union(some, more) };
}

/** Where one of them reaches the origin without a function, so do both together. */
function functionsOfBoth({ functionsBefore: some }: Use, { functionsBefore: more }: Use) {
  if (some === undefined || more === undefined) return {};
  if (some === more) return { functionsBefore: some };
  const functions = distinctFunctions([...some.functions, ...more.functions]);
  return { functionsBefore: { functions, afterDns: some.afterDns || more.afterDns } };
}

function errorPagesOfBoth({ errorPages: some = [] }: Use, { errorPages: more = [] }: Use) {
  const pages = [...some, ...more.filter(({ path }) => !some.some((each) => each.path === path))];
  return pages.length === 0 ? {} : { errorPages: pages };
}

function bothReroutings(known: readonly Rerouting[], others: readonly Rerouting[]): readonly Rerouting[] {
  if (others.length === 0) return known;
  const added = others.filter(
    ({ pathPattern, arn }) => !known.some((each) => each.pathPattern === pathPattern && each.arn === arn),
  );
  return [...known, ...added];
}

/** Behaviors may differ in which methods fail over: each list has the methods of any behavior. */
function bothFailovers(known: Failover | null, other: Failover | null): Failover | null {
  if (known === null || other === null) return known ?? other;
  return {
    ...known,
    methods: union(known.methods, other.methods),
    otherMethods: union(known.otherMethods, other.otherMethods),
  };
}

/** A connection with full weight for one distribution keeps it, even if it has low weight for another. */
function withGreaterWeight(known: WithoutKey, { connection }: WithoutKey): WithoutKey {
  const weight = connection.weight === "full" ? connection.weight : known.connection.weight;
  const sampled = known.connection.sampled && connection.sampled;
  return { ...known, connection: { ...known.connection, weight, sampled } };
}

function withReasonsOf(known: WithoutKey, other: WithoutKey): WithoutKey {
  if (known.kind !== "unseen" || other.kind !== "unseen") return known;
  return { ...known, reason: bothReasons(known.reason, other.reason) };
}

function bothReasons(known: UnseenReason, other: UnseenReason): UnseenReason {
  if (known.kind === "policy-unresolved" && other.kind === "policy-unresolved") {
    const policyIds = union(known.policyIds, other.policyIds).toSorted();
    return { ...known, policyIds, parameters: union(known.parameters, other.parameters) };
  }
  if (known.kind === "template-value-unresolved" && other.kind === "template-value-unresolved") {
    const expressions = union(known.expressions, other.expressions);
    return { ...known, expressions, parameters: union(known.parameters, other.parameters) };
  }
  if (known.kind === "viewer-host-unknown" && other.kind === "viewer-host-unknown") {
    const expressions = union(known.expressions, other.expressions);
    return { ...known, expressions, parameters: union(known.parameters, other.parameters) };
  }
  return known;
}

function withKey(planned: WithoutKey, key: string, uses: readonly Use[]): PlannedConnection {
  const connection = { key, ...planned.connection, uses };
  switch (planned.kind) {
    case "probe":
      return { kind: "probe", connection };
    case "unseen":
      return { kind: "unseen", connection, reason: planned.reason };
    case "foreseen":
      return { kind: "foreseen", connection, reason: planned.reason };
    case "skipped":
      return { kind: "skipped", connection, reason: planned.reason };
  }
}

function union<T extends string>(some: readonly T[], more: readonly T[]): readonly T[] {
  return [...new Set([...some, ...more])];
}
