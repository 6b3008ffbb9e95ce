import {
  choice,
  entries,
  flag,
  isLeftOpen,
  isObject,
  member,
  mismatch,
  type Notes,
  notesOnPart,
  type Part,
  takeNotes,
  text,
  texts,
} from "./api-value.ts";
import type { CacheBehavior, Distribution, ErrorPage, Origin, OriginGroup, ReplacedError } from "./distribution.ts";
import { isOpen, placeholder } from "./placeholder.ts";
import { readBehavior } from "./read-behavior.ts";
import { originLeftOpen, readOrigin } from "./read-origin.ts";
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
const mostErrorResponses = 50;
/** It is compared with every path pattern, of which none is longer. */
const longestPagePath = 255;

/**
 * Reduces a distribution of CloudFront's API to what decides its origin connections.
 *
 * @param value a DistributionSummary (ListDistributions), a Distribution (GetDistribution) or a bare DistributionConfig,
 *   as the SDK returns it or as the AWS CLI prints it
 * @param fallbackId names the distribution when the value carries no Id, as a DistributionConfig does not
 */
export function readDistribution(value: unknown, fallbackId = "unnamed"): ReadResult {
  const root: Part = { path: "", value };
  const notes = takeNotes();
  const ownId = text(member(root, "Id"), notes);
  const nested = member(root, "DistributionConfig");
  const config = nested.value === undefined ? root : nested;
  const needed = [
    { part: config, expected: "a distribution", isGiven: isObject(config.value) },
    {
      part: member(config, "Origins"),
      expected: "an object with Items",
      isGiven: isObjectOrOpen(member(config, "Origins")),
    },
    { part: member(config, "DefaultCacheBehavior"), expected: "an object", isGiven: isObjectOrOpen(defaultOf(config)) },
  ].find(({ isGiven }) => !isGiven);
  if (needed !== undefined) {
    return { kind: "unreadable", id: ownId, problem: mismatch(needed.part, needed.expected) };
  }
  const distribution = reduce(root, config, ownId ?? fallbackId, notes);
  return { kind: "distribution", distribution, problems: notes.problems };
}

function defaultOf(config: Part): Part {
  return member(config, "DefaultCacheBehavior");
}

function isObjectOrOpen(part: Part): boolean {
  return isObject(part.value) || isLeftOpen(part, takeNotes());
}

function reduce(root: Part, config: Part, id: string, notes: Notes): Distribution {
  // What a template leaves open here leaves open which connections there are.
  const routes = notesOnPart(notes);
  const names = notesOnPart(notes);
  const connectionMode = choice(
    member(config, "ConnectionMode"),
    { of: ["direct", "tenant-only"], otherwise: "direct", absent: "direct" },
    routes,
  );
  const scope = scopeOfArn(member(root, "ARN").value);
  const distribution: Distribution = {
    id,
    scope,
    domainName: text(member(root, "DomainName"), notes),
    comment: text(member(config, "Comment"), notes) ?? "",
    // A distribution of which it is open whether it serves viewers is looked at rather than passed over.
    enabled: flag(member(config, "Enabled"), true, notes),
    staging: flag(member(config, "Staging"), false, routes),
    multiTenant: connectionMode === "tenant-only",
    aliases: texts(member(config, "Aliases"), most.aliases, names),
    // Neither is in this answer; whoever reads the account asks for them where they matter.
    primary: null,
    tenants: null,
    origins: readOrigins(member(config, "Origins"), scope.accountId, notes),
    originGroups: entries(member(config, "OriginGroups"), most.groups, routes).flatMap(
      (entry) => readGroup(entry, routes) ?? [],
    ),
    behaviors: readBehaviors(config, routes),
  };
  const errorPages = readErrorPages(member(config, "CustomErrorResponses"), notes);
  return {
    ...distribution,
    ...(errorPages.length === 0 ? {} : { errorPages }),
    ...readReplacedErrors(member(config, "CustomErrorResponses")),
    ...(member(member(config, "ViewerMtlsConfig"), "Mode").value === undefined ? {} : { viewerMtls: true }),
    ...(routes.open.length + names.open.length === 0 ? {} : { open: { routes: routes.open, aliases: names.open } }),
  };
}

