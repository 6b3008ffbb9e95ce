import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Schedule, type ScheduleExpression, ScheduleGroup, TimeWindow } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Aws, Duration, Fn, RemovalPolicy } from "aws-cdk-lib/core";
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
    const name = uniqueName(this);
    this.group = new ScheduleGroup(this, "Group", { scheduleGroupName: name, removalPolicy: RemovalPolicy.DESTROY });
    this.schedule = new Schedule(this, "Schedule", {
      description: "Starts a run of Origin Watch",
      // A schedule cannot move to another group, and CloudFormation does not know that: it would try, and fail
      // (https://github.com/aws/aws-cdk/issues/34216). With a name that follows the group's it makes a new one.
      scheduleName: name,
      schedule: props.schedule,
      scheduleGroup: this.group,
      // Keeps a cron schedule off the full hour. No wider, so that it never exceeds the shortest interval that there is.
      timeWindow: TimeWindow.flexible(Duration.minutes(1)),
      target: new LambdaInvoke(props.function, { retryAttempts: 2, maxEventAge: Duration.hours(1) }),
    });
  }
}

/**
 * A name that no other stack has, nor another Origin Watch in the same one: the id of the stack, of which the part that
 * is random has the room that a group's name leaves, 64 characters. CDK's own would be the same in every stack that is
 * made from a template.
 */
function uniqueName(scope: Construct): string {
  const [, , random] = Fn.split("/", Aws.STACK_ID, 3);
  return `OriginWatch-${scope.node.addr.slice(-8)}-${random}`;
}
