import type { Verdict } from "../judge/finding.ts";
import { byVerdict } from "../judge/verdict.ts";
import { accountInFull } from "../report/account-name.ts";
import { type FittingRecord, fittingRecord } from "../report/fitting-record.ts";
import { originId, originsOf } from "../report/origins.ts";
import { problemsInTurns } from "../report/problems-in-turns.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../report/record.ts";
import { areSeveral } from "../report/run-accounts.ts";
import { fitting } from "../text/fitting.ts";
import { type CountedDistribution, countedDistributions } from "./counted-distributions.ts";

/**
 * What the last run saw, for people: the status board of the dashboard and the HTML report show it. The state has only
 * what is open; the board has what is healthy too.
 */
export type Board = {
  readonly schemaVersion: 1;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly distributions: number;
  /** How many origins, that is domains with a port, have which verdict; all of them, also those without room below. */
  readonly origins: Readonly<Record<Verdict, number>>;
  /** The worst ones first. */
  readonly records: readonly FittingRecord[];
  /** How many records had no room. The last ones are left out, which are the least bad. */
  readonly recordsLeftOut: number;
  /** Distributions of which CloudFront counts errors, the worst first; and how many had no room. */
  readonly counted: readonly CountedDistribution[];
  readonly countedLeftOut: number;
  readonly problems: readonly BoardProblem[];
  /** How many more there are; absent where these are all. */
  readonly problemsLeftOut?: number;
  /** How many accounts were read, of how many; absent where there is one. */
  readonly accounts?: { readonly watched: number; readonly read: number };
  /**
   * On which of the last seven days, dates in UTC, something was wrong, by `originId`. Absent where nobody remembers, as in
   * a terminal.
   */
  readonly badDays?: Readonly<Record<string, Readonly<Record<string, "failing" | "at-risk">>>>;
};

/** What hampered the run. Its code may be one that this version does not know yet. */
export type BoardProblem = Pick<RunProblem, "message" | "remedy"> & { readonly code: string };

/** JSON of all records together; 1,000 connections take some 2 MB. */
export const maxBoardBytes = 8 * 1024 * 1024;
/** Many times what a healthy connection takes; a hostile origin's certificates could take more. */
export const maxBoardRecordBytes = 24 * 1024;

/** The board of a run. */
export function boardOf(report: RunReport, badDays: Board["badDays"] = {}): Board {
  const { runId, startedAt, finishedAt, distributions } = report;
  const sorted = report.records.toSorted(byVerdict);
  const smaller = (record: ConnectionRecord) => fittingRecord(record, maxBoardRecordBytes);
  const bytes = (record: ConnectionRecord) => Buffer.byteLength(JSON.stringify(smaller(record))) + 1;
  const records = fitting(sorted, maxBoardBytes, bytes).map(smaller);
  return {
    schemaVersion: 1,
    runId,
    startedAt,
    finishedAt,
    distributions,
    origins: originsByVerdict(report),
    records,
    recordsLeftOut: sorted.length - records.length,
    ...countedDistributions(report),
    ...problemsOfRun(report),
    ...accountsOfRun(report),
    ...badDaysShown(records, badDays),
  };
}

/** Problems on a board, which shows ten: every account has its share. */
const mostProblems = 100;

function problemsOfRun(report: RunReport): Pick<Board, "problems" | "problemsLeftOut"> {
  const shown = problemsInTurns(report.problems).slice(0, mostProblems);
  const left = report.problems.length - shown.length;
  const problems = shown.map((problem) => boardProblem(problem, areSeveral(report)));
  return { problems, ...(left > 0 ? { problemsLeftOut: left } : {}) };
}

function accountsOfRun(report: RunReport): Pick<Board, "accounts"> {
  const { accounts } = report;
  if (accounts === undefined || !areSeveral(report)) return {};
  return { accounts: { watched: accounts.watched.length, read: accounts.read } };
}

/** Origins whose bad days are on a board: the worst ones. */
const mostWithBadDays = 1_000;

function badDaysShown(records: readonly FittingRecord[], badDays: Board["badDays"] = {}): Pick<Board, "badDays"> {
  const ids = [...new Set(records.map(({ connection }) => originId(connection)))].slice(0, mostWithBadDays);
  const shown = ids.flatMap((id) => (badDays[id] === undefined ? [] : [[id, badDays[id]] as const]));
  return shown.length === 0 ? {} : { badDays: Object.fromEntries(shown) };
}

function boardProblem({ code, message, remedy, scope }: RunProblem, isOneOfSeveral: boolean): BoardProblem {
  const account = isOneOfSeveral && scope !== null ? accountInFull(scope) : null;
  return { code, message: account === null ? message : `In account ${account}: ${message}`, remedy };
}

function originsByVerdict({ records }: RunReport): Readonly<Record<Verdict, number>> {
  const counts = { failing: 0, "at-risk": 0, unknown: 0, healthy: 0, skipped: 0 };
  for (const { verdict } of originsOf(records)) counts[verdict] += 1;
  return counts;
}
