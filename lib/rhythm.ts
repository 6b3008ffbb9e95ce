import type { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { Duration } from "aws-cdk-lib/core";

/** How often runs come, as far as an alarm must know. */
export type Rhythm = {
  /** Seconds between two runs, null where a cron expression does not tell. */
  readonly intervalSeconds: number | null;
  /** The period that alarms on single runs look at: a multiple of 60 that holds at least one run, a day at most. */
  readonly periodSeconds: number;
  /**
   * How many periods in a row must be bad before an alarm speaks: one failed run among many is repaired by the next
   * before anybody has read of it, but nobody waits hours to hear of two.
   */
  readonly inARow: number;
};

const minute = 60;
const hour = 3_600;
const day = 86_400;
const unitSeconds: Readonly<Record<string, number>> = { minute, hour, day };

/** Reads the rhythm off a schedule: exact for a rate; a cron expression counts as one run a day or more. */
export function rhythmOf({ expressionString }: ScheduleExpression): Rhythm {
  const [, value, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expressionString) ?? [];
  const intervalSeconds = value === undefined ? null : Number(value) * (unitSeconds[unit] ?? day);
  const periodSeconds = Math.min(day, Math.max(5 * minute, intervalSeconds ?? day));
  return { intervalSeconds, periodSeconds, inARow: periodSeconds < hour ? 2 : 1 };
}

/** What an alarm on silence looks at: so many periods in which no run has completed. */
export type Silence = { readonly periodSeconds: number; readonly periods: number };

/**
 * CloudWatch looks back a day at most for periods under an hour and seven days for longer ones
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, EvaluationPeriods).
 */
const longestLook = { short: day, long: 7 * day } as const;

/**
 * How long a silence must be to be one: three missed runs, or four days with a cron expression, which lets one that
 * rests at weekends rest. Null where a silence that long is more than an alarm can see.
 */
export function silenceOf({ intervalSeconds }: Rhythm, wanted: Duration | undefined): Silence | null {
  const seconds =
    wanted?.toSeconds() ?? (intervalSeconds === null ? 4 * day : 3 * Math.max(intervalSeconds, 5 * minute));
  const periods = seconds < 3 * hour ? 3 : Math.ceil(seconds / Math.min(day, Math.ceil(seconds / 3 / hour) * hour));
  const periodSeconds = Math.ceil(seconds / periods / minute) * minute;
  const longest = periodSeconds < hour ? longestLook.short : longestLook.long;
  return periodSeconds > day || periodSeconds * periods > longest ? null : { periodSeconds, periods };
}

/** How long ago the last run may be before somebody who looks should know: as long as a silence that is told. */
export function staleAfter(rhythm: Rhythm, wanted: Duration | undefined): Duration {
  const silence = silenceOf(rhythm, wanted);
  return silence === null
    ? Duration.seconds(3 * (rhythm.intervalSeconds ?? day))
    : Duration.seconds(silence.periodSeconds * silence.periods);
}

/** A silence in words. */
export function inWords({ periodSeconds, periods }: Silence): string {
  const seconds = periodSeconds * periods;
  if (seconds % day === 0) return `${seconds / day} days`;
  return seconds % hour === 0 ? `${seconds / hour} hours` : `${seconds / minute} minutes`;
}
