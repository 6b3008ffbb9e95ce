import type { Mute } from "../contract/mutes.ts";
import { dayMs } from "../text/instant.ts";
import type { MuteInForce } from "./mute-claim.ts";
import type { AskedMutes } from "./mutes-in-force.ts";

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
  /** Those of the settings. */
  readonly mutes: readonly Mute[];
  /** What is asked for besides. @default nothing */
  readonly askedMutes?: AskedMutes;
};

/** The policy of a run for which it is settled what is muted. */
export type SettledPolicy = Omit<AlertPolicy, "mutes" | "askedMutes"> & { readonly mutes: readonly MuteInForce[] };

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
