import type { Mute } from "../contract/mutes.ts";
import type { ConnectionRecord } from "../report/record.ts";
import type { Muted } from "./change.ts";
import type { MuteInForce } from "./mute-claim.ts";
import type { Incident } from "./state.ts";

/** A mute as it selects; without an account it holds in every one. */
type Selecting = Mute & Partial<Pick<MuteInForce, "account">>;

/** What a mute may select. */
export type Mutable = Pick<Incident, "code" | "domain"> & {
  /** All distributions that use it, null where some are not known. */
  readonly uses: readonly MutableUse[] | null;
};

export type MutableUse = {
  readonly distributionId: string;
  /** Null where it is not known: then no mute of one account holds. */
  readonly accountId: string | null;
};

/** All distributions that use a connection, by its key, as a run knows them. */
export type Users = { get(key: string): readonly MutableUse[] | undefined };

/** The distributions that use any of these connections, each once. */
export function usesOf(records: readonly Pick<ConnectionRecord, "uses">[]): readonly MutableUse[] {
  const uses = records.flatMap((record) => record.uses);
  return [
    ...new Map(
      uses.map(({ distributionId, scope }) => [
        `${distributionId} ${scope.accountId}`,
        { distributionId, accountId: scope.accountId },
      ]),
    ).values(),
  ];
}

/**
 * The mutes that hold back an incident together, the one that ends first before the others; none when it is not held
 * back. Muting one distribution does not mute an origin that other distributions use too, nor does muting an origin in one
 * account where others use it: every use of it must be muted.
 */
export function mutesOf<M extends Selecting>(about: Mutable, mutes: readonly M[], now: Date): readonly M[] {
  const matching = mutes.filter(
    ({ until, code, origin }) =>
      Date.parse(until) > now.getTime() &&
      (code === null || code === about.code) &&
      (origin === null || origin.toLowerCase() === about.domain.toLowerCase()),
  );
  if (matching.length === 0) return [];
  const everywhere = lastOf(matching.filter(({ distribution, account }) => distribution === null && account == null));
  if (about.uses === null || about.uses.length === 0) return everywhere === undefined ? [] : [everywhere];
  const byDistribution = Map.groupBy(matching, ({ distribution }) => distribution);
  const holding = new Set<M>();
  for (const { distributionId, accountId } of about.uses) {
    const candidates = [...(byDistribution.get(distributionId) ?? []), ...(byDistribution.get(null) ?? [])];
    const mute = lastOf(candidates.filter(({ account }) => account == null || account === accountId));
    if (mute === undefined) return [];
    holding.add(mute);
  }
  return [...holding].toSorted((a, b) => Date.parse(a.until) - Date.parse(b.until));
}

/**
 * The incidents that are held back, each with its mutes.
 *
 * @param mutable what a mute may select an incident by
 */
export function mutedAmong<I>(
  incidents: readonly I[],
  mutable: (incident: I) => Mutable,
  mutes: readonly MuteInForce[],
  now: Date,
): ReadonlyMap<I, Muted<I>> {
  return new Map(
    incidents.flatMap((incident) => {
      const [first, ...others] = mutesOf(mutable(incident), mutes, now);
      return first === undefined ? [] : [[incident, { incident, mutes: [first, ...others] }] as const];
    }),
  );
}

/** The mute until whose end an incident is held back, undefined when none does. */
export function muteOf<M extends Selecting>(about: Mutable, mutes: readonly M[], now: Date): M | undefined {
  return mutesOf(about, mutes, now)[0];
}

/** The mute that holds back a problem of the run. Only one that selects by code alone does. */
export function muteOfProblem<M extends Selecting>(code: string, mutes: readonly M[], now: Date): M | undefined {
  return lastOf(
    mutes.filter(
      (mute) =>
        mute.code === code &&
        mute.origin === null &&
        mute.distribution === null &&
        mute.account == null &&
        Date.parse(mute.until) > now.getTime(),
    ),
  );
}

function lastOf<M extends Selecting>(mutes: readonly M[]): M | undefined {
  return mutes.reduce<M | undefined>(
    (last, mute) => (last === undefined || Date.parse(mute.until) > Date.parse(last.until) ? mute : last),
    undefined,
  );
}
