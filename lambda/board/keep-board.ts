import type { RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { type Board, boardOf } from "./board.ts";
import { boardPieces } from "./board-format.ts";

/**
 * Puts the text of a board where those who look find it, within so many milliseconds. Failures are values.
 *
 * @param replacing whether it takes the place of a board that is there
 */
export type StoreBoard = (pieces: Iterable<string>, withinMs: number, replacing: boolean) => Promise<BoardKept>;

/** What became of the board of a run, for its log record. */
export type BoardKept =
  | { readonly kind: "stored"; readonly bytes: number }
  /** The run could not list any distribution, so the board of the last one that could stays. */
  | { readonly kind: "last-kept" }
  | { readonly kind: "failed"; readonly error: string };

export type BoardRead =
  | { readonly kind: "found"; readonly text: string }
  | { readonly kind: "missing" }
  /** There is an object, and it is no board. */
  | { readonly kind: "unreadable"; readonly problem: string }
  /** `denied` is what the role lacks, null where it is not that. */
  | { readonly kind: "failed"; readonly error: string; readonly denied: string | null };

/** Whether an empty board would say that there is nothing, where nothing could be listed. */
function sawNothing({ records, problems }: RunReport): boolean {
  return records.length === 0 && problems.some(({ code }) => code === "inventory-failed");
}

/** Milliseconds that storing a board may take; with less the old one stays. */
export const leastTimeForBoard = 3_000;

/**
 * Stores the board of a run. It comes after the alerts and never fails the run: an old board shows its age, and the log
 * says why it is old.
 *
 * @param withinMs the time that the run has left
 * @param badDaysOf what is remembered of the last days; a fault in it is one of the board
 */
export async function keepBoard(
  report: RunReport,
  store: StoreBoard,
  withinMs: number,
  badDaysOf: () => Board["badDays"] = () => ({}),
): Promise<BoardKept> {
  if (withinMs < leastTimeForBoard) return { kind: "failed", error: "no time was left" };
  try {
    return await store(boardPieces(boardOf(report, badDaysOf())), withinMs, !sawNothing(report));
  } catch (error) {
    return { kind: "failed", error: printable(error instanceof Error ? error.message : String(error), 200) };
  }
}
