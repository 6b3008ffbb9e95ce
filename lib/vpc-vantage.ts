import { Peer, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Duration, Stack, Token } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { longestStackName } from "../lambda/contract/vantages.ts";
import { answerPrefix, batchPrefix, vpcConcurrency, vpcVariables, vpcWorkerName } from "../lambda/contract/vpc.ts";
import type { ResolvedProps } from "./origin-watch-props.ts";
import { PropError } from "./prop-error.ts";
import { shortenedName } from "./shortened-name.ts";
import type { VpcVantageProps } from "./vpc-vantage-props.ts";
import { VpcWorker } from "./vpc-worker.ts";

/** What the function that watches must know of the vantage, and may do for it besides invoking its worker. */
export function vpcVantageOf(scope: Construct, vpc: VpcVantageProps, bucket: Bucket) {
  const { region } = Stack.of(scope);
  const name = nameOfVpcWorker(scope);
  return {
    workerArn: workerArn(scope, name),
    variables: { [vpcVariables.vpcId]: vpc.vpc.vpcId, [vpcVariables.workerName]: name },
    permissions: [
      new PolicyStatement({
        sid: "FindWhatIsBehindVpcOrigins",
        // It knows no resource.
        actions: ["ec2:DescribeNetworkInterfaces"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:RequestedRegion": region } },
      }),
      new PolicyStatement({
        sid: "WriteBatches",
        actions: ["s3:PutObject"],
        resources: [bucket.arnForObjects(`${batchPrefix}*`)],
      }),
      new PolicyStatement({
        sid: "ReadAnswers",
        actions: ["s3:GetObject"],
        resources: [bucket.arnForObjects(`${answerPrefix}*`)],
      }),
    ],
  };
}

/** Adds the worker inside the VPC. */
export function addVpcWorker(scope: Construct, props: ResolvedProps, bucket: Bucket): VpcWorker | undefined {
  const { vpc, logRetentionDays, encryptionKey, reserveConcurrency } = props;
  if (vpc === undefined) return undefined;
  const functionName = nameOfVpcWorker(scope);
  return new VpcWorker(scope, "VpcWorker", {
    functionName,
    functionArn: workerArn(scope, functionName),
    vantage: vpc,
    securityGroups: vpc.securityGroups ?? [securityGroupOf(scope, vpc)],
    bucket,
    logRetentionDays,
    encryptionKey,
    reservedConcurrentExecutions: reserveConcurrency ? vpcConcurrency : null,
  });
}

/** Lets out what the worker needs and nothing else; DNS and S3's addresses are no matter of security groups or known ones. */
function securityGroupOf(scope: Construct, { vpc, cidrs }: VpcVantageProps): SecurityGroup {
  const group = new SecurityGroup(scope, "VpcWorkerSecurityGroup", {
    vpc,
    description: "Origin Watch: looks at what is behind VPC origins",
    allowAllOutbound: false,
  });
  for (const cidr of cidrs) {
    const peer = cidr.includes(":") ? Peer.ipv6(cidr) : Peer.ipv4(cidr);
    group.addEgressRule(peer, Port.tcp(80), "Origins");
    group.addEgressRule(peer, Port.tcp(443), "Origins");
    group.addEgressRule(peer, Port.tcpRange(1_024, 65_535), "Origins");
  }
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "S3");
  return group;
}

function workerArn(scope: Construct, name: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:lambda:${region}:${account}:function:${name}`;
}

function nameOfVpcWorker(scope: Construct): string {
  const { stackName, account } = Stack.of(scope);
  if (Token.isUnresolved(stackName)) {
    throw new PropError("vpc", "expected a stack whose name is known at synthesis: its worker is named after it");
  }
  return vpcWorkerName(shortenedName(stackName, longestStackName), account);
}

/**
 * Lets nobody but the function that watches write a batch, and nobody but the worker an answer, whatever rights else they
 * have in the account: a batch opens the way to private addresses.
 */
export function keepBatchesApart(bucket: Bucket, hubRoleArn: string, workerRoleArn: string): void {
  const only = (sid: string, prefix: string, roleArn: string) =>
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["s3:PutObject", "s3:DeleteObject"],
        resources: [bucket.arnForObjects(`${prefix}*`)],
        conditions: { ArnNotEquals: { "aws:PrincipalArn": roleArn } },
      }),
    );
  only("OnlyHubWritesBatches", batchPrefix, hubRoleArn);
  only("OnlyWorkerWritesAnswers", answerPrefix, workerRoleArn);
  // The general rule takes the delete markers, and what was never completed.
  bucket.addLifecycleRule({
    id: "forget-batches",
    prefix: "fleet/",
    expiration: Duration.days(1),
    noncurrentVersionExpiration: Duration.days(1),
  });
}
