import { SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Annotations, CfnOutput, Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { type Config, inContext, type VpcContext } from "./config.ts";
import { OriginWatch } from "./origin-watch.ts";
import type { VpcVantageProps } from "./vpc-vantage-props.ts";

/** Origin Watch as a stack of its own, configured by CDK context. */
export class OriginWatchStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { kmsKeyArn, stackName, alertTopicArn, criticalTopicArn, vpcVantage, ...config }: Config,
    props: StackProps = {},
  ) {
    super(scope, id, {
      description: "Origin Watch: tells when an origin makes CloudFront answer 502 or 504",
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
    const vpc = vpcVantage === undefined ? {} : { vpc: vpcOf(this, vpcVantage) };
    const watch = inContext(() => new OriginWatch(this, "Watch", { ...config, ...encryptionKey, ...topics, ...vpc }));
    new CfnOutput(this, "AlertTopicArn", { value: watch.topic.topicArn });
    new CfnOutput(this, "FunctionName", { value: watch.function.functionName });
    new CfnOutput(this, "LogGroupName", { value: watch.logGroup.logGroupName });
    new CfnOutput(this, "StateBucketName", { value: watch.bucket.bucketName });
    if (watch.boardMutes !== undefined) {
      new CfnOutput(this, "BoardMutesFunctionArn", { value: watch.boardMutes.function.functionArn });
    }
    if (watch.vpcWorker !== undefined) {
      const groups = watch.vpcWorker.function.connections.securityGroups.map(({ securityGroupId }) => securityGroupId);
      new CfnOutput(this, "VpcWorkerSecurityGroupIds", { value: groups.join(" ") });
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

/** A VPC that is known by ids alone; nothing is looked up for it. */
function vpcOf(
  scope: Construct,
  { vpcId, subnetIds, securityGroupIds, cidrs, neverDial, purposes, accounts }: VpcContext,
): VpcVantageProps {
  // CDK wants as many names of zones as there are subnets, and uses them nowhere.
  const availabilityZones = subnetIds.map((_, index) => `zone-${index + 1}`);
  const groups = securityGroupIds.map((id, index) =>
    SecurityGroup.fromSecurityGroupId(scope, `VpcSecurityGroup${index + 1}`, id),
  );
  const vpc = Vpc.fromVpcAttributes(scope, "Vpc", { vpcId, availabilityZones, privateSubnetIds: [...subnetIds] });
  // Nobody asks for their route tables.
  Annotations.of(vpc).acknowledgeWarning("@aws-cdk/aws-ec2:noSubnetRouteTableId");
  return {
    vpc,
    ...(groups.length === 0 ? {} : { securityGroups: groups }),
    cidrs,
    neverDial,
    for: purposes,
    ...(accounts === undefined ? {} : { accounts }),
  };
}
