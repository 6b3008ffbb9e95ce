import type { RunProblem } from "../report/record.ts";

/** The state could not be fetched, so there is no telling what is new. */
export function unreadableNow(error: string): RunProblem {
  return {
    code: "state-unreadable",
    scope: null,
    message:
      `The record of earlier messages could not be read (${error}). ` +
      "So this message lists everything that is open, new or not, and may be repeated by each run.",
    remedy: "Make the state object readable for the function again. Then messages come only when something changes.",
  };
}

/** The state is damaged; a copy exists, and a new state takes its place. */
export function copiedAside(problem: string, location: string): RunProblem {
  return {
    code: "state-unreadable",
    scope: null,
    message:
      `The record of earlier messages is damaged: ${problem}. ` +
      "So this message lists everything that is open, new or not. What was fixed meanwhile is not reported.",
    remedy: `There is nothing to do: a new record was begun. The damaged one is kept as ${location}.`,
  };
}

/** The state is damaged and could not be copied, so it must not be overwritten. */
export function unreadableAndNotCopied(problem: string, error: string): RunProblem {
  return {
    code: "state-unreadable",
    scope: null,
    message:
      `The record of earlier messages is damaged (${problem}) and could not be copied (${error}). It is left as ` +
      "it is. So this message lists everything that is open, new or not, and may be repeated by each run.",
    remedy: "Let the function write to the bucket of the state object, or move the damaged object away.",
  };
}

/** A remark on a message that goes out although the state could not be written. */
export function unrecorded(error: string): string {
  return `This message could not be recorded as sent (${error}). The next run may send it again.`;
}
