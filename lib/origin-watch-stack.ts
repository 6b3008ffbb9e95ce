import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { type Config, inContext } from "./config.ts";
import { OriginWatch } from "./origin-watch.ts";

/** Origin Watch as a stack of its own, configured by CDK context. */
export class OriginWatchStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { kmsKeyArn, stackName, alertTopicArn, criticalTopicArn, ...config }: Config,
    props: StackProps = {},
  ) {
    super(scope, id, {
      description: "Origin Watch: tells when an origin makes CloudFront answer 502",
      ...(stackName === undefined ? {} : { stackName }),
      ...props,
    });
    const encryptionKey = kmsKeyArn === undefined ? {} : { encryptionKey: Key.fromKeyArn(this, "Key", kmsKeyArn) };
    const topics = {
      ...(alertTopicArn === undefined ? {} : { topic: Topic.fromTopicArn(this, "AlertTopic", alertTopicArn) }),
      ...(criticalTopicArn === undefined
        ? {}
        : { criticalTopic: Topic.fromTopicArn(this, "CriticalTopic", criticalTopicArn) }),
    };
    const watch = inContext(() => new OriginWatch(this, "Watch", { ...config, ...encryptionKey, ...topics }));
    new CfnOutput(this, "AlertTopicArn", { value: watch.topic.topicArn });
    new CfnOutput(this, "FunctionName", { value: watch.function.functionName });
    new CfnOutput(this, "LogGroupName", { value: watch.logGroup.logGroupName });
    new CfnOutput(this, "StateBucketName", { value: watch.bucket.bucketName });
    if (watch.boardMutes !== undefined) {
      new CfnOutput(this, "BoardMutesFunctionArn", { value: watch.boardMutes.function.functionArn });
    }
    if (watch.memberParameters !== undefined) {
      const words = Object.entries(watch.memberParameters).map(([name, value]) => `${name}=${value}`);
      new CfnOutput(this, "MemberParameters", { value: words.join(" ") });
    }
    if (watch.dashboard !== undefined && watch.statusBoard !== undefined) {
      new CfnOutput(this, "DashboardName", { value: watch.dashboard.dashboard.dashboardName });
      new CfnOutput(this, "StatusBoardFunctionArn", { value: watch.statusBoard.function.functionArn });
    }
  }
}
