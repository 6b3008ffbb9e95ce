import type { Verdict } from "../judge/finding.ts";
import { originId, originsOf, type WatchedOrigin } from "../report/origins.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { hourMs } from "../text/instant.ts";

/** Up to so many connections every run logs everything. */
export const mostLoggedWhole = 5_000;

/** More that is not healthy is not remembered: then the next run logs everything. */
const mostRemembered = 20_000;

/** So that a day of log has everything, whenever it begins and however often runs come. */
const everythingEvery = 23 * hourMs;

/** A run may come a minute late; with one in between that could not store its memory it is two intervals. */
const latest = { intervals: 1.5, ms: 60_000 } as const;

/** What went to the log, where a run does not log everything. */
export type LogMemory = {
  /** When a run last logged everything, ISO 8601. */
  readonly everythingAt: string;
  /** The release that did: the next may have more to say of each. */
  readonly version: string;
  /** When the last run took place, ISO 8601. */
  readonly ranAt: string;
  /** Milliseconds between that run and the one before it; absent where there was none. */
  readonly gapMs?: number | undefined;
  /** Connections and origins that were not healthy when they were last logged, hashed. */
  readonly notHealthy: readonly string[];
};

/** A run, by what decides how much of it is logged. */
export type RunToLog = {
  /** How many connections were planned. */
  readonly connections: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly version: string;
  /** A short text for a long one. Where two have the same, one is logged once more than it needs to be. */
  readonly hash: (text: string) => string;
};

/** Which records of a run are logged. */
export type LogChoice =
  | { readonly kind: "everything"; readonly isLarge: boolean }
  /** What is not healthy, and what was not when it was last logged: nobody must read there that it still is. */
  | { readonly kind: "not-healthy"; readonly wasNotHealthy: (id: string) => boolean };

type LoggedConnection = Pick<ConnectionRecord, "verdict" | "connection">;
type LoggedOrigin = Pick<WatchedOrigin, "verdict" | "domain" | "port">;

/**
 * How much a run logs: everything, or beyond `mostLoggedWhole` connections what is not healthy and what is so again.
 * Everything once a day too, and wherever it is not known what was logged last: there is no memory, it is of another
 * release or from the future, or there was a run in between that could not store its own.
 */
export function chooseLog(before: LogMemory | undefined, { connections, at, version, hash }: RunToLog): LogChoice {
  const isLarge = connections > mostLoggedWhole;
  const everything = { kind: "everything", isLarge } as const;
  if (!isLarge || before === undefined || before.version !== version) return everything;
  const [since, gap] = [at - Date.parse(before.everythingAt), at - Date.parse(before.ranAt)];
  if (since < 0 || since >= everythingEvery || gap < 0) return everything;
  if (before.gapMs !== undefined && gap > before.gapMs * latest.intervals + latest.ms) return everything;
  const known = new Set(before.notHealthy);
  return { kind: "not-healthy", wasNotHealthy: (id) => known.has(hash(id)) };
}

export function logsConnection(choice: LogChoice, record: LoggedConnection): boolean {
  return choice.kind === "everything" || isNotHealthy(record) || choice.wasNotHealthy(idOfConnection(record));
}

export function logsOrigin(choice: LogChoice, origin: LoggedOrigin): boolean {
  return choice.kind === "everything" || isNotHealthy(origin) || choice.wasNotHealthy(idOfOrigin(origin));
}

/**
 * What is to be remembered of the log after a run, undefined where the next is to log everything. What was not healthy stays
 * until it was logged as healthy, be it that an account cannot be read meanwhile.
 *
 * @param records all of the run
 */
export function logMemoryAfter(
  before: LogMemory | undefined,
  choice: LogChoice,
  records: readonly ConnectionRecord[],
  { at, version, hash }: Omit<RunToLog, "connections">,
): LogMemory | undefined {
  if (choice.kind === "everything" && !choice.isLarge) return undefined;
  const earlier = new Set(before?.notHealthy);
  const notHealthy = new Set<string>();
  const healthy = new Set<string>();
  const note = (of: { readonly verdict: Verdict }, id: string) => {
    if (isNotHealthy(of)) notHealthy.add(hash(id));
    else if (earlier.size > 0) healthy.add(hash(id));
  };
  for (const record of records) note(record, idOfConnection(record));
  for (const origin of originsOf(records)) note(origin, idOfOrigin(origin));
  if (notHealthy.size > mostRemembered) return undefined;
  for (const id of earlier) if (!healthy.has(id)) notHealthy.add(id);
  const ranAt = new Date(at).toISOString();
  const { gapMs: _, ...rest } = before ?? {};
  const gap = before === undefined ? -1 : at - Date.parse(before.ranAt);
  return {
    ...rest,
    everythingAt: choice.kind === "everything" ? ranAt : (before?.everythingAt ?? ranAt),
    version,
    ranAt,
    ...(gap < 0 ? {} : { gapMs: gap }),
    notHealthy: [...notHealthy].slice(0, mostRemembered),
  };
}

/** Skipped is what nothing is the matter with; unknown is not. */
function isNotHealthy({ verdict }: { readonly verdict: Verdict }): boolean {
  return verdict !== "healthy" && verdict !== "skipped";
}

function idOfConnection({ connection: { key } }: LoggedConnection): string {
  return `connection ${key}`;
}

function idOfOrigin(origin: LoggedOrigin): string {
  return `origin ${originId(origin)}`;
}
