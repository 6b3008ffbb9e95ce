import { type Environment, optional, required } from "./environment.ts";

/** What the widget's function is told through its environment; lib/status-board.ts sets it. */
export type WidgetSettings = {
  readonly bucket: string;
  readonly stateKey: string;
  readonly boardKey: string;
  /** Milliseconds after which the last run is too long ago. */
  readonly staleAfterMs: number;
  /** The function that mutes from the board; null where there is none. */
  readonly muteFunctionArn: string | null;
};

/** Throws with the variable's name when it is missing or wrong: then the deployment is broken. */
export function readWidgetSettings(environment: Environment): WidgetSettings {
  return {
    bucket: required(environment, "STATE_BUCKET"),
    stateKey: required(environment, "STATE_KEY"),
    boardKey: required(environment, "BOARD_KEY"),
    staleAfterMs: minutes(environment, "STALE_AFTER_MINUTES") * 60_000,
    muteFunctionArn: optional(environment, "MUTE_FUNCTION_ARN"),
  };
}

function minutes(environment: Environment, name: string): number {
  const value = required(environment, name);
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new Error(`environment variable ${name}: expected minutes, got "${value}"`);
  return Number(value);
}
