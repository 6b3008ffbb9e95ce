import { type Environment, required } from "./environment.ts";

/** What the function that mutes from the board is told through its environment; lib/board-mutes.ts sets it. */
export type BoardMutesSettings = {
  readonly bucket: string;
  readonly mutesKey: string;
  /** Where questions are kept that nobody answered yet. */
  readonly questionsKey: string;
};

/** Throws with the variable's name when it is missing: then the deployment is broken. */
export function readBoardMutesSettings(environment: Environment): BoardMutesSettings {
  return {
    bucket: required(environment, "STATE_BUCKET"),
    mutesKey: required(environment, "MUTES_KEY"),
    questionsKey: required(environment, "QUESTIONS_KEY"),
  };
}
