import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { AlertTopic } from "./alert-topic.ts";
import type { Config } from "./config.ts";
import { RunSchedule } from "./run-schedule.ts";
import { StateBucket } from "./state-bucket.ts";
import { WatchFunction } from "./watch-function.ts";

/** All of Origin Watch in one account: a scheduled function, its state, and the topic that it alerts through. */
export class OriginWatchStack extends Stack {
  constructor(scope: Construct, id: string, config: Config, props: StackProps = {}) {
    super(scope, id, { description: "Origin Watch: tells when an origin makes CloudFront answer 502", ...props });
    const { topic } = new AlertTopic(this, "Alerts", { emails: config.alertEmails });
    const { bucket } = new StateBucket(this, "State");
    const watch = new WatchFunction(this, "Watch", { config, topic, bucket });
    new RunSchedule(this, "Runs", { function: watch.function, schedule: config.schedule });
    new CfnOutput(this, "AlertTopicArn", { value: topic.topicArn });
    new CfnOutput(this, "FunctionName", { value: watch.function.functionName });
    new CfnOutput(this, "LogGroupName", { value: watch.logGroup.logGroupName });
    new CfnOutput(this, "StateBucketName", { value: bucket.bucketName });
  }
}
