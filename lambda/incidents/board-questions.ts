import * as v from "valibot";
import { type BoardWish, wishEntries } from "./board-mutes.ts";

/**
 * A question that the board asked and nobody answered yet: whether somebody wants what was chosen. The page of the
 * question has a random word, of which only the hash is kept, so that whoever reads the object cannot answer.
 */
export type BoardQuestion = BoardWish & {
  /** SHA-256 of the random word, in hexadecimal. */
  readonly hash: string;
  /** ISO 8601. */
  readonly askedAt: string;
};

export type BoardQuestions = { readonly schemaVersion: 1; readonly questions: readonly BoardQuestion[] };

export const noQuestions: BoardQuestions = { schemaVersion: 1, questions: [] };

/** How long a question may be answered, in milliseconds. */
export const answerableMs = 10 * 60_000;
/** Of more, the oldest are dropped: whoever asks in a loop only keeps others from answering. */
export const mostQuestions = 50;
/** A larger object was not written by us. */
export const maxQuestionsBytes = 32 * 1024;

/** Reads the object. What is not of the form that `serializeQuestions` gives it holds no question: nobody can answer then. */
export function parseQuestions(text: string): BoardQuestions {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    return noQuestions;
  }
}

export function serializeQuestions(questions: BoardQuestions): string {
  return `${JSON.stringify(questions)}\n`;
}

/** The questions with one more. */
export function withQuestion({ questions }: BoardQuestions, question: BoardQuestion, now: number): BoardQuestions {
  const open = questions.filter((other) => isOpen(other, now));
  return { schemaVersion: 1, questions: [...open, question].slice(-mostQuestions) };
}

/** The questions without the one that is answered: each is once. Null where nobody asked, or asked something else. */
export function withoutQuestion(
  { questions }: BoardQuestions,
  { origin, account, time }: BoardWish,
  hash: string,
  now: number,
): BoardQuestions | null {
  const open = questions.filter((other) => isOpen(other, now));
  const rest = open.filter((other) => other.hash !== hash);
  const isAnswered = open.some(
    (other) => other.hash === hash && other.origin === origin && other.account === account && other.time === time,
  );
  return isAnswered ? { schemaVersion: 1, questions: rest } : null;
}

function isOpen({ askedAt }: BoardQuestion, now: number): boolean {
  const age = now - Date.parse(askedAt);
  return age >= 0 && age < answerableMs;
}

const schema: v.GenericSchema<unknown, BoardQuestions> = v.strictObject({
  schemaVersion: v.literal(1),
  questions: v.pipe(
    v.array(
      v.strictObject({
        ...wishEntries,
        hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
        askedAt: v.pipe(v.string(), v.isoTimestamp()),
      }),
    ),
    v.maxLength(mostQuestions),
  ),
});
