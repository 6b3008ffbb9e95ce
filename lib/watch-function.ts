import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Duration, Stack, Token } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { addBundledFunction, failedEvents, smallHeap, sourceMaps } from "./bundled-function.ts";
import { optionalReads, reads } from "./cloudfront-reads.ts";
import { dashboardName } from "./dashboard-name.ts";
import { useOfKey } from "./encryption-key.ts";
import { hubRoleName, type Members, memberEnvironment, memberRights } from "./members.ts";
import type { ResolvedProps } from "./origin-watch-props.ts";
import { PropError } from "./prop-error.ts";
import { indexedFields } from "./saved-queries.ts";
import { boardKey, memoryKey, mutesKey, stateKey } from "./state-bucket.ts";
import type { Vantages } from "./vantages.ts";

export type WatchFunctionProps = {
  readonly settings: ResolvedProps;
  readonly members: Members | null;
  readonly topic: ITopic;
  readonly bucket: Bucket;
  /** Where workers observe for it. */
  readonly vantages: Vantages;
};

/** Healthy origins take milliseconds each; the time is for those that let a run wait. */
const timeout = Duration.minutes(5);

/** The function that checks the account, with its log, its role, and a queue for runs that failed outright. */
export class WatchFunction extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly failedRuns: Queue;
  readonly roleArn: string;
  /** The name of its role: one that is known beforehand where other accounts are watched. */
  readonly roleName: string;
  /** After which Lambda ends a run. */
  readonly timeout = timeout;

  constructor(scope: Construct, id: string, { settings, members, topic, bucket, vantages }: WatchFunctionProps) {
    super(scope, id);
    const { encryptionKey } = settings;
    const variables = {
      ...environment(settings, topic, bucket),
      ...memberEnvironment(members),
      ...vantages.variables,
    };
    checkSize({
      ...variables,
      NODE_OPTIONS: `${sourceMaps} ${smallHeap(settings.memoryMb)}`,
      TOPIC_ARN: "x".repeat(topicArnBytes(topic)),
      ...(settings.criticalTopic === undefined
        ? {}
        : { CRITICAL_TOPIC_ARN: "x".repeat(topicArnBytes(settings.criticalTopic)) }),
      STATE_BUCKET: "x".repeat(63),
      ...(settings.dashboard ? { DASHBOARD_NAME: "x".repeat(160) } : {}),
    });
    this.failedRuns = failedEvents(this, "FailedRuns", encryptionKey);
    const roleName = members === null ? undefined : hubRoleName(this);
    const added = addBundledFunction(this, {
      name: "watch",
      description: "Checks what CloudFront would meet at every custom origin, and tells what changed",
      roleDescription: "Reads CloudFront's configuration, publishes alerts, keeps the state of Origin Watch",
      ...(roleName === undefined ? {} : { roleName }),
      permissions: [...permissions(settings, topic, bucket), ...memberRights(members, this), ...vantages.permissions],
      environment: variables,
      nodeOptions: smallHeap(settings.memoryMb),
      timeout,
      memorySize: settings.memoryMb,
      logRetentionDays: settings.logRetentionDays,
      indexedFields,
      encryptionKey,
      // Two runs at once would only compete for the state.
      reservedConcurrentExecutions: settings.reserveConcurrency ? 1 : undefined,
      asynchronous: {
        // The next scheduled run is the retry; this one's failure is kept for a look.
        retryAttempts: 0,
        // A start that finds a run still going is throttled, and Lambda would try it again for 6 hours.
        maxEventAge: Duration.minutes(15),
        deadLetterQueue: this.failedRuns,
      },
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
    this.roleArn = added.role.roleArn;
    this.roleName = roleName ?? added.role.roleName;
  }
}

function environment(settings: ResolvedProps, topic: ITopic, bucket: Bucket): Record<string, string> {
  const { includeDistributions, excludeDistributions, criticalTopic } = settings;
  return {
    TOPIC_ARN: topic.topicArn,
    ...(criticalTopic === undefined ? {} : { CRITICAL_TOPIC_ARN: criticalTopic.topicArn }),
    STATE_BUCKET: bucket.bucketName,
    STATE_KEY: stateKey,
    ...(settings.dashboard ? { BOARD_KEY: boardKey, DASHBOARD_NAME: dashboardName } : {}),
    EXPIRY_WARNING_DAYS: String(settings.expiryWarningDays),
    REMINDER_HOURS: String(settings.reminderHours),
    RISK_REMINDER_DAYS: String(settings.riskReminderDays),
    ...(settings.weeklyDigest ? { WEEKLY_DIGEST: "true" } : {}),
    ...(settings.muteTags ? { MUTE_TAGS: "true" } : {}),
    ...(settings.readFunctions ? { READ_FUNCTIONS: "true" } : {}),
    VIEWER_ERRORS: settings.viewerErrors,
    ...(settings.throughCloudFront === "off" ? {} : { THROUGH_CLOUDFRONT: settings.throughCloudFront }),
    ...(settings.mutes.length === 0 ? {} : { MUTES: JSON.stringify(settings.mutes) }),
    ...(settings.muteWindows.length === 0 ? {} : { MUTE_WINDOWS: JSON.stringify(settings.muteWindows) }),
    ...(includeDistributions.length === 0 ? {} : { INCLUDE_DISTRIBUTIONS: includeDistributions.join(",") }),
    ...(excludeDistributions.length === 0 ? {} : { EXCLUDE_DISTRIBUTIONS: excludeDistributions.join(",") }),
  };
}

/**
 * What Lambda takes of all variables of a function, measured as the JSON of them: that is the text which it shows when it
 * refuses more (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
 */
const mostEnvironmentBytes = 4_096;

/** What may fill it, with the way out. */
const shortenings: readonly (readonly [prop: string, variable: string, advice: string])[] = [
  [
    "includeDistributions",
    "INCLUDE_DISTRIBUTIONS",
    "name those to leave alone in excludeDistributions, if they are fewer",
  ],
  ["excludeDistributions", "EXCLUDE_DISTRIBUTIONS", "name those to check in includeDistributions, if they are fewer"],
  ["accounts", "WATCHED_ACCOUNTS", "watch the organization in organization, or units of it"],
  ["organization", "WATCHED_ORGANIZATION", "name the units above them"],
  ["vpc.accounts", "VPC_ACCOUNTS", "list those alone whose origins admit the fixed addresses"],
  ["mutes", "MUTES", "take out those whose time is over, and shorten reasons"],
  ["muteWindows", "MUTE_WINDOWS", "shorten reasons"],
];

/** @throws PropError that names what takes most of the room, and what takes nearly as much */
function checkSize(variables: Readonly<Record<string, string>>): void {
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes <= mostEnvironmentBytes) return;
  const taken = (variable: string) => Buffer.byteLength(JSON.stringify(variables[variable] ?? ""));
  const largest = shortenings.toSorted(([, a], [, b]) => taken(b) - taken(a));
  const [first] = largest;
  const most = first === undefined ? 0 : taken(first[1]);
  const shares = largest
    .filter(([, variable]) => taken(variable) * 2 > most)
    .map(([prop, variable, advice]) => `${taken(variable)} of them for ${prop}: ${advice}`);
  throw new PropError(
    first?.[0] ?? "mutes",
    `expected at most ${mostEnvironmentBytes} bytes in the function's environment, got ${bytes}, ${shares.join("; ")}`,
  );
}

