import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { ArnFormat, Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { addBundledFunction, failedEvents } from "./bundled-function.ts";
import { useOfKey } from "./encryption-key.ts";
import { stateKey } from "./state-bucket.ts";

export type RelayProps = {
  readonly topic: ITopic;
  readonly bucket: Bucket;
  readonly logRetentionDays: RetentionDays;
  /** Name or ARN of the bus that gets an event for each notice. @default - none */
  readonly eventBus?: string | undefined;
  /** Whether Security Hub gets a finding for each incident. */
  readonly securityHub: boolean;
  readonly encryptionKey?: IKey | undefined;
};

/**
 * A second, small function on the topic, which takes the notices to an event bus and to Security Hub. It is there only
 * if one of them is wanted.
 */
export class Relay extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
  /** Keeps the notices that could not be taken on. */
  readonly failed: Queue;

  constructor(scope: Construct, id: string, props: RelayProps) {
    super(scope, id);
    const { topic, bucket, encryptionKey } = props;
    const bus = props.eventBus === undefined ? undefined : busArn(this, props.eventBus);
    const product = props.securityHub ? productArn(this) : undefined;
    const purpose = "Takes the notices of Origin Watch to an event bus and to Security Hub";
    this.failed = failedEvents(this, "Failed", encryptionKey);
    const added = addBundledFunction(this, {
      name: "relay",
      description: purpose,
      roleDescription: purpose,
      permissions: permissions({ bus, product, bucket, encryptionKey }),
      environment: {
        TOPIC_ARN: topic.topicArn,
        ...(bus === undefined ? {} : { EVENT_BUS: bus }),
        ...(product === undefined
          ? {}
          : { SECURITY_HUB_PRODUCT_ARN: product, STATE_BUCKET: bucket.bucketName, STATE_KEY: stateKey }),
      },
      timeout: Duration.minutes(2),
      memorySize: 256,
      logRetentionDays: props.logRetentionDays,
      encryptionKey,
      asynchronous: { retryAttempts: 2, maxEventAge: Duration.hours(6), deadLetterQueue: this.failed },
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
    topic.addSubscription(new LambdaSubscription(this.function));
  }
}

/** The account's own product, under which its own tools report. */
function productArn(scope: Construct): string {
  const { account } = Stack.of(scope);
  return Stack.of(scope).formatArn({ service: "securityhub", resource: "product", resourceName: `${account}/default` });
}

function busArn(scope: Construct, nameOrArn: string): string {
  if (nameOrArn.startsWith("arn:")) return nameOrArn;
  return Stack.of(scope).formatArn({
    service: "events",
    resource: "event-bus",
    resourceName: nameOrArn,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}

type Needs = {
  readonly bus: string | undefined;
  readonly product: string | undefined;
  readonly bucket: Bucket;
  readonly encryptionKey: IKey | undefined;
};

function permissions({ bus, product, bucket, encryptionKey }: Needs): PolicyStatement[] {
  return [
    ...(bus === undefined
      ? []
      : [new PolicyStatement({ sid: "PutEvents", actions: ["events:PutEvents"], resources: [bus] })]),
    ...(product === undefined
      ? []
      : [
          new PolicyStatement({
            sid: "ImportFindings",
            actions: ["securityhub:BatchImportFindings"],
            resources: [product],
          }),
          new PolicyStatement({
            sid: "ReadState",
            actions: ["s3:GetObject"],
            resources: [bucket.arnForObjects(stateKey)],
          }),
          new PolicyStatement({
            sid: "TellMissingStateFromForbidden",
            actions: ["s3:ListBucket"],
            resources: [bucket.bucketArn],
          }),
        ]),
    // For Lambda to put what failed into the queue, and to read the state.
    ...useOfKey(encryptionKey, ["kms:Decrypt", "kms:GenerateDataKey"], product === undefined ? ["sqs"] : ["s3", "sqs"]),
  ];
}
