import { dayMs } from "../text/instant.ts";

/** What earlier runs know of an origin, as it was seen from here. */
export type OriginHistory = {
  /** The last day, in UTC, on which it answered a connection request: `2026-11-26`. */
  readonly answeredOn: string | null;
  /** On that day only the fixed addresses of a VPC got an answer. */
  readonly isThroughEgress?: boolean;
  /** The first run after that to which it gave no answer, ISO 8601; null where the last run got one. */
  readonly silentSince: string | null;
  /** Since when people are told that it stopped answering, ISO 8601: then nothing else has to be remembered. */
  readonly openSince: string | null;
  /** The last day on which it passed, null where it never did; absent where nobody can know. */
  readonly passedOn?: string | null;
};

/** An origin that stopped answering: since when at the latest, and the day on which it last did, where that is known. */
export type Stopped = { readonly since: string; readonly answeredOn: string | null };

/**
 * Whether an origin that gives no answer now has stopped answering: it did so within the 7 days before the first run
 * that got none, or people were told so already. One that never answered may have a firewall that admits only CloudFront.
 *
 * @param now milliseconds since the epoch
 */
export function stoppedAnswering(history: OriginHistory | undefined, now: number): Stopped | null {
  if (history === undefined) return null;
  const { answeredOn, silentSince, openSince } = history;
  const since = silentSince ?? openSince ?? new Date(now).toISOString();
  // A day lasts until its end. A time that is none makes the difference NaN, which is no reason to tell anything.
  const isRecent = answeredOn !== null && Date.parse(since) - (Date.parse(answeredOn) + dayMs) <= longestGapMs;
  return isRecent || openSince !== null ? { since, answeredOn } : null;
}

const longestGapMs = 7 * dayMs;
