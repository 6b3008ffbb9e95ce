import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { ScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Aws, Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { functionDimension, type MetricName, metricsNamespace, service } from "../lambda/contract/metrics.ts";
import { inWords, type Rhythm, silenceOf } from "./rhythm.ts";

export type AlarmsProps = {
  readonly function: LambdaFunction;
  readonly timeout: Duration;
  readonly scheduleGroup: ScheduleGroup;
  readonly rhythm: Rhythm;
  /** How long without a completed run. @default - three intervals of a rate, four days with a cron expression */
  readonly silence?: Duration | undefined;
  readonly topic: ITopic;
  /** Takes notices elsewhere. @default - nothing does */
  readonly relay?: LambdaFunction | undefined;
};

/** A metric that a function emits, and no other one. */
export function ownMetric(
  { functionName }: LambdaFunction,
  metricName: MetricName,
  period: Duration,
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({
    namespace: metricsNamespace,
    dimensionsMap: { [service.dimension]: service.value, [functionDimension]: functionName },
    metricName,
    period,
    statistic,
  });
}

/**
 * Runs that ended without an error, as Lambda counts them: nothing where none was started. The function's own count,
 * RunCompleted, would do as well, but its series by function begins with the version that has it, so that the alarm of
 * a stack that is updated would be on until the next run.
 */
function completedRuns(lambda: LambdaFunction, period: Duration): IMetric {
  const usingMetrics = { started: lambda.metricInvocations({ period }), failed: lambda.metricErrors({ period }) };
  return new MathExpression({ expression: "started - FILL(failed, 0)", usingMetrics, period, label: "completed runs" });
}

/** Part of the timeout after which a run counts as long. A minute of it is kept for telling people. */
const longRun = 0.7;

/** Milliseconds after which a run counts as long. */
export function longRunMs(timeout: Duration): number {
  return Math.round(timeout.toMilliseconds() * longRun);
}

/**
 * Alarms on Origin Watch itself, so that silence means health. They publish to the topic of the alerts: should the
 * topic itself be the trouble, only CloudWatch's own list of alarms shows it.
 *
 * One more is on the origins, for what is built on CloudWatch alarms. It publishes nothing: the alerts say it better, and
 * it does not know what is muted.
 */
export class Alarms extends Construct {
  /** Each under the name that docs/operations.md explains. */
  readonly byName: ReadonlyMap<string, Alarm>;
  /** Those on Origin Watch itself. */
  readonly onItself: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { function: lambda, scheduleGroup, rhythm } = props;
    const period = Duration.seconds(rhythm.periodSeconds);
    const longMs = longRunMs(props.timeout);
    const silence = silenceOf(rhythm, props.silence);
    const alarms: readonly Description[] = [
      ...(silence === null
        ? []
        : [
            {
              name: "NoCompletedRun",
              metric: completedRuns(lambda, Duration.seconds(silence.periodSeconds)),
              periods: silence.periods,
              // What is alarming is that there is no number at all. Then the alarm has "insufficient data", which is the
              // state that a new alarm starts in: it does not go off before the first run, as it would if missing data
              // counted as bad.
              on: "silence",
              says: `No run of Origin Watch has completed for ${inWords(silence)}: nothing is being watched.`,
            } as const,
          ]),
      {
        name: "RunErrors",
        metric: lambda.metricErrors({ period }),
        periods: rhythm.inARow,
        on: 1,
        says: "Runs of Origin Watch end with an error. The function's log group has the error.",
      },
      {
        name: "RunThrottles",
        metric: lambda.metricThrottles({ period }),
        periods: rhythm.inARow,
        on: 1,
        says: "Runs of Origin Watch are refused: the one before is still going, or the account has no concurrency left.",
      },
      {
        name: "RunsNotStarted",
        metric: scheduleGroup.metricTargetErrors({ period }),
        periods: rhythm.inARow,
        on: 1,
        says: "EventBridge Scheduler cannot start runs of Origin Watch. Its role may have lost the right to.",
      },
      {
        name: "RunDuration",
        metric: lambda.metricDuration({ period, statistic: Stats.MAXIMUM }),
        periods: rhythm.inARow,
        on: longMs,
        says: `Runs of Origin Watch take more than ${longMs / 1000} of the ${props.timeout.toSeconds()} seconds they may.`,
      },
      {
        name: "MessageFailures",
        metric: ownMetric(lambda, "MessageFailures", period),
        periods: 1,
        on: 1,
        says: "Origin Watch could not send or record an alert, and tries again in the next run. Its log has the reason.",
      },
      ...(props.relay === undefined
        ? []
        : [
            {
              name: "RelayErrors",
              metric: props.relay.metricErrors({ period: Duration.minutes(15) }),
              periods: 1,
              on: 3,
              says: "A notice did not get to the event bus, to Security Hub or to PagerDuty, at three tries. Its log has the reason.",
            } as const,
          ]),
    ];
    const action = new SnsAction(props.topic);
    const onItself = alarms.map((each) => [each.name, this.#publishing(each, action)] as const);
    this.onItself = onItself.map(([, alarm]) => alarm);
    this.byName = new Map([...onItself, [originsFailing.name, this.#onOrigins(lambda, rhythm)]]);
  }

  #onOrigins(lambda: LambdaFunction, { periodSeconds, inARow }: Rhythm): Alarm {
    const metric = ownMetric(lambda, "OriginsFailing", Duration.seconds(periodSeconds), Stats.MAXIMUM);
    return this.#alarm({ ...originsFailing, metric, periods: inARow });
  }

  #publishing(description: Description, action: SnsAction): Alarm {
    const alarm = this.#alarm(description);
    alarm.addAlarmAction(action);
    // The first run makes it OK, and the first thing that people get is a message of Origin Watch and not of CloudWatch.
    if (description.on === "silence") alarm.addInsufficientDataAction(action);
    else alarm.addOkAction(action);
    return alarm;
  }

  #alarm({ name, metric, periods, on, says }: Description): Alarm {
    return new Alarm(this, name, {
      alarmDescription: `${says} What to do: docs/operations.md, ${name}. Stack: ${Aws.STACK_NAME}`,
      metric,
      evaluationPeriods: periods,
      ...whenBad(on),
    });
  }
}

type Description = {
  readonly name: string;
  readonly metric: IMetric;
  readonly periods: number;
  /** The value from which it is bad, that there is none, or that the last one was not zero. */
  readonly on: number | "silence" | "last";
  readonly says: string;
};

const originsFailing = {
  name: "OriginsFailing",
  on: "last",
  says: "Origins of CloudFront distributions are failing: cache misses get 502 or 504. The alerts of Origin Watch have which.",
} as const;

function whenBad(on: Description["on"]): Pick<AlarmProps, "threshold" | "comparisonOperator" | "treatMissingData"> {
  if (on === "silence") {
    return {
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.MISSING,
    };
  }
  if (on === "last") {
    return {
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Without a run nothing has become better or worse.
      treatMissingData: TreatMissingData.IGNORE,
    };
  }
  return {
    threshold: on,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    // No run, no number. Whether runs are missing is for the alarm on silence to say.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  };
}
