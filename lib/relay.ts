import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { ArnFormat, Duration, RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { handlerCode } from "./handler-code.ts";
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
    this.logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
    });
    this.failed = new Queue(this, "Failed", {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      ...(encryptionKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: "Takes the notices of Origin Watch to an event bus and to Security Hub",
    });
    const bus = props.eventBus === undefined ? undefined : busArn(this, props.eventBus);
    const product = props.securityHub ? productArn(this) : undefined;
    for (const statement of permissions({ bus, product, bucket, encryptionKey })) role.addToPolicy(statement);
    this.logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, "Function", {
      description: "Takes the notices of Origin Watch to an event bus and to Security Hub",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: handlerCode(this, "relay"),
      handler: "index.handler",
      role,
      timeout: Duration.minutes(2),
      memorySize: 256,
      loggingFormat: LoggingFormat.JSON,
      logGroup: this.logGroup,
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      deadLetterQueue: this.failed,
      environment: {
        ...(bus === undefined ? {} : { EVENT_BUS: bus }),
        ...(product === undefined
          ? {}
          : { SECURITY_HUB_PRODUCT_ARN: product, STATE_BUCKET: bucket.bucketName, STATE_KEY: stateKey }),
        NODE_OPTIONS: "--enable-source-maps",
      },
    });
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
    ...(encryptionKey === undefined
      ? []
      : [
          new PolicyStatement({
            sid: "UseKey",
            // To read the state, and for Lambda to put what failed into the queue.
            actions: ["kms:Decrypt", "kms:GenerateDataKey"],
            resources: [encryptionKey.keyArn],
          }),
        ]),
  ];
}
