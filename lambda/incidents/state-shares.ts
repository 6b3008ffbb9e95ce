import { type Scope, scopeId } from "../configuration/scope.ts";
import { identity } from "../report/identity.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { RunProblem, RunReport } from "../report/record.ts";
import { bytesOf, fairShares } from "../text/fair-share.ts";
import { fitting } from "../text/fitting.ts";
import { once } from "../text/once.ts";
import { enumerated, grouped, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { Comparison } from "./compare.ts";
import type { DistributionComparison } from "./compare-distributions.ts";
import type { MuteInForce } from "./mute-claim.ts";
import { type Incident, mostDistributionIncidents, type NotChecked, type State } from "./state.ts";
import { maxStateBytes } from "./state-format.ts";

/** What a run would have the state remember of what it saw. */
export type Remembered = {
  readonly comparison: Comparison;
  readonly distributions: DistributionComparison;
  readonly blindSpots: readonly NotChecked[];
};

/** What the state has no room for: it is open, and neither told one by one nor followed. */
export type LeftOut = {
  /** By `identity`, what people may have been told of before: that it is not remembered is no end of it. */
  readonly identities: ReadonlySet<string>;
  /** One for each account. */
  readonly problems: readonly RunProblem[];
};

type Settled = {
  readonly remembered: Remembered;
  /** Null where there is room for everything. */
  readonly leftOut: LeftOut | null;
  /** Whether there is none for all details of incidents. */
  readonly isTight: boolean;
};

/** Kept for the messages of a run: those of an outbox have less. */
const outboxBytes = 16 * 1024 * 1024;
/** And for a few fields. */
const otherBytes = 1024 * 1024;
/** Mutes and problems have bounds of their own. */
const leastBytes = 8 * 1024 * 1024;
/** More ends at once are no flapping. Forgetting one costs one message. */
const mostEnded = 10_000;
const mostNotChecked = 20_000;
/** Characters of a title where there is no room for all details. */
const shortTitle = 80;
/** What telling adds to an incident at most: when, how often, and that it is not over. */
const toldBytes = 64;

/**
 * Bytes that the state has for what runs saw.
 *
 * @param before what the state knows already
 * @param mutes and problems: what else it is to know
 */
export function roomIn(
  { foreign, problems: known }: Pick<State, "foreign" | "problems">,
  mutes: State["mutes"],
  problems: readonly RunProblem[],
): number {
  const others = bytesOf(foreign) + bytesOf(known) + bytesOf(mutes) + bytesOf(problems);
  return Math.max(leastBytes, maxStateBytes - outboxBytes - otherBytes - others);
}

/**
 * What the state remembers of a run. Where there is no room for all of it, every account has its share, and those that
 * have the most give way: of them stays first what people were told, worst first, then what is new. What is left out is
 * said to its account, and told once there is room.
 *
 * @param room bytes, as `roomIn` says
 * @param mutes what may come to hold incidents back, and is then noted in them
 */
export function withinShares(
  remembered: Remembered,
  report: Pick<RunReport, "records">,
  mutes: readonly MuteInForce[],
  room: number,
): Settled {
  const mutedBytes = mutes.reduce((most, { id }) => Math.max(most, bytesOf(id) + '"mutedBy":,'.length), 0);
  const growth = toldBytes + mutedBytes;
  const [candidates, accounts] = [candidatesIn(remembered, growth), accountsIn(remembered, report)];
  const gone = new Set<object>();
  for (const { kind, most } of countedKinds) {
    const own = candidates.filter((each) => each.kind === kind).map((each) => ({ ...each, size: 1 }));
    for (const { entry } of beyondShares(own, accounts, most)) gone.add(entry);
  }
  const counted = candidates.filter(({ entry }) => !gone.has(entry));
  const isTight = total(counted) > room;
  if (isTight) {
    const least = counted.map((each) =>
      each.kind === "incident" ? { ...each, size: bytesOf(withoutDetails(each.entry)) + growth } : each,
    );
    for (const { entry } of beyondShares(least, accounts, room)) gone.add(entry);
  }
  if (gone.size === 0) return { remembered, leftOut: null, isTight };
  return { remembered: without(remembered, gone), leftOut: leftOutOf(candidates, gone, accounts), isTight };
}

/**
 * Incidents of which those of the largest accounts have fewer details, as far as there is no room for all of them. A run
 * that sees them tells with all details, because it takes these from what it sees.
 *
 * @param room bytes for all that is remembered
 */
export function withDetailsThatFit(
  { incidents, ...others }: Pick<State, "incidents" | "distributionIncidents" | "suspicions" | "blindSpots"> & Ends,
  room: number,
): readonly Incident[] {
  const account = fewestOf(incidents);
  const groups = [...Map.groupBy(incidents, account)].map(([id, own]) => ({ id, size: sum(own.map(bytesOf)) }));
  let size = sum(Object.values(others).flat().map(bytesOf)) + sum(groups.map((group) => group.size));
  const short = new Map<Incident, Incident>();
  for (const { id, size: own } of groups.toSorted((a, b) => b.size - a.size)) {
    if (size <= room) break;
    const made = incidents.filter((incident) => account(incident) === id);
    for (const incident of made) short.set(incident, withoutDetails(incident));
    size += sum(made.map((incident) => bytesOf(short.get(incident)))) - own;
  }
  return short.size === 0 ? incidents : incidents.map((incident) => short.get(incident) ?? incident);
}

type Ends = Pick<State, "ended" | "endedDistributionIncidents">;

/** All of it says what an incident is, whose it is, and what people were told. */
function withoutDetails(incident: Incident): Incident {
  const { title, distributions } = incident;
  return { ...incident, title: printable(title, shortTitle), distributions: distributions.slice(0, 1) };
}

/** Something that the state may remember. The lower its rank, the longer it stays. */
type Candidate = { readonly rank: number; readonly size: number } & (
  | { readonly kind: "incident"; readonly entry: Incident }
  | { readonly kind: "distribution"; readonly entry: DistributionComparison["seen"][number] }
  | { readonly kind: "suspicion"; readonly entry: Comparison["unconfirmed"][number] }
  | { readonly kind: "not-checked"; readonly entry: NotChecked }
  | { readonly kind: "ended"; readonly entry: State["ended"][number] }
  | { readonly kind: "ended-distribution"; readonly entry: State["endedDistributionIncidents"][number] }
);

const countedKinds = [
  { kind: "distribution", most: mostDistributionIncidents },
  { kind: "not-checked", most: mostNotChecked },
  { kind: "ended", most: mostEnded },
  { kind: "ended-distribution", most: mostDistributionIncidents },
] as const;

/** @param growth bytes that telling may add to an incident */
function candidatesIn({ comparison, distributions, blindSpots }: Remembered, growth: number): readonly Candidate[] {
  const { seen, waiting, covered, unconfirmed, ended } = comparison;
  return [
    ...[...seen, ...waiting, ...covered].map(
      (entry): Candidate => ({ kind: "incident", entry, rank: rankOf(entry), size: bytesOf(entry) + growth }),
    ),
    ...[...distributions.seen, ...distributions.waiting].map(
      (entry): Candidate => ({ kind: "distribution", entry, rank: rankOf(entry), size: bytesOf(entry) + growth }),
    ),
    ...unconfirmed.map((entry): Candidate => ({ kind: "suspicion", entry, rank: 4, size: bytesOf(entry) })),
    ...blindSpots.map((entry): Candidate => ({ kind: "not-checked", entry, rank: 5, size: bytesOf(entry) })),
    // The last ones are the newest.
    ...ended.toReversed().map((entry): Candidate => ({ kind: "ended", entry, rank: 6, size: bytesOf(entry) })),
    ...distributions.ended
      .toReversed()
      .map((entry): Candidate => ({ kind: "ended-distribution", entry, rank: 6, size: bytesOf(entry) })),
  ];
}

/** What was told before what was not, and in both errors before risks. */
function rankOf({ tellings, effect }: { readonly tellings: number; readonly effect: string }): number {
  return (tellings > 0 ? 0 : 2) + (effect === "may" ? 1 : 0);
}

/** Whose an entry is, as far as the run knows. */
type Accounts = { readonly of: (candidate: Candidate) => string; readonly scopes: () => ReadonlyMap<string, Scope> };

/** An entry of several accounts counts against the one that has the fewest, as a connection does. */
function accountsIn({ comparison, distributions }: Remembered, { records }: Pick<RunReport, "records">): Accounts {
  const incidents = [...comparison.seen, ...comparison.waiting, ...comparison.covered];
  // Nearly always there is room, and nobody asks.
  const fewest = once(() => fewestOf([...incidents, ...records.map(scopesOf)]));
  const byKey = once(() => new Map(records.map((record) => [record.connection.key, scopesOf(record)])));
  const byOrigin = once(
    () => new Map(originsOf(records).map((origin) => [originId(origin), { scopes: origin.records.flatMap(usersOf) }])),
  );
  return {
    of(candidate) {
      switch (candidate.kind) {
        case "incident":
          return fewest()(candidate.entry);
        case "distribution":
          return scopeId(candidate.entry.scope);
        case "suspicion":
        case "ended":
          return fewest()(byKey().get(candidate.entry.key) ?? nobodys);
        case "not-checked":
          if (candidate.entry.scope !== undefined) return scopeId(candidate.entry.scope);
          return fewest()(byOrigin().get(originId(candidate.entry)) ?? nobodys);
        case "ended-distribution":
          return "";
      }
    },
    scopes: once(() => {
      const ofDistributions = [...distributions.seen, ...distributions.waiting].map(({ scope }) => scope);
      const all = [...incidents.flatMap(({ scopes }) => scopes), ...ofDistributions, ...records.flatMap(usersOf)];
      return new Map(all.map((scope) => [scopeId(scope), scope]));
    }),
  };
}

type Scoped = { readonly scopes: readonly Scope[] };
const nobodys: Scoped = { scopes: [] };

function usersOf({ uses }: RunReport["records"][number]): readonly Scope[] {
  return uses.map(({ scope }) => scope);
}

function scopesOf(record: RunReport["records"][number]): Scoped {
  return { scopes: usersOf(record) };
}

/** Of the accounts of an entry the one that occurs in the fewest of these; empty where none is known. */
function fewestOf(all: readonly Scoped[]): (entry: Scoped) => string {
  const counts = new Map<string, number>();
  for (const { scopes } of all) {
    for (const id of new Set(scopes.map(scopeId))) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const count = (id: string) => counts.get(id) ?? 0;
  return ({ scopes }) => scopes.map(scopeId).reduce((a, b) => (a === "" || count(b) < count(a) ? b : a), "");
}

/** Those that go beyond the share of their account; none where everything fits. */
function beyondShares(all: readonly Candidate[], accounts: Accounts, room: number): readonly Candidate[] {
  if (total(all) <= room) return [];
  const groups = [...Map.groupBy(all, accounts.of).values()];
  const shares = fairShares(groups.map(total), room);
  return groups.flatMap((own, index) => {
    const share = shares[index] ?? 0;
    if (total(own) <= share) return [];
    const sorted = own.toSorted((a, b) => a.rank - b.rank);
    return sorted.slice(fitting(sorted, share, ({ size }) => size).length);
  });
}

function without({ comparison, distributions, blindSpots }: Remembered, gone: ReadonlySet<object>): Remembered {
  const stays = (entry: object) => !gone.has(entry);
  return {
    comparison: {
      ...comparison,
      seen: comparison.seen.filter(stays),
      waiting: comparison.waiting.filter(stays),
      covered: comparison.covered.filter(stays),
      unconfirmed: comparison.unconfirmed.filter(stays),
      ended: comparison.ended.filter(stays),
    },
    distributions: {
      ...distributions,
      seen: distributions.seen.filter(stays),
      waiting: distributions.waiting.filter(stays),
      ended: distributions.ended.filter(stays),
    },
    blindSpots: blindSpots.filter(stays),
  };
}

/** Names of what is left out in a problem. */
const mostNamed = 3;

/** What is over need not be said. */
function leftOutOf(all: readonly Candidate[], gone: ReadonlySet<object>, accounts: Accounts): LeftOut | null {
  const open = all.filter(({ kind }) => kind !== "ended" && kind !== "ended-distribution");
  const left = open.filter(({ entry }) => gone.has(entry));
  if (left.length === 0) return null;
  const counts = new Map([...Map.groupBy(open, accounts.of)].map(([id, own]) => [id, own.length]));
  const problems = [...Map.groupBy(left, accounts.of)].map(([id, own]): RunProblem => {
    const names = new Set(own.map(nameOf));
    const extent = `${grouped(own.length)} of ${grouped(counts.get(id) ?? own.length)} findings`;
    return {
      code: "findings-left-out",
      message: `The state has no room for ${extent}: ${enumerated([...names], mostNamed)}. Nothing is told of them one by one, nor when they are over, until others are.`,
      remedy: "Fix what is open, or leave out distributions that need not be watched (`excludeDistributions`).",
      scope: accounts.scopes().get(id) ?? null,
    };
  });
  const identities = left.flatMap(({ kind, entry }) =>
    kind === "incident" || kind === "distribution" ? [identity(entry)] : [],
  );
  return { identities: new Set(identities), problems };
}

function nameOf({ kind, entry }: Candidate): string {
  switch (kind) {
    case "incident":
    case "ended":
    case "not-checked":
      return hostAndPort(entry);
    case "distribution":
    case "ended-distribution":
      return printable(entry.distributionId, 64);
    case "suspicion":
      return printable(entry.key, 253);
  }
}

function total(all: readonly { readonly size: number }[]): number {
  return all.reduce((size, each) => size + each.size, 0);
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((size, each) => size + each, 0);
}
