import type { Mute } from "../contract/mutes.ts";
import { dayMs } from "../text/instant.ts";
import type { Incident } from "./state.ts";

/** When people are told. */
export type AlertPolicy = {
  /** So many runs in a row must see a finding of the network before it is told. */
  readonly confirmations: number;
  /** Milliseconds after which an open incident is told again. */
  readonly remindFailingAfter: number;
  readonly remindAtRiskAfter: number;
  readonly weeklyDigest: boolean;
  readonly mutes: readonly Mute[];
};

/** A run tells up to this long after it began, so that a day may be less from one run's telling to another's. */
const longestDelivery = 5 * 60_000;

/** Whether what was told then is due again; what was never told is. */
export function isDue(told: string | null, interval: number, now: Date): boolean {
  return told === null || now.getTime() - Date.parse(told) >= interval - longestDelivery;
}

export const defaultAlertPolicy: AlertPolicy = {
  confirmations: 2,
  remindFailingAfter: dayMs,
  remindAtRiskAfter: 7 * dayMs,
  weeklyDigest: false,
  mutes: [],
};

/** Whether a mute keeps quiet about a problem of the run: one that selects by code alone. */
export function isQuiet(code: string, mutes: readonly Mute[], now: Date): boolean {
  return mutes.some(
    (mute) =>
      mute.code === code &&
      mute.origin === null &&
      mute.distribution === null &&
      Date.parse(mute.until) > now.getTime(),
  );
}

/** What a mute may be about. */
export type Mutable = Pick<Incident, "code" | "domain"> & {
  /** Ids of all distributions that use it, null where not all are known. */
  readonly distributions: readonly string[] | null;
};

/**
 * The mute that keeps quiet about an incident, undefined when none does. Muting a distribution does not silence an
 * origin that others depend on as well: all of its distributions must be muted.
 */
export function muteOf(about: Mutable, mutes: readonly Mute[], now: Date): Mute | undefined {
  const matching = mutes.filter(
    ({ until, code, origin }) =>
      Date.parse(until) > now.getTime() &&
      (code === null || code === about.code) &&
      (origin === null || origin.toLowerCase() === about.domain.toLowerCase()),
  );
  const forAll = matching.find(({ distribution }) => distribution === null);
  if (forAll !== undefined) return forAll;
  const users = new Set(about.distributions);
  const muted = new Set(matching.map(({ distribution }) => distribution));
  if (users.size === 0 || ![...users].every((id) => muted.has(id))) return undefined;
  // The one that ends first: from then on not all of them are muted.
  return matching
    .filter(({ distribution }) => distribution !== null && users.has(distribution))
    .toSorted((a, b) => Date.parse(a.until) - Date.parse(b.until))[0];
}
