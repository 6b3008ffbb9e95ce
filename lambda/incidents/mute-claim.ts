import type { Mute } from "../contract/mutes.ts";
import { dayMs } from "../text/instant.ts";

/**
 * Where somebody asked for a mute: in the settings of the function, in the tag of a distribution, in `mutes.json` by the
 * terminal or the board, or in a maintenance window of the settings.
 */
export const muteSources = ["setting", "tag", "terminal", "board", "window"] as const;
export type MuteSource = (typeof muteSources)[number];

/** A mute that somebody asks for. Who that is, and why, is what they say: nobody checks it. */
export type MuteClaim = Mute & {
  readonly source: MuteSource;
  /** The account in which it holds, twelve digits; null is every one, which only a setting may ask for. */
  readonly account: string | null;
  /** Who asked for it, where they say so. */
  readonly by?: string | undefined;
};

/** A claim of which it is settled until when it holds. */
export type MuteInForce = MuteClaim & {
  /** Names it in the state. */
  readonly id: string;
  /** ISO 8601: until when it was asked for, where that is longer than it may hold; else the same as `until`. */
  readonly asked: string;
};

/** How long a mute may hold from the run that first met it, in milliseconds. */
export const longestMute: Readonly<Record<MuteSource, number>> = {
  setting: Number.POSITIVE_INFINITY,
  tag: 90 * dayMs,
  terminal: 30 * dayMs,
  board: 7 * dayMs,
  window: Number.POSITIVE_INFINITY,
};

/**
 * Names a claim over time: who asks, and for what. Asking for another end is another mute, which is told of and measured
 * anew; another reason is not.
 */
export function muteId({ source, account, distribution, origin, code, until }: MuteClaim): string {
  return JSON.stringify([source, account, distribution, origin?.toLowerCase() ?? null, code, until]);
}
