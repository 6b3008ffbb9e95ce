import type { Context } from "aws-lambda";
import { readBoard } from "./aws/board-s3.ts";
import { readState, s3Client } from "./aws/state-s3.ts";
import { parseBoard } from "./board/board-format.ts";
import { orNotice } from "./board/or-notice.ts";
import { noticeHtml, readWidgetPage, type WidgetNotice, widgetDescription, widgetHtml } from "./board/widget.ts";
import { readWidgetCall } from "./board/widget-call.ts";
import { identity } from "./incidents/state.ts";
import { parseState } from "./incidents/state-format.ts";
import { jsonLine } from "./text/json-line.ts";

const bucket = required("STATE_BUCKET");
const stateAt = { bucket, key: required("STATE_KEY") };
const boardAt = { bucket, key: required("BOARD_KEY") };

/** Somebody looks at an empty frame meanwhile; who reloads is the retry. */
const s3 = s3Client({
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
    socketTimeout: 2_000,
  },
});
/** Milliseconds for both objects, which are read at once; lib/status-board.ts gives the function a little more. */
const timeToRead = 5_000;

/**
 * The custom widget of the dashboard: reads what the last run left and answers with HTML for the console.
 *
 * CloudWatch invokes it for the person who looks, and it reads with its own role. Whatever goes wrong is said in the
 * widget; the log has only what is a fault of ours.
 */
export function handler(event: unknown, context: Pick<Context, "invokedFunctionArn">): Promise<string> {
  return orNotice(() => answer(event, context.invokedFunctionArn), logFault);
}

async function answer(event: unknown, functionArn: string): Promise<string> {
  const call = readWidgetCall(event);
  if (call.describe) return widgetDescription;
  const { theme, width } = call;
  const [board, ages] = await Promise.all([currentBoard(), openingTimes()]);
  if ("notice" in board) return noticeHtml(board.notice);
  const { openedAt, notice } = ages;
  const view = { board: board.board, openedAt, now: Date.now(), theme, functionArn, width };
  return `${notice === null ? "" : noticeHtml(notice)}${widgetHtml(view, readWidgetPage(event))}`;
}

function logFault(fault: unknown): void {
  const stack = fault instanceof Error ? fault.stack : String(fault);
  process.stderr.write(`${jsonLine({ level: "ERROR", message: "the status board could not be shown", stack })}\n`);
}

async function currentBoard() {
  const read = await readBoard(s3, boardAt, AbortSignal.timeout(timeToRead));
  if (read.kind !== "found") return { notice: read };
  const parsed = parseBoard(read.text);
  return parsed.kind === "board" ? { board: parsed.board } : { notice: parsed };
}

type OpeningTimes = { readonly openedAt: ReadonlyMap<string, string>; readonly notice: WidgetNotice | null };

/** Since when each incident is open. The board is worth showing without, so what is wrong here comes beside it. */
async function openingTimes(): Promise<OpeningTimes> {
  const unknown = new Map<string, string>();
  const read = await readState(s3, stateAt, AbortSignal.timeout(timeToRead));
  // Nothing was ever wrong.
  if (read.kind === "missing") return { openedAt: unknown, notice: null };
  if (read.kind === "failed") return { openedAt: unknown, notice: { kind: "ages-unknown", error: read.error } };
  const parsed = parseState(read.text);
  if (parsed.kind === "unreadable") {
    return { openedAt: unknown, notice: { kind: "ages-unknown", error: `the state is damaged: ${parsed.problem}` } };
  }
  const { incidents } = parsed.state;
  return { openedAt: new Map(incidents.map((incident) => [identity(incident), incident.openedAt])), notice: null };
}

/** @throws when the deployment is broken */
function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`environment variable ${name} is not set`);
  return value;
}
