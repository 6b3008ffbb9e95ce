import { type IPeer, Peer, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Duration, Stack, Token } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { longestStackName } from "../lambda/contract/vantages.ts";
import {
  answerPrefix,
  batchPrefix,
  egressWorkerName,
  vpcConcurrency,
  vpcVariables,
  vpcWorkerName,
} from "../lambda/contract/vpc.ts";
import { EgressWorker } from "./egress-worker.ts";
import type { ResolvedProps } from "./origin-watch-props.ts";
import { PropError } from "./prop-error.ts";
import { shortenedName } from "./shortened-name.ts";
import { hasIpv6, isFor, type VpcVantageProps } from "./vpc-vantage-props.ts";
import { VpcWorker } from "./vpc-worker.ts";

/** What the function that watches must know of the vantage, and may do for it besides invoking its workers. */
export function vpcVantageOf(
  scope: Construct,
  props: Pick<ResolvedProps, "workerConcurrency" | "accounts" | "organization"> & { readonly vpc: VpcVantageProps },
  bucket: Bucket,
) {
  const { vpc, workerConcurrency } = props;
  checkWatched(scope, props);
  const origins = isFor(vpc, "vpcOrigins") ? nameOf(scope, vpcWorkerName) : null;
  const egress = isFor(vpc, "egress") ? nameOf(scope, egressWorkerName) : null;
  return {
    workerArns: [origins, egress].flatMap((name) => (name === null ? [] : workerArn(scope, name))),
    variables: {
      [vpcVariables.vpcId]: vpc.vpc.vpcId,
      ...(origins === null ? {} : { [vpcVariables.workerName]: origins }),
      ...(egress === null ? {} : egressVariables(egress, vpc.accounts, workerConcurrency)),
    },
    permissions: origins === null ? [] : forVpcOrigins(scope, bucket),
  };
}

/**
 * Which accounts an organization has is not known at synthesis; and of a stack without an account, one may be its own.
 *
 * @throws PropError for an account whose origins nobody would look at
 */
function checkWatched(
  scope: Construct,
  { vpc, accounts, organization }: Pick<ResolvedProps, "accounts" | "organization"> & { readonly vpc: VpcVantageProps },
): void {
  if (organization === true || (organization !== false && organization.length > 0)) return;
  const { account } = Stack.of(scope);
  const strange = (vpc.accounts ?? []).filter(
    (id) => !Token.isUnresolved(id) && id !== account && !accounts.includes(id),
  );
  if (strange.length > (Token.isUnresolved(account) ? 1 : 0)) {
    throw new PropError(
      "vpc.accounts",
      `expected the stack's own account and those in accounts, got ${strange[0]}, which is not watched`,
    );
  }
}

function egressVariables(
  name: string,
  accounts: readonly string[] | undefined,
  concurrency: number,
): Record<string, string> {
  return {
    [vpcVariables.egressWorkerName]: name,
    WORKER_CONCURRENCY: String(concurrency),
    ...(accounts === undefined ? {} : { [vpcVariables.accounts]: accounts.join(",") }),
  };
}

function forVpcOrigins(scope: Construct, bucket: Bucket): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "FindWhatIsBehindVpcOrigins",
      // It knows no resource.
      actions: ["ec2:DescribeNetworkInterfaces"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": Stack.of(scope).region } },
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
  ];
}

/** Adds the worker inside the VPC that looks at what is behind VPC origins. */
export function addVpcWorker(scope: Construct, props: ResolvedProps, bucket: Bucket): VpcWorker | undefined {
  const { vpc, logRetentionDays, encryptionKey, reserveConcurrency } = props;
  if (vpc === undefined || !isFor(vpc, "vpcOrigins")) return undefined;
  const functionName = nameOf(scope, vpcWorkerName);
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

/** Adds the worker inside the VPC that looks at public origins. */
export function addEgressWorker(scope: Construct, props: ResolvedProps): EgressWorker | undefined {
  const { vpc, logRetentionDays, encryptionKey, reserveConcurrency, workerConcurrency } = props;
  if (vpc === undefined || !isFor(vpc, "egress")) return undefined;
  const functionName = nameOf(scope, egressWorkerName);
  return new EgressWorker(scope, "EgressWorker", {
    functionName,
    functionArn: workerArn(scope, functionName),
    vantage: vpc,
    securityGroups: vpc.securityGroups ?? [egressSecurityGroupOf(scope, vpc)],
    logRetentionDays,
    encryptionKey,
    reservedConcurrentExecutions: reserveConcurrency ? workerConcurrency : null,
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
    letOutToOrigins(group, cidr.includes(":") ? Peer.ipv6(cidr) : Peer.ipv4(cidr));
  }
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "S3");
  return group;
}

/** Lets out what goes to origins; the worker itself connects to nothing in the VPC. */
function egressSecurityGroupOf(scope: Construct, vantage: VpcVantageProps): SecurityGroup {
  const group = new SecurityGroup(scope, "EgressWorkerSecurityGroup", {
    vpc: vantage.vpc,
    description: "Origin Watch: looks at public origins",
    allowAllOutbound: false,
  });
  letOutToOrigins(group, Peer.anyIpv4());
  if (hasIpv6(vantage)) letOutToOrigins(group, Peer.anyIpv6());
  return group;
}

/** On the ports that an origin may have (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html). */
function letOutToOrigins(group: SecurityGroup, peer: IPeer): void {
  for (const port of [Port.tcp(80), Port.tcp(443), Port.tcpRange(1_024, 65_535)]) {
    group.addEgressRule(peer, port, "Origins");
  }
}

function workerArn(scope: Construct, name: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:lambda:${region}:${account}:function:${name}`;
}

function nameOf(scope: Construct, make: (stackName: string, accountId: string) => string): string {
  const { stackName, account } = Stack.of(scope);
  if (Token.isUnresolved(stackName)) {
    throw new PropError("vpc", "expected a stack whose name is known at synthesis: its workers are named after it");
  }
  return make(shortenedName(stackName, longestStackName), account);
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
