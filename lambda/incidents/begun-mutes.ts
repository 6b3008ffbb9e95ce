import type { Scope } from "../configuration/scope.ts";
import type { RunProblem } from "../report/record.ts";
import { groupedBy, type NonEmpty } from "../text/non-empty.ts";
import { audiencesOf, forAudience, inAudiences, mostAudiencesApart } from "./audiences.ts";
import {
  type BegunMute,
  type Draft,
  type MutedDistribution,
  type MutedIncident,
  openDistributionsIn,
  openIn,
} from "./change.ts";
import { inTheSameWords } from "./choose-not-checked-messages.ts";
import type { MuteInForce } from "./mute-claim.ts";
import { type MutableUse, muteOfProblem, type Users } from "./mute-of.ts";
import type { HeldNotChecked } from "./not-checked.ts";
import { mostAccountIds } from "./ports.ts";
import { type AnnouncedMute, type Incident, maxDistributionsKept } from "./state.ts";

/** Everything that would be told in a run if nothing were muted. */
export type HeldBack = {
  readonly incidents: readonly MutedIncident[];
  readonly distributions: readonly MutedDistribution[];
  readonly notChecked: readonly HeldNotChecked[];
  readonly problems: readonly { readonly problem: RunProblem; readonly mute: MuteInForce }[];
};

type BegunMessage = Pick<Draft, "event" | "audience"> & { readonly begunMutes: readonly BegunMute[] };

/** Part of what a mute holds back, and the accounts in which it does. */
type Held = BegunMute & { readonly scopes: readonly Scope[] };

/**
 * What mutes began to hold back, in a message for each group of accounts in which they do so, the mute that ends first
 * before the others. Whoever's origin, distribution or problem it is, hears of the mute, and of what it holds back there: so
 * a mute of one account is never told to another one that uses the same origin, and a mute of the settings once to each
 * account. Where the groups are many it is one event.
 *
 * @param known the mutes as the state has them, with those to whom they were told
 * @param users all distributions that use a connection, by its key, as this run knows them
 */
export function begunMutes(held: HeldBack, known: readonly AnnouncedMute[], users: Users): readonly BegunMessage[] {
  const told = new Map(known.map((entry) => [entry.id, entry]));
  const holding = [
    ...held.incidents.flatMap(({ mutes }) => mutes),
    ...held.distributions.flatMap(({ mutes }) => mutes),
    ...held.notChecked.flatMap(({ mutes }) => mutes),
    ...held.problems.map(({ mute }) => mute),
  ];
  const parts = [...new Map(holding.map((mute) => [mute.id, mute])).values()]
    .toSorted((a, b) => Date.parse(a.until) - Date.parse(b.until))
    .flatMap((mute) => heldBy(mute, held, told.get(mute.id), users));
  return inAudiences(parts, audiencesOf(parts), mostAudiencesApart).map(({ audience, own }) => ({
    event: "muted",
    ...forAudience(audience),
    begunMutes: [...groupedBy(own, ({ mute }) => mute.id).values()].map(joined),
  }));
}

function heldBy(mute: MuteInForce, held: HeldBack, told: AnnouncedMute | undefined, users: Users): readonly Held[] {
  const isBy = ({ mutes }: { readonly mutes: readonly MuteInForce[] }) => mutes.some(({ id }) => id === mute.id);
  const nothing = { mute, incidents: [], distributions: [], notChecked: [], problems: [] };
  const part = (scopes: readonly Scope[], what: (scopes: readonly Scope[]) => Partial<BegunMute>): readonly Held[] => {
    if (told === undefined || told.announced === null) return [{ ...nothing, ...what(scopes), scopes }];
    const { toldTo } = told;
    if (toldTo === undefined) return [];
    const others = scopes.filter(({ accountId }) => accountId !== null && !toldTo.includes(accountId));
    return others.length === 0 ? [] : [{ ...nothing, ...what(others), scopes: others }];
  };
  const notChecked = inTheSameWords(held.notChecked.filter(isBy).map(({ entry }) => entry));
  return [
    ...held.incidents.filter(isBy).flatMap(({ incident }) => {
      const uses = users.get(incident.key);
      return part(accountsUnder(mute, incident, uses), (scopes) => ({ incidents: [asUsedIn(scopes, incident, uses)] }));
    }),
    ...held.distributions
      .filter(isBy)
      .flatMap(({ incident }) => part([incident.scope], () => ({ distributions: [incident] }))),
    ...notChecked.flatMap((origin) => part(origin.scopes, (scopes) => ({ notChecked: [{ ...origin, scopes }] }))),
    ...held.problems
      .filter((each) => each.mute.id === mute.id)
      .flatMap(({ problem }) => part(problem.scope === null ? [] : [problem.scope], () => ({ problems: [problem] }))),
  ];
}

