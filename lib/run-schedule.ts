import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Schedule, type ScheduleExpression, ScheduleGroup, TimeWindow } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Duration, RemovalPolicy } from "aws-cdk-lib/core";
import { Construct } from "constructs";

export type RunScheduleProps = {
  readonly function: LambdaFunction;
  readonly schedule: ScheduleExpression;
};

/** Starts the runs. EventBridge Scheduler's own default of 185 retries over a day would pile up stale runs. */
export class RunSchedule extends Construct {
  readonly schedule: Schedule;
  /** A group of its own, because EventBridge Scheduler's metrics are those of a group. */
  readonly group: ScheduleGroup;

  constructor(scope: Construct, id: string, props: RunScheduleProps) {
    super(scope, id);
    this.group = new ScheduleGroup(this, "Group", { removalPolicy: RemovalPolicy.DESTROY });
    this.schedule = new Schedule(this, "Schedule", {
      description: "Starts a run of Origin Watch",
      schedule: props.schedule,
      scheduleGroup: this.group,
      // Keeps a cron schedule off the full hour. No wider, so that it never exceeds the shortest interval that there is.
      timeWindow: TimeWindow.flexible(Duration.minutes(1)),
      target: new LambdaInvoke(props.function, { retryAttempts: 2, maxEventAge: Duration.hours(1) }),
    });
  }
}
