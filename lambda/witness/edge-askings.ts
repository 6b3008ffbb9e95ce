import { managedResponseHeadersPolicies } from "../cloudfront/managed-policies.ts";
import { matchesPathPattern } from "../cloudfront/path-pattern.ts";
import type { CacheBehavior, Distribution } from "../configuration/distribution.ts";
import { type ById, type Policies, withId } from "../configuration/policies.ts";
import { forwardsHost } from "../plan/host-forwarding.ts";
import { mayReroute } from "../plan/uses.ts";
import type { EdgeMethod, EdgeSettings } from "./edge-answer.ts";
import { type CheckPath, freshPath } from "./edge-path.ts";

/** A distribution through which something is to be learned. */
export type EdgeSubject = {
  readonly distribution: Distribution;
  readonly origins: readonly WantedOrigin[];
  /** How many requests CloudFront counted in the last hour; null where that is not known. */
  readonly requests: number | null;
  /** Null where it could not be read. */
  readonly checkPath: CheckPath | null;
};

export type WantedOrigin = {
  readonly originId: string;
  /** It fails, may fail, or cannot be seen from here. */
  readonly isInDoubt: boolean;
  /** Where the viewer's Host is forwarded: the names for which it is in doubt; empty where it is for all of them. */
  readonly hosts: readonly string[];
};

/** One request that a run makes through a distribution, and what its answer can say. */
export type EdgeAsking = {
  readonly distributionId: string;
  readonly domainName: string;
  readonly originId: string;
  readonly pathPattern: string;
  /** For SNI and Host. */
  readonly host: string;
  readonly method: EdgeMethod;
  readonly path: string;
  /** The owner named the path, so that an answer may come from a cache. */
  readonly isNamedPath: boolean;
  /** `one-of`: an origin group or an edge function chooses, so that no single origin was reached for certain. */
  readonly reaches: "the-origin" | "one-of";
  readonly settings: EdgeSettings;
};

/** Why nothing is asked for an origin by one of its behaviors, or through the distribution at all. */
export type NotAsked = {
  readonly distributionId: string;
  readonly originId: string;
  /** Null where the whole distribution is not asked. */
  readonly pathPattern: string | null;
  readonly why: NotAskedReason;
};

export type NotAskedReason =
  /** The owner's tag says so. */
  | "never"
  | "check-path-invalid"
  /** Its tags could not be read, so that its owner may have said never. */
  | "tags-unknown"
  | "disabled"
  | "staging"
  /** It answers by the names of its tenants only. */
  | "multi-tenant"
  /** Its name under cloudfront.net is not known, so there is nothing to connect to. */
  | "no-name"
  | "viewer-mtls"
  /** A custom error response hides whether CloudFront got through. */
  | "errors-replaced"
  /** A request of this check would be a noticeable part of all. */
  | "few-requests"
  | "requests-unknown"
  | "signed-only"
  /** The pattern is a single path, which has a real page, and the owner named none. */
  | "single-path"
  /** Every path that matches the pattern matches an earlier one too, or there is none that can be asked for. */
  | "no-path"
  /** The Host is forwarded, and no name is known that viewers use. */
  | "no-viewer-name"
  /** Which headers its policy sets is not known, so that they could be taken for the origin's. */
  | "headers-unknown"
  /** It was refused less than a day ago. */
  | "paused"
  /** A run asks no more than that. */
  | "left-out";

/** What earlier runs know. */
export type EdgeHistory = {
  /** A request by this behavior was refused less than a day ago. */
  readonly isPaused: (distributionId: string, pathPattern: string) => boolean;
  /** The name for which the last HEAD by this behavior waits to be confirmed by a GET, null where none does. */
  readonly waitsFor: (distributionId: string, pathPattern: string) => string | null;
};

export type AskingRules = {
  readonly policies: Policies;
  /** By the id of a response headers policy: the headers, in lower case, that it sets or removes. */
  readonly responseHeaders: ById<readonly string[]>;
  readonly history: EdgeHistory;
  /** Requests of the last hour below which nothing is asked. */
  readonly leastRequests: number;
  /** A word of letters and digits that was not used before. */
  readonly token: () => string;
  /** One of so many, the first being 0, each as likely as the others. */
  readonly chance: (of: number) => number;
};