/** The accounts of an incident whose uses the mute holds back: others may be held back by mutes of their own. */
function accountsUnder(
  { account, distribution }: MuteInForce,
  { scopes }: Incident,
  uses: readonly MutableUse[] = [],
): readonly Scope[] {
  const users = new Set(
    uses.flatMap(({ distributionId, accountId }) => (distributionId === distribution ? (accountId ?? []) : [])),
  );
  const only = account === null ? users : new Set([account]);
  if (only.size === 0) return scopes;
  const known = new Map(scopes.map((scope) => [scope.accountId, scope]));
  const partition = scopes[0]?.partition ?? null;
  // An incident keeps the first accounts of many, and those that had it when it was last seen.
  return [...only].map((accountId) => known.get(accountId) ?? { accountId, accountName: null, partition });
}

/** An incident as these accounts have it: their own distributions, as far as this run knows which these are. */
function asUsedIn(scopes: readonly Scope[], incident: Incident, uses: readonly MutableUse[] = []): Incident {
  const ids = new Set(scopes.map(({ accountId }) => accountId));
  if (incident.scopes.every(({ accountId }) => ids.has(accountId))) return incident;
  const own = new Set(uses.flatMap(({ distributionId, accountId }) => (ids.has(accountId) ? distributionId : [])));
  const distributions = [...own].slice(0, maxDistributionsKept);
  return { ...incident, scopes, scopeCount: scopes.length, distributions, distributionCount: own.size };
}

function joined(parts: NonEmpty<Held>): BegunMute {
  return {
    mute: parts[0].mute,
    incidents: parts.flatMap(({ incidents }) => incidents),
    distributions: parts.flatMap(({ distributions }) => distributions),
    notChecked: parts.flatMap(({ notChecked }) => notChecked),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

/** The mutes as the state is to have them once people are told of these. */
export function withAnnounced(
  kept: readonly AnnouncedMute[],
  begun: readonly BegunMessage[],
  now: Date,
): readonly AnnouncedMute[] {
  const told = Map.groupBy(
    begun.flatMap(({ begunMutes }) => begunMutes),
    ({ mute }) => mute.id,
  );
  return kept.map((entry) => {
    const own = told.get(entry.id);
    if (own === undefined) return entry;
    const { toldTo, ...rest } = entry;
    const scopes = own.flatMap(scopesOf);
    const accounts = [...new Set([...(toldTo ?? []), ...scopes.flatMap(({ accountId }) => accountId ?? [])])];
    const isEverybody = accounts.length === 0 || accounts.length > mostAccountIds;
    return { ...rest, announced: entry.announced ?? now.toISOString(), ...(isEverybody ? {} : { toldTo: accounts }) };
  });
}

/** The accounts in which a mute began to hold something back. */
export function scopesOf({ incidents, distributions, notChecked, problems }: BegunMute): readonly Scope[] {
  return [
    ...[...incidents, ...notChecked].flatMap(({ scopes }) => scopes),
    ...[...distributions, ...problems].flatMap(({ scope }) => scope ?? []),
  ];
}

/** The problems of a run that are muted, each with the mute that holds it back. */
export function heldProblems(
  problems: readonly RunProblem[],
  mutes: readonly MuteInForce[],
  now: Date,
): HeldBack["problems"] {
  return problems.flatMap((problem) => {
    const mute = muteOfProblem(problem.code, mutes, now);
    return mute === undefined ? [] : [{ problem, mute }];
  });
}

/**
 * A draft with the mutes that held back, until this run, what it is about.
 *
 * @param known the mutes as the state had them
 */
export function withEndedMutes(draft: Draft, known: readonly AnnouncedMute[]): Draft {
  const { change, distributions } = draft;
  const open = [...openIn(change), ...(distributions === null ? [] : openDistributionsIn(distributions))];
  const mutedUntilNow = new Set(open.map(({ mutedBy }) => mutedBy));
  return { ...draft, endedMutes: known.filter(({ id }) => mutedUntilNow.has(id)) };
}
