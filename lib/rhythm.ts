import type { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { Duration, Token } from "aws-cdk-lib/core";
import { readCron } from "../lambda/contract/cron.ts";

/** How often runs come, as far as an alarm must know. */
export type Rhythm = {
  /** Seconds between two runs, null with a cron expression. */
  readonly intervalSeconds: number | null;
  /** The most seconds between two runs, null where the expression is known only in the deployment. */
  readonly longestPauseSeconds: number | null;
  /** The period that alarms on single runs look at: a multiple of 60 that holds at least one run, a day at most. */
  readonly periodSeconds: number;
  /**
   * How many periods in a row must be bad before an alarm goes off: one failed run among many is repaired by the next
   * before anybody has read of it, but nobody waits hours to hear of two.
   */
  readonly inARow: number;
};

const minute = 60;
const hour = 3_600;
const day = 86_400;
const unitSeconds: Readonly<Record<string, number>> = { minute, hour, day };

/** Reads the rhythm off a schedule. Alarms on single runs take a cron expression for one run a day or more. */
export function rhythmOf({ expressionString }: ScheduleExpression): Rhythm {
  const intervalSeconds = intervalOf(expressionString);
  const cron = cronOf(expressionString);
  const longestPauseSeconds = cron?.kind === "cron" ? cron.longestPauseSeconds : intervalSeconds;
  const periodSeconds = Math.min(day, Math.max(5 * minute, intervalSeconds ?? day));
  return { intervalSeconds, longestPauseSeconds, periodSeconds, inARow: periodSeconds < hour ? 2 : 1 };
}

/** Why EventBridge Scheduler would refuse a schedule, null where nothing is known against it. */
export function scheduleProblem({ expressionString }: ScheduleExpression): string | null {
  if (Token.isUnresolved(expressionString) || intervalOf(expressionString) !== null) return null;
  // A single run, for those who want one.
  if (/^at\(.+\)$/.test(expressionString)) return null;
  const cron = cronOf(expressionString);
  if (cron?.kind === "wrong") return cron.problem;
  return cron === null ? `expected ${expectedSchedule}, got ${JSON.stringify(expressionString.slice(0, 100))}` : null;
}

export const expectedSchedule = "rate(15 minutes), cron(0 6 * * ? *) or a number of minutes";

function intervalOf(expression: string): number | null {
  const [, value, unit = ""] = /^rate\(([1-9]\d{0,4}) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return value === undefined ? null : Number(value) * (unitSeconds[unit] ?? day);
}

function cronOf(expression: string): ReturnType<typeof readCron> | null {
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  return fields === undefined ? null : readCron(fields);
}

/** What an alarm on silence looks at: so many periods in which no run has completed. */
export type Silence = { readonly periodSeconds: number; readonly periods: number };

/**
 * CloudWatch looks back a day at most for periods under an hour and seven days for longer ones
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, EvaluationPeriods).
 */
const longestEvaluation = { short: day, long: 7 * day } as const;

/**
 * How long a silence must be to be one: what is wanted, or three missed runs, or four days with a cron expression, which
 * allows for one without runs at weekends. Null where a silence that long is more than an alarm can see.
 */
export function silenceOf(rhythm: Rhythm, wanted: Duration | undefined): Silence | null {
  const seconds = wanted?.toSeconds() ?? usualSilence(rhythm);
  const periods = seconds < 3 * hour ? 3 : Math.ceil(seconds / Math.min(day, Math.ceil(seconds / 3 / hour) * hour));
  const periodSeconds = Math.ceil(seconds / periods / minute) * minute;
  const longest = periodSeconds < hour ? longestEvaluation.short : longestEvaluation.long;
  return periodSeconds > day || periodSeconds * periods > longest ? null : { periodSeconds, periods };
}

/** Runs that are further apart get all that an alarm can see, as long as that is a day more than their longest pause. */
function usualSilence({ intervalSeconds, longestPauseSeconds }: Rhythm): number {
  if (intervalSeconds === null) return Math.max(4 * day, (longestPauseSeconds ?? 0) + day);
  const threeRuns = 3 * Math.max(intervalSeconds, 5 * minute);
  return threeRuns <= longestEvaluation.long ? threeRuns : Math.max(longestEvaluation.long, intervalSeconds + day);
}

/** How long ago the last run may be before somebody who looks should know: as long as a silence that is told. */
export function staleAfter(rhythm: Rhythm, wanted: Duration | undefined): Duration {
  const silence = silenceOf(rhythm, wanted);
  return silence === null
    ? Duration.seconds(3 * (rhythm.longestPauseSeconds ?? day))
    : Duration.seconds(silence.periodSeconds * silence.periods);
}

/** A silence in words. */
export function inWords({ periodSeconds, periods }: Silence): string {
  const seconds = periodSeconds * periods;
  if (seconds % day === 0) return `${seconds / day} days`;
  return seconds % hour === 0 ? `${seconds / hour} hours` : `${seconds / minute} minutes`;
}