/** A probe must not be the share of errors: a site with 117 requests a day had its alarm at 100 % by a few. */
export const usualLeastRequests = 1_000;
/** Requests of a run, and of these through one distribution. */
export const mostEdgeAskings = 200;
const mostOfDistribution = 3;
/** Statuses by which CloudFront says that it got no usable answer. */
const gatewayStatuses = [502, 503, 504];

/**
 * Which requests a run makes: at most one for an origin and a behavior, those first that confirm an earlier one, then
 * those in doubt. Of the behaviors that lead to an origin it takes the first that can be asked and says something, one
 * that leads to it alone before one that leaves a choice. Whatever is not asked is said, with the reason.
 */
export function edgeAskings(
  subjects: readonly EdgeSubject[],
  rules: AskingRules,
): { readonly askings: readonly EdgeAsking[]; readonly notAsked: readonly NotAsked[] } {
  const chosen = subjects.flatMap((subject) => ofDistribution(subject, rules));
  const possible = chosen.flatMap((each) => ("asking" in each ? [each] : []));
  const ranked = shuffled(possible, rules.chance).toSorted((a, b) => a.rank - b.rank);
  const taken = new Map<string, number>();
  const askings = ranked.filter(({ asking: { distributionId } }) => {
    const own = taken.get(distributionId) ?? 0;
    taken.set(distributionId, own + 1);
    return own < mostOfDistribution;
  });
  const asked = new Set(askings.slice(0, mostEdgeAskings));
  const leftOut = ranked.flatMap((each): NotAsked[] => {
    const { distributionId, originId, pathPattern } = each.asking;
    return asked.has(each) ? [] : [{ distributionId, originId, pathPattern, why: "left-out" }];
  });
  return {
    askings: [...asked].map(({ asking }) => asking),
    notAsked: [...chosen.flatMap((each) => ("why" in each ? [each] : [])), ...leftOut],
  };
}

type Possible = { readonly asking: EdgeAsking; readonly rank: number };

function ofDistribution(subject: EdgeSubject, rules: AskingRules): (Possible | NotAsked)[] {
  const { distribution, origins } = subject;
  const { id: distributionId } = distribution;
  const { domainName } = distribution;
  const why = whyNotThrough(subject, rules);
  if (why !== null || domainName === null) {
    return origins.map(({ originId }) => ({ distributionId, originId, pathPattern: null, why: why ?? "no-name" }));
  }
  return origins.flatMap((origin): (Possible | NotAsked)[] => {
    const reasons: NotAsked[] = [];
    for (const route of routesTo(distribution, origin.originId)) {
      const asking = byBehavior(subject, domainName, origin, route, rules);
      if (typeof asking !== "string") {
        const rank = asking.method === "GET" ? 0 : origin.isInDoubt ? 1 : 2;
        return [{ asking, rank }];
      }
      const { pathPattern } = route.behavior;
      reasons.push({ distributionId, originId: origin.originId, pathPattern, why: asking });
    }
    return reasons;
  });
}

function whyNotThrough(
  { distribution, requests, checkPath }: EdgeSubject,
  { leastRequests }: AskingRules,
): NotAskedReason | null {
  const { enabled, staging, multiTenant, domainName, viewerMtls, replacedErrors = [] } = distribution;
  if (checkPath === null) return "tags-unknown";
  if (checkPath.kind === "never") return "never";
  if (checkPath.kind === "invalid") return "check-path-invalid";
  if (!enabled) return "disabled";
  if (staging) return "staging";
  if (multiTenant) return "multi-tenant";
  if (domainName === null || !isOwnName(domainName)) return "no-name";
  if (viewerMtls) return "viewer-mtls";
  if (replacedErrors.some(({ replaces }) => gatewayStatuses.includes(replaces))) return "errors-replaced";
  if (requests === null && leastRequests > 0) return "requests-unknown";
  return (requests ?? 0) < leastRequests ? "few-requests" : null;
}

/** The name that CloudFront gives to a distribution; nothing else is ever connected to. */
export function isOwnName(domainName: string): boolean {
  return /^d[a-z0-9]{1,60}\.cloudfront\.net$/.test(domainName);
}

/** A behavior that leads to an origin, with those that CloudFront compares before. */
type EdgeRoute = {
  readonly behavior: CacheBehavior;
  readonly earlier: readonly string[];
  readonly reaches: EdgeAsking["reaches"];
};

