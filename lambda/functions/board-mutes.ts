import { createHash, randomBytes } from "node:crypto";
import type { Context } from "aws-lambda";
import { changeMutes, changeQuestions } from "../aws/board-mutes-s3.ts";
import { impatientLimits } from "../aws/client-limits.ts";
import { s3Client } from "../aws/state-s3.ts";
import { type BoardWish, endOfWish, withWish } from "../incidents/board-mutes.ts";
import { withoutQuestion, withQuestion } from "../incidents/board-questions.ts";
import { type MuteAnswer, muteAnswerHtml } from "../pages/mute-answer.ts";
import { readMuteCall } from "../pages/mute-call.ts";
import { readWidgetPlace } from "../pages/widget-place.ts";
import { jsonLine } from "../text/json-line.ts";
import { readBoardMutesSettings } from "./board-mutes-settings.ts";

const { bucket, mutesKey, questionsKey } = readBoardMutesSettings(process.env);

/** Somebody waits, and tries again by choosing again. */
const s3 = s3Client(impatientLimits);
/** Milliseconds for everything; lib/board-mutes.ts gives the function more. */
const timeToWrite = 10_000;

/**
 * Mutes an origin from the status board, in two steps. CloudWatch calls it with the rights of whoever looks at a dashboard
 * and with what whoever edits that dashboard wrote into it, perhaps as soon as it is opened: so the first call only asks,
 * and only the answer to that question, which nobody but the one who sees it has, writes.
 */
export async function handler(event: unknown, context: Pick<Context, "invokedFunctionArn">): Promise<string> {
  return muteAnswerHtml(await answerOrFault(event), readWidgetPlace(event), context.invokedFunctionArn);
}

/** The console would show the stack of what is thrown. */
async function answerOrFault(event: unknown): Promise<MuteAnswer> {
  try {
    return await answerTo(event);
  } catch (fault) {
    logFault(fault);
    return { kind: "failed", problem: "by a fault of Origin Watch; the log of its function has more" };
  }
}

async function answerTo(event: unknown): Promise<MuteAnswer> {
  const call = readMuteCall(event);
  switch (call.kind) {
    case "nothing":
      return call;
    case "ask":
      return ask(call.wish, Date.now());
    case "confirm":
      return confirm(call.wish, call.nonce, Date.now());
  }
}

async function ask(wish: BoardWish, now: number): Promise<MuteAnswer> {
  const nonce = randomBytes(16).toString("base64url");
  const question = { ...wish, hash: hashOf(nonce), askedAt: new Date(now).toISOString() };
  const place = { bucket, key: questionsKey };
  const kept = await changeQuestions(s3, place, (all) => withQuestion(all, question, now), within());
  return kept.kind === "failed" ? { kind: "failed", problem: kept.error } : { kind: "question", wish, nonce, now };
}

async function confirm(wish: BoardWish, nonce: string, now: number): Promise<MuteAnswer> {
  const signal = within();
  // First, so that no answer counts twice, whatever becomes of the mute.
  const questions = { bucket, key: questionsKey };
  const taken = await changeQuestions(s3, questions, (all) => withoutQuestion(all, wish, hashOf(nonce), now), signal);
  if (taken.kind === "failed") return { kind: "failed", problem: taken.error };
  if (taken.kind === "unchanged") return { kind: "not-asked" };
  const kept = await changeMutes(s3, { bucket, key: mutesKey }, (file) => withWish(file, wish, now), signal);
  if (kept.kind === "failed") return { kind: "failed", problem: kept.error };
  if (kept.kind === "unchanged") return { kind: "nothing-to-end", wish };
  const until = endOfWish(wish, now);
  log({
    level: "INFO",
    message: until === null ? "a mute of the board was ended" : "muted on the board",
    ...wish,
    until,
  });
  return until === null ? { kind: "ended", wish } : { kind: "muted", wish, until };
}

function hashOf(nonce: string): string {
  return createHash("sha256").update(nonce).digest("hex");
}

function within(): AbortSignal {
  return AbortSignal.timeout(timeToWrite);
}

function logFault(fault: unknown): void {
  const stack = fault instanceof Error ? fault.stack : String(fault);
  log({ level: "ERROR", message: "the mute of the board failed", stack });
}

function log(record: object): void {
  process.stderr.write(`${jsonLine(record)}\n`);
}