/**
 * What the ARN of a topic may take: CloudFormation makes its name of the stack's, the logical id and 13 characters
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html).
 */
function topicArnBytes(topic: ITopic): number {
  if (!Token.isUnresolved(topic.topicArn)) return topic.topicArn.length;
  const stack = Stack.of(topic);
  const stackName = Token.isUnresolved(stack.stackName) ? "x".repeat(128) : stack.stackName;
  // A reference, `{"Ref":"…"}`: a few bytes more than the id in it do no harm.
  const logicalId = JSON.stringify(stack.resolve(topic.topicArn));
  const name = `${stackName}-${logicalId}-1234567890123`;
  return "arn:aws-us-gov:sns:ap-northeast-1:123456789012:".length + Math.min(256, name.length);
}

/** What of the account is read; CloudFront's ARNs name no Region. */
function readingRights(settings: ResolvedProps, scope: Construct): PolicyStatement[] {
  const { partition, account } = Stack.of(scope);
  const optional = optionalReads(settings);
  return reads
    .filter(({ only }) => only === undefined || optional.has(only))
    .map(
      ({ sid, actions, of, region }) =>
        new PolicyStatement({
          sid,
          actions: [...actions],
          resources: [of === undefined ? "*" : `arn:${partition}:cloudfront::${account}:${of}`],
          ...(region === undefined ? {} : { conditions: { StringEquals: { "aws:RequestedRegion": region } } }),
        }),
    );
}

function permissions(settings: ResolvedProps, topic: ITopic, bucket: Bucket): PolicyStatement[] {
  const { encryptionKey, dashboard, criticalTopic } = settings;
  return [
    ...readingRights(settings, topic),
    new PolicyStatement({
      sid: "PublishAlerts",
      // The attributes say whether somebody has yet to confirm the subscription, who would miss the first message.
      actions: ["sns:Publish", "sns:GetTopicAttributes"],
      resources: [topic.topicArn],
    }),
    ...(criticalTopic === undefined
      ? []
      : [
          new PolicyStatement({
            sid: "PublishCriticalAlerts",
            actions: ["sns:Publish"],
            resources: [criticalTopic.topicArn],
          }),
        ]),
    new PolicyStatement({
      sid: "KeepState",
      actions: ["s3:GetObject", "s3:PutObject"],
      resources: [bucket.arnForObjects(stateKey), bucket.arnForObjects(memoryKey)],
    }),
    new PolicyStatement({
      sid: "ReadMutes",
      actions: ["s3:GetObject"],
      resources: [bucket.arnForObjects(mutesKey)],
    }),
    new PolicyStatement({
      sid: "KeepUnreadableStateAside",
      actions: ["s3:PutObject"],
      resources: [bucket.arnForObjects(`${stateKey}.unreadable-*`)],
    }),
    ...(dashboard
      ? [
          new PolicyStatement({
            sid: "StoreBoard",
            actions: ["s3:PutObject"],
            resources: [bucket.arnForObjects(boardKey)],
          }),
        ]
      : []),
    new PolicyStatement({
      sid: "TellMissingStateFromForbidden",
      // Without it S3 answers 403 for a state that does not exist yet, and a first run would look like a fault.
      actions: ["s3:ListBucket"],
      resources: [bucket.bucketArn],
    }),
    // To read and write what is in the bucket, to publish to the topic, and for Lambda to put what failed into the queue.
    ...useOfKey(encryptionKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["s3", "sns", "sqs"]),
    ...keysOfTopics(topic, settings).flatMap((key, index) =>
      useOfKey(key, ["kms:Decrypt", "kms:GenerateDataKey"], ["sns"], `UseKeyOfTopic${index + 1}`),
    ),
  ];
}

/** Keys of topics that were there before, as far as CDK knows them. */
function keysOfTopics(topic: ITopic, { criticalTopic, encryptionKey }: ResolvedProps): readonly IKey[] {
  const keys = [topic.masterKey, criticalTopic?.masterKey].filter((key) => key !== undefined && key !== encryptionKey);
  return [...new Set(keys)].flatMap((key) => key ?? []);
}
