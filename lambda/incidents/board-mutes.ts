import * as v from "valibot";
import { dayMs, hourMs } from "../text/instant.ts";
import type { MuteEntry, MuteFile } from "./mute-file.ts";

/** For how long the board mutes; `end` ends what it muted. */
export const boardTimes = ["4h", "1d", "7d", "end"] as const;
export type BoardTime = (typeof boardTimes)[number];

/** What somebody chose on the board: an origin in one account, and for how long. */
export type BoardWish = {
  /** A domain name. */
  readonly origin: string;
  /** Twelve digits. */
  readonly account: string;
  readonly time: BoardTime;
};

/** The form of a wish, where it comes from outside; names are those of `mutes.json`. */
export const wishEntries = {
  origin: v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,253}$/)),
  account: v.pipe(v.string(), v.regex(/^\d{12}$/)),
  time: v.picklist(boardTimes),
};

/** The times in words and in milliseconds; ending takes none. */
export const timeWords: Readonly<Record<Exclude<BoardTime, "end">, string>> = {
  "4h": "4 hours",
  "1d": "1 day",
  "7d": "7 days",
};
const timeMs: Readonly<Record<Exclude<BoardTime, "end">, number>> = {
  "4h": 4 * hourMs,
  "1d": dayMs,
  "7d": 7 * dayMs,
};

/** Until when a wish mutes; null for the one that ends a mute. */
export function endOfWish({ time }: BoardWish, now: number): string | null {
  return time === "end" ? null : new Date(now + timeMs[time]).toISOString();
}

/**
 * The mutes as they are to be after a wish; null where there is nothing to end. What was asked for elsewhere stays.
 *
 * Who wishes is not known: CloudWatch does not say who looks.
 */
export function withWish(file: MuteFile, wish: BoardWish, now: number): MuteFile | null {
  const { origin, account } = wish;
  const isSame = (entry: MuteEntry) =>
    entry.source === "board" &&
    entry.account === account &&
    entry.distribution === null &&
    entry.code === null &&
    entry.origin?.toLowerCase() === origin.toLowerCase();
  const others = file.mutes.filter((entry) => !isSame(entry) && Date.parse(entry.until) > now);
  const until = endOfWish(wish, now);
  if (wish.time === "end" || until === null) {
    return file.mutes.some(isSame) ? { ...file, mutes: others } : null;
  }
  const made: MuteEntry = {
    source: "board",
    account,
    distribution: null,
    origin,
    code: null,
    until,
    reason: `for ${timeWords[wish.time]}`,
    by: "unknown",
    createdAt: new Date(now).toISOString(),
  };
  return { ...file, mutes: [...others, made] };
}
