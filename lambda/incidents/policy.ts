import type { Mute } from "../contract/mutes.ts";
import { dayMs } from "../text/instant.ts";
import type { Incident } from "./state.ts";

/** When alerts and reminders are sent. */
export type AlertPolicy = {
  /** How many runs in a row must see a transient finding before it is reported. */
  readonly confirmations: number;
  /** Milliseconds after which a reminder of an open incident is due. */
  readonly remindFailingAfter: number;
  readonly remindAtRiskAfter: number;
  readonly weeklyDigest: boolean;
  /**
   * Whether the first message after deployment is sent: with the run for which it is due, with a later one because nobody
   * would get it yet, or not at all.
   */
  readonly firstMessage: "now" | "later" | "never";
  readonly mutes: readonly Mute[];
};

/** A run sends its messages up to this long after it began, so two daily messages may be less than a day apart. */
const longestDelivery = 5 * 60_000;

/** Whether a message is due again; one that was never sent is. */
export function isDue(told: string | null, interval: number, now: Date): boolean {
  return told === null || now.getTime() - Date.parse(told) >= interval - longestDelivery;
}

export const defaultAlertPolicy: AlertPolicy = {
  confirmations: 2,
  remindFailingAfter: dayMs,
  remindAtRiskAfter: 7 * dayMs,
  weeklyDigest: false,
  firstMessage: "never",
  mutes: [],
};

/** Whether a mute holds back a problem of the run. Only one that selects by code alone does. */
export function isQuiet(code: string, mutes: readonly Mute[], now: Date): boolean {
  return mutes.some(
    (mute) =>
      mute.code === code &&
      mute.origin === null &&
      mute.distribution === null &&
      Date.parse(mute.until) > now.getTime(),
  );
}

/** What a mute may select. */
export type Mutable = Pick<Incident, "code" | "domain"> & {
  /** Ids of all distributions that use it, null where some are not known. */
  readonly distributions: readonly string[] | null;
};

/**
 * The mute that holds back an incident, undefined when none does. Muting one distribution does not mute an origin that
 * other distributions use too: all of them must be muted.
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
  // The mute that expires first: from then on not all of the distributions are muted.
  return matching
    .filter(({ distribution }) => distribution !== null && users.has(distribution))
    .toSorted((a, b) => Date.parse(a.until) - Date.parse(b.until))[0];
}