/** Which page a template settles later decides no connection, so that what is open about pages is nobody's. */
function readErrorPages(part: Part, notes: Notes): readonly ErrorPage[] {
  const own = notesOnPart(notes);
  const pages = new Map<string, Set<number>>();
  for (const entry of entries(part, mostErrorResponses, own)) {
    const path = text(member(entry, "ResponsePagePath"), own) ?? "";
    const code = member(entry, "ErrorCode").value;
    // A response without a page changes only how long an error is cached.
    if (path === "" || path.length > longestPagePath || isOpen(path) || typeof code !== "number") continue;
    pages.set(path, (pages.get(path) ?? new Set()).add(code));
  }
  return [...pages].map(([path, codes]) => ({ path, statusCodes: [...codes] }));
}

/** Which status stands for which decides no connection, so that what is open or unreadable about it is nobody's. */
function readReplacedErrors(part: Part): Pick<Distribution, "replacedErrors"> {
  const replacedErrors = entries(part, mostErrorResponses, takeNotes()).flatMap((entry): ReplacedError[] => {
    const replaces = member(entry, "ErrorCode").value;
    const isReplaced = (text(member(entry, "ResponsePagePath"), takeNotes()) ?? "") !== "";
    if (typeof replaces !== "number" || !isReplaced) return [];
    // The API writes the one as a number and the other as text.
    const shownAs = Number(member(entry, "ResponseCode").value ?? "");
    return [{ replaces, shownAs: shownAs >= 100 && shownAs <= 599 ? shownAs : replaces }];
  });
  return replacedErrors.length === 0 ? {} : { replacedErrors };
}

function readOrigins(part: Part, account: string | null, notes: Notes): Origin[] {
  const origins = new Map<string, Origin>();
  const list = notesOnPart(notes);
  for (const entry of entries(part, most.origins, list)) {
    const origin = readOrigin(entry, account, notes);
    if (origin === null) continue;
    if (origins.has(origin.id)) {
      notes.problems.push(`${entry.path}.Id: the same as that of an origin before it; left out`);
    } else origins.set(origin.id, origin);
  }
  return list.open.length === 0 ? [...origins.values()] : [originLeftOpen(placeholderOf(list.open), list.open)];
}

function placeholderOf(open: readonly string[]): string {
  return open.map(placeholder).join("");
}

function readBehaviors(config: Part, notes: Notes): CacheBehavior[] {
  const ordered = entries(member(config, "CacheBehaviors"), most.behaviors, notes);
  const behaviors = ordered.map((entry) => readBehavior(entry, null, notes));
  behaviors.push(readBehavior(defaultOf(config), "*", notes));
  return behaviors.filter((behavior) => behavior !== null);
}

function readGroup(part: Part, notes: Notes): OriginGroup | null {
  if (isLeftOpen(part, notes)) return null;
  const id = text(member(part, "Id"), notes);
  if (id === null) {
    notes.problems.push(`${mismatch(part, "an origin group with Id")}; left out`);
    return null;
  }
  const members = entries(member(part, "Members"), most.membersOfGroup, notes);
  const codes = entries(
    member(member(part, "FailoverCriteria"), "StatusCodes"),
    most.failoverCodes,
    notesOnPart(notes),
  );
  return {
    id,
    members: members.flatMap((entry) =>
      isLeftOpen(entry, notes) ? [] : (text(member(entry, "OriginId"), notes) ?? []),
    ),
    failoverStatusCodes: codes.flatMap((entry) => {
      if (typeof entry.value === "number") return entry.value;
      if (!isLeftOpen(entry, takeNotes())) notes.problems.push(`${mismatch(entry, "a status code")}; left out`);
      return [];
    }),
  };
}
