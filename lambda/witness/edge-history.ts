import { dayMs, hourMs } from "../text/instant.ts";
import type { EdgeAnswer, Whose } from "./edge-answer.ts";
import type { EdgeAsking, EdgeHistory } from "./edge-askings.ts";
import { confirmedBy, reachedOrigin, wantsConfirmation } from "./whose-answer.ts";

/** What is remembered of asking through a distribution by one behavior, for one origin and one name. */
export type EdgeEntry = EdgePlace & {
  /** When it was last asked, ISO 8601, within the hour where the answer was the same. */
  readonly askedAt: string;
  /** What came of the last asking. */
  readonly last: EdgeOutcomeKind;
  /** The last answer that came from behind CloudFront. */
  readonly reached?: Reached;
  /** A HEAD that is to be confirmed by a GET. */
  readonly head?: { readonly status: number; readonly whose: Whose; readonly at: string };
  /** Two answers agreed that CloudFront gets no usable answer, and no later one came from behind it. */
  readonly error?: EdgeError;
  /** It was refused at the edge; until then nothing is asked. */
  readonly pausedUntil?: string;
  /** What decided that it was a refusal. */
  readonly refusedBy?: string;
};

export type EdgePlace = Pick<EdgeAsking, "distributionId" | "originId" | "pathPattern" | "host" | "reaches">;

/** `failed`: no answer of the distribution came; `silent`: one that says nothing of the origin. */
export type EdgeOutcomeKind = "reached" | "no-usable-answer" | "refused" | "silent" | "failed";

export type Reached = { readonly at: string; readonly pop: string | null; readonly decidedBy: string };

export type EdgeError = {
  readonly status: 502 | 504;
  readonly since: string;
  /** When CloudFront last answered so. */
  readonly at: string;
  readonly pop: string | null;
  readonly requestId: string | null;
  /** The sentence of CloudFront's page, to be quoted. */
  readonly wording: string | null;
};

/** What came of one asking. */
export type EdgeAsked = {
  readonly asking: EdgeAsking;
  /** Null where no answer of the distribution came. */
  readonly answer: EdgeAnswer | null;
  /** Why there is none; null where there is one. */
  readonly problem: string | null;
};

/** After a refusal, asking again changes nothing, and may prolong it. */
const pauseMs = dayMs;
/** A GET that comes much later confirms nothing. */
const longestWait = dayMs;
/** How long one origin reached tells of it: what could not be seen from here counts as healthy meanwhile. */
export const reachedCountsFor = dayMs;
/** Answers older than that are forgotten. */
const keptFor = 8 * dayMs;

/** What a run has to know of those before it. @param now milliseconds since the epoch */
export function edgeHistory(entries: readonly EdgeEntry[], now: number): EdgeHistory {
  const of = Map.groupBy(entries, ({ distributionId, pathPattern }) => routeKey(distributionId, pathPattern));
  return {
    isPaused: (distributionId, pathPattern) =>
      (of.get(routeKey(distributionId, pathPattern)) ?? []).some((entry) => isPaused(entry, now)),
    waitsFor: (distributionId, pathPattern) =>
      (of.get(routeKey(distributionId, pathPattern)) ?? []).find(
        ({ head }) => head !== undefined && now - Date.parse(head.at) <= longestWait,
      )?.host ?? null,
  };
}

export function isPaused({ pausedUntil }: EdgeEntry, now: number): boolean {
  const left = pausedUntil === undefined ? 0 : Date.parse(pausedUntil) - now;
  // A clock that was set back must not pause for longer.
  return left > 0 && left <= pauseMs;
}

/**
 * What is to be remembered after a run.
 *
 * @param asked as `withConfirmation` leaves them
 * @param isInUse whether a behavior of that distribution still leads to that origin
 */
export function edgeHistoryAfter(
  before: readonly EdgeEntry[],
  asked: readonly EdgeAsked[],
  isInUse: (place: EdgePlace) => boolean,
  now: number,
): readonly EdgeEntry[] {
  const entries = new Map(before.map((entry) => [placeKey(entry), entry]));
  for (const each of asked) {
    const key = placeKey(each.asking);
    entries.set(key, entryAfter(entries.get(key), each, now));
  }
  return [...entries]
    .filter(([, entry]) => isInUse(entry))
    .filter(([, { askedAt, error }]) => error !== undefined || now - Date.parse(askedAt) <= keptFor)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry);
}

function entryAfter(before: EdgeEntry | undefined, { asking, answer }: EdgeAsked, now: number): EdgeEntry {
  const at = new Date(now).toISOString();
  const { distributionId, originId, pathPattern, host, reaches } = asking;
  const last = outcomeOf(answer);
  const isSame = before?.last === last && now - Date.parse(before.askedAt) < hourMs;
  const entry = { distributionId, originId, pathPattern, host, reaches, last, askedAt: isSame ? before.askedAt : at };
  if (answer === null || last === "failed") return { ...entry, ...kept(before) };
  switch (last) {
    case "reached": {
      const { pop, decidedBy } = answer;
      const isFresh = isSame && before.reached !== undefined && before.reached.pop === pop;
      return { ...entry, reached: isFresh ? before.reached : { at, pop, decidedBy } };
    }
    case "no-usable-answer": {
      const { status, whose, pop, requestId, wording } = answer;
      const known = kept(before);
      if (asking.method === "HEAD") return { ...entry, ...known, head: { status, whose, at } };
      if (!answer.confirmed || (status !== 502 && status !== 504)) return { ...entry, ...known };
      return { ...entry, ...known, error: { status, since: known.error?.since ?? at, at, pop, requestId, wording } };
    }
    case "refused":
      return {
        ...entry,
        ...kept(before),
        pausedUntil: new Date(now + pauseMs).toISOString(),
        refusedBy: answer.decidedBy,
      };
    case "silent":
      return { ...entry, ...kept(before) };
  }
}

/** What an answer that says nothing of the origin leaves as it was. */
function kept(before: EdgeEntry | undefined): Pick<EdgeEntry, "reached" | "error"> {
  return {
    ...(before?.reached === undefined ? {} : { reached: before.reached }),
    ...(before?.error === undefined ? {} : { error: before.error }),
  };
}

function outcomeOf(answer: EdgeAnswer | null): EdgeOutcomeKind {
  if (answer === null) return "failed";
  if (reachedOrigin(answer)) return "reached";
  if (wantsConfirmation(answer)) return "no-usable-answer";
  return answer.whose === "edge-refused" ? "refused" : "silent";
}

/** The answers of a run, a GET with whether it agrees with the HEAD of an earlier one. */
export function withConfirmation(asked: EdgeAsked, before: readonly EdgeEntry[]): EdgeAsked {
  const { asking, answer } = asked;
  const head = before.find((entry) => placeKey(entry) === placeKey(asking))?.head;
  if (answer === null || asking.method !== "GET" || head === undefined) return asked;
  return { ...asked, answer: confirmedBy({ ...head, age: null }, answer) };
}

function placeKey({ distributionId, originId, pathPattern, host }: EdgePlace | EdgeAsking): string {
  return JSON.stringify([distributionId, originId, pathPattern, host]);
}

function routeKey(distributionId: string, pathPattern: string): string {
  return JSON.stringify([distributionId, pathPattern]);
}
