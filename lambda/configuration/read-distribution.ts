import { choice, entries, flag, isObject, member, mismatch, type Part, text, texts } from "./api-value.ts";
import type { CacheBehavior, Distribution, Origin, OriginGroup } from "./distribution.ts";
import { readBehavior } from "./read-behavior.ts";
import { readOrigin } from "./read-origin.ts";
import { scopeOfArn } from "./scope.ts";

export type ReadResult =
  | {
      readonly kind: "distribution";
      readonly distribution: Distribution;
      /** What could not be read as it stands, one sentence each, and what was assumed instead. */
      readonly problems: readonly string[];
    }
  | UnreadableDistribution;

export type UnreadableDistribution = {
  readonly kind: "unreadable";
  /** Null when the value does not tell. */
  readonly id: string | null;
  /** `path: expected …, got …`. */
  readonly problem: string;
};

/** AWS's default quotas are 100 origins, 75 behaviors, 100 aliases and 10 origin groups; all can be raised. */
const most = { origins: 250, behaviors: 250, aliases: 500, groups: 100, membersOfGroup: 10, failoverCodes: 20 };

/**
 * Reduces a distribution of CloudFront's API to what decides its origin connections.
 *
 * @param value a DistributionSummary (ListDistributions), a Distribution (GetDistribution) or a bare DistributionConfig,
 *   as the SDK returns it or as the AWS CLI prints it
 * @param fallbackId names the distribution when the value carries no Id, as a DistributionConfig does not
 */
export function readDistribution(value: unknown, fallbackId = "unnamed"): ReadResult {
  const root: Part = { path: "", value };
  const problems: string[] = [];
  const ownId = text(member(root, "Id"), problems);
  const nested = member(root, "DistributionConfig");
  const config = nested.value === undefined ? root : nested;
  const needed = [
    { part: config, expected: "a distribution" },
    { part: member(config, "Origins"), expected: "an object with Items" },
    { part: member(config, "DefaultCacheBehavior"), expected: "an object" },
  ].find(({ part }) => !isObject(part.value));
  if (needed !== undefined) {
    return { kind: "unreadable", id: ownId, problem: mismatch(needed.part, needed.expected) };
  }
  return { kind: "distribution", distribution: reduce(root, config, ownId ?? fallbackId, problems), problems };
}

function reduce(root: Part, config: Part, id: string, problems: string[]): Distribution {
  const connectionMode = choice(
    member(config, "ConnectionMode"),
    { of: ["direct", "tenant-only"], otherwise: "direct", absent: "direct" },
    problems,
  );
  const scope = scopeOfArn(member(root, "ARN").value);
  return {
    id,
    scope,
    domainName: text(member(root, "DomainName"), problems),
    comment: text(member(config, "Comment"), problems) ?? "",
    // A distribution of which it is open whether it serves viewers is looked at rather than passed over.
    enabled: flag(member(config, "Enabled"), true, problems),
    staging: flag(member(config, "Staging"), false, problems),
    multiTenant: connectionMode === "tenant-only",
    aliases: texts(member(config, "Aliases"), most.aliases, problems),
    // Neither is in this answer; whoever reads the account asks for them where they matter.
    primary: null,
    tenants: null,
    origins: readOrigins(member(config, "Origins"), scope.accountId, problems),
    originGroups: entries(member(config, "OriginGroups"), most.groups, problems).flatMap(
      (entry) => readGroup(entry, problems) ?? [],
    ),
    behaviors: readBehaviors(config, problems),
  };
}

function readOrigins(part: Part, account: string | null, problems: string[]): Origin[] {
  const origins = new Map<string, Origin>();
  for (const entry of entries(part, most.origins, problems)) {
    const origin = readOrigin(entry, account, problems);
    if (origin === null) continue;
    if (origins.has(origin.id)) problems.push(`${entry.path}.Id: the same as that of an origin before it; left out`);
    else origins.set(origin.id, origin);
  }
  return [...origins.values()];
}

function readBehaviors(config: Part, problems: string[]): CacheBehavior[] {
  const ordered = entries(member(config, "CacheBehaviors"), most.behaviors, problems);
  const behaviors = ordered.map((entry) => readBehavior(entry, null, problems));
  behaviors.push(readBehavior(member(config, "DefaultCacheBehavior"), "*", problems));
  return behaviors.filter((behavior) => behavior !== null);
}

function readGroup(part: Part, problems: string[]): OriginGroup | null {
  const id = text(member(part, "Id"), problems);
  if (id === null) {
    problems.push(`${mismatch(part, "an origin group with Id")}; left out`);
    return null;
  }
  const members = entries(member(part, "Members"), most.membersOfGroup, problems);
  const codes = entries(member(member(part, "FailoverCriteria"), "StatusCodes"), most.failoverCodes, problems);
  return {
    id,
    members: members.flatMap((entry) => text(member(entry, "OriginId"), problems) ?? []),
    failoverStatusCodes: codes.flatMap((entry) => {
      if (typeof entry.value === "number") return entry.value;
      problems.push(`${mismatch(entry, "a status code")}; left out`);
      return [];
    }),
  };
}
