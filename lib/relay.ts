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
  /** Where PagerDuty gets an event for each fault. @default - nowhere */
  readonly pagerDuty?: PagerDutyProps | undefined;
  readonly encryptionKey?: IKey | undefined;
};

export type PagerDutyProps = {
  /** ARN of the secret that holds the routing key. */
  readonly secretArn: string;
  readonly serviceRegion: "us" | "eu";
  /** Whether names and ids are left out. */
  readonly redact: boolean;
};

/**
 * A second, small function on the topic, which takes the notices to an event bus, to Security Hub and to PagerDuty. It is
 * there only if one of them is wanted.
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
    const { pagerDuty } = props;
    const purpose = "Takes the notices of Origin Watch to an event bus, to Security Hub and to PagerDuty";
    this.failed = failedEvents(this, "Failed", encryptionKey);
    const added = addBundledFunction(this, {
      name: "relay",
      description: purpose,
      roleDescription: purpose,
      permissions: permissions({ bus, product, secret: pagerDuty?.secretArn, bucket, encryptionKey }),
      environment: {
        TOPIC_ARN: topic.topicArn,
        ...(bus === undefined ? {} : { EVENT_BUS: bus }),
        ...(product === undefined ? {} : { SECURITY_HUB_PRODUCT_ARN: product }),
        ...(pagerDuty === undefined
          ? {}
          : { PAGERDUTY_SECRET_ARN: pagerDuty.secretArn, PAGERDUTY_SERVICE_REGION: pagerDuty.serviceRegion }),
        ...(pagerDuty?.redact === true ? { PAGERDUTY_REDACT: "true" } : {}),
        ...(product === undefined && pagerDuty === undefined
          ? {}
          : { STATE_BUCKET: bucket.bucketName, STATE_KEY: stateKey }),
      },
      // Each target has a minute or so, and one that hangs must not cost the others theirs.
      timeout: Duration.minutes(5),
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
  readonly secret: string | undefined;
  readonly bucket: Bucket;
  readonly encryptionKey: IKey | undefined;
};

function permissions({ bus, product, secret, bucket, encryptionKey }: Needs): PolicyStatement[] {
  const followsState = product !== undefined || secret !== undefined;
  return [
    ...allowed("PutEvents", "events:PutEvents", bus),
    ...allowed("ImportFindings", "securityhub:BatchImportFindings", product),
    ...allowed("ReadRoutingKey", "secretsmanager:GetSecretValue", secret),
    ...(followsState
      ? [
          ...allowed("ReadState", "s3:GetObject", bucket.arnForObjects(stateKey)),
          ...allowed("TellMissingStateFromForbidden", "s3:ListBucket", bucket.bucketArn),
        ]
      : []),
    // For Lambda to put what failed into the queue, to read the state, and to read a secret that it encrypts.
    ...useOfKey(
      encryptionKey,
      ["kms:Decrypt", "kms:GenerateDataKey"],
      [...(followsState ? ["s3" as const] : []), "sqs", ...(secret === undefined ? [] : ["secretsmanager" as const])],
    ),
  ];
}

function allowed(sid: string, action: string, resource: string | undefined): PolicyStatement[] {
  return resource === undefined ? [] : [new PolicyStatement({ sid, actions: [action], resources: [resource] })];
}
