import type { Context } from "aws-lambda";
import { readBoard } from "../aws/board-s3.ts";
import { impatientLimits } from "../aws/client-limits.ts";
import { readState, s3Client } from "../aws/state-s3.ts";
import { parseBoard } from "../board/board-format.ts";
import { parseState } from "../incidents/state-format.ts";
import { noticeOnFault } from "../pages/notice-on-fault.ts";
import { openedAtOf } from "../pages/open-since.ts";
import { widgetHtml } from "../pages/widget.ts";
import { type WidgetNotice, widgetDescription, widgetNotice } from "../pages/widget-notice.ts";
import { asksForDescription, readWidgetPage } from "../pages/widget-page.ts";
import { readWidgetPlace, type WidgetPlace } from "../pages/widget-place.ts";
import { mutedNow } from "../tell/muted-now.ts";
import { jsonLine } from "../text/json-line.ts";
import { readWidgetSettings } from "./status-board-settings.ts";

const { bucket, stateKey, boardKey, staleAfterMs, muteFunctionArn } = readWidgetSettings(process.env);

/** Somebody looks at an empty frame meanwhile; who reloads is the retry. */
const s3 = s3Client(impatientLimits);
/** Milliseconds for both objects, which are read at once; lib/status-board.ts gives the function more. */
const timeToRead = 5_000;

/**
 * The custom widget of the dashboard: reads what the last run stored and answers with HTML for the console.
 *
 * CloudWatch invokes it for the viewer of the dashboard, and it reads with its own role. Failures are shown in the
 * widget; the log has only faults of ours.
 */
export function handler(event: unknown, context: Pick<Context, "invokedFunctionArn">): Promise<string> {
  const place = readWidgetPlace(event);
  return noticeOnFault(() => answer(event, place, context.invokedFunctionArn), place, logFault);
}

async function answer(event: unknown, { theme, width }: WidgetPlace, functionArn: string): Promise<string> {
  if (asksForDescription(event)) return widgetDescription;
  const [board, told] = await Promise.all([currentBoard(), whatWasTold()]);
  if ("notice" in board) return widgetNotice(board.notice, theme, width);
  // A board that says so itself, because there was no earlier one, need not be told of twice.
  const saysSo = board.board.problems.some(({ code }) => code === "inventory-failed");
  const { openedAt, muted, notice } = saysSo && told.notice?.kind === "not-listed" ? { ...told, notice: null } : told;
  const view = {
    board: board.board,
    openedAt,
    muted,
    now: Date.now(),
    theme,
    functionArn,
    muteFunctionArn,
    width,
    staleAfterMs,
  };
  return `${notice === null ? "" : widgetNotice(notice, theme, width)}${widgetHtml(view, readWidgetPage(event))}`;
}

async function currentBoard() {
  const read = await readBoard(s3, { bucket, key: boardKey }, AbortSignal.timeout(timeToRead));
  if (read.kind !== "found") return { notice: noticeOf(read) };
  const parsed = parseBoard(read.text);
  return parsed.kind === "board" ? { board: parsed.board } : { notice: parsed };
}

function noticeOf(read: Exclude<Awaited<ReturnType<typeof readBoard>>, { kind: "found" }>): WidgetNotice {
  switch (read.kind) {
    case "missing":
      return { kind: "no-run" };
    case "failed":
      return read.denied === null ? { kind: "failed", problem: read.error } : { kind: "denied", action: read.denied };
    case "unreadable":
      return read;
  }
}

type Told = {
  readonly openedAt: ReadonlyMap<string, string> | null;
  readonly muted: readonly string[];
  readonly notice: WidgetNotice | null;
};

/** What the state adds to the board, which is worth showing without, so what cannot be read here comes beside it. */
async function whatWasTold(): Promise<Told> {
  const read = await readState(s3, { bucket, key: stateKey }, AbortSignal.timeout(timeToRead));
  // There were no incidents yet.
  if (read.kind === "missing") return { openedAt: new Map(), muted: [], notice: null };
  if (read.kind === "failed") return unknown(read.error);
  const parsed = parseState(read.text);
  if (parsed.kind === "unreadable") return unknown(`the state is damaged: ${parsed.problem}`);
  const { incidents, distributionIncidents, problems } = parsed.state;
  const unlisted = problems.find(({ code, clearSince }) => code === "inventory-failed" && clearSince === null);
  const isOpen = unlisted !== undefined && unlisted.lastTold !== null;
  const notice = isOpen ? { kind: "not-listed" as const, since: unlisted.openedAt, problem: unlisted.message } : null;
  return { openedAt: openedAtOf([...incidents, ...distributionIncidents]), muted: mutedNow(parsed.state), notice };
}

function unknown(problem: string): Told {
  return { openedAt: null, muted: [], notice: { kind: "ages-unknown", problem } };
}

function logFault(fault: unknown): void {
  const stack = fault instanceof Error ? fault.stack : String(fault);
  process.stderr.write(`${jsonLine({ level: "ERROR", message: "the status board could not be shown", stack })}\n`);
}