/** Those that lead to it alone come first. By a group, a request says nothing of its secondary origin. */
function routesTo({ behaviors, originGroups }: Distribution, originId: string): readonly EdgeRoute[] {
  const patterns = behaviors.map(({ pathPattern }) => pathPattern);
  const groups = new Set(originGroups.flatMap(({ id, members: [first] }) => (first === originId ? [id] : [])));
  return behaviors
    .flatMap((behavior, index): EdgeRoute[] => {
      const { targetOriginId: target, edgeFunctions } = behavior;
      if (target !== originId && !groups.has(target)) return [];
      const isSure = target === originId && !edgeFunctions.some(mayReroute);
      return [{ behavior, earlier: patterns.slice(0, index), reaches: isSure ? "the-origin" : "one-of" }];
    })
    .toSorted((a, b) => Number(a.reaches === "one-of") - Number(b.reaches === "one-of"));
}

function byBehavior(
  { distribution, checkPath }: EdgeSubject,
  domainName: string,
  { originId, hosts }: WantedOrigin,
  { behavior, earlier, reaches }: EdgeRoute,
  rules: AskingRules,
): EdgeAsking | NotAskedReason {
  const { id: distributionId, replacedErrors = [] } = distribution;
  const { pathPattern } = behavior;
  if (behavior.signedOnly) return "signed-only";
  if (rules.history.isPaused(distributionId, pathPattern)) return "paused";
  const policyHeaders = headersOf(behavior, rules.responseHeaders);
  if (policyHeaders === null) return "headers-unknown";
  const named = checkPath?.kind === "path" && servesPath(behavior, earlier, checkPath.path) ? checkPath.path : null;
  if (named === null && !pathPattern.includes("*")) return "single-path";
  const path = named ?? freshPath(pathPattern, earlier, rules.token());
  if (path === null) return "no-path";
  const waitsFor = rules.history.waitsFor(distributionId, pathPattern);
  const names = namesFor(distribution, behavior, hosts, domainName, rules.policies);
  const host = waitsFor !== null && names.all.includes(waitsFor) ? waitsFor : oneOf(names.preferred, rules.chance);
  if (host === undefined) return "no-viewer-name";
  return {
    distributionId,
    domainName,
    originId,
    pathPattern,
    host,
    method: host === waitsFor ? "GET" : "HEAD",
    path,
    isNamedPath: named !== null,
    reaches,
    settings: { errorPages: replacedErrors, policyHeaders },
  };
}

function servesPath({ pathPattern }: CacheBehavior, earlier: readonly string[], path: string): boolean {
  return matchesPathPattern(pathPattern, path) && !earlier.some((each) => matchesPathPattern(each, path));
}

/** Null where the policy is not known. Managed ones set none that an origin is recognised by. */
function headersOf(
  { responseHeadersPolicyId: id }: CacheBehavior,
  known: ById<readonly string[]>,
): ReadonlySet<string> | null {
  if (id === undefined) return new Set();
  const headers = withId(id, known) ?? (managedResponseHeadersPolicies.has(id) ? [] : undefined);
  return headers === undefined ? null : new Set(headers);
}

/**
 * The names to ask by: the distribution's own where the Host is not forwarded, because the origin sees no difference; else
 * an alias, because the name becomes the origin's Host and SNI. A wildcard is no name, and one is never invented.
 */
function namesFor(
  { aliases }: Distribution,
  behavior: CacheBehavior,
  hosts: readonly string[],
  domainName: string,
  policies: Policies,
): { readonly preferred: readonly string[]; readonly all: readonly string[] } {
  const isForwarded = forwardsHost(behavior, policies) !== "no";
  if (!isForwarded || aliases.length === 0) return { preferred: [domainName], all: [domainName] };
  const all = aliases.map((alias) => alias.toLowerCase()).filter((alias) => !alias.includes("*"));
  const doubtful = all.filter((alias) => hosts.includes(alias));
  return { preferred: doubtful.length > 0 ? doubtful : all, all };
}

function oneOf<T>(list: readonly T[], chance: AskingRules["chance"]): T | undefined {
  return list.length === 0 ? undefined : list[chance(list.length)];
}

/** So that in time each has its turn where not all can be asked. */
function shuffled<T>(list: readonly T[], chance: AskingRules["chance"]): T[] {
  const rest = [...list];
  return list.flatMap(() => (rest.length === 0 ? [] : rest.splice(chance(rest.length), 1)));
}
