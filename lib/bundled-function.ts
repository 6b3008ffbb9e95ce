import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, Function as LambdaFunction, LoggingFormat } from "aws-cdk-lib/aws-lambda";
import { FieldIndexPolicy, LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Duration, RemovalPolicy } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { HandlerName } from "./handler-bundle.ts";
import { handlerCode } from "./handler-code.ts";
import { nodeRuntime } from "./node-runtime.ts";

export type BundledFunctionProps = {
  readonly name: HandlerName;
  /** @default - CloudFormation makes one */
  readonly functionName?: string;
  readonly description: string;
  readonly roleDescription: string;
  /** What its role is called. @default - CloudFormation names it */
  readonly roleName?: string;
  /** Exactly what it calls; a test compares this with the calls that it makes. Its log is added. */
  readonly permissions: readonly PolicyStatement[];
  readonly environment: Readonly<Record<string, string>>;
  /** Options of Node besides those of every function. @default - none */
  readonly nodeOptions?: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly logRetentionDays: RetentionDays;
  /** Fields of its log records of which CloudWatch Logs keeps an index. @default - none */
  readonly indexedFields?: readonly string[];
  readonly encryptionKey?: IKey | undefined;
  /** How many executions there may be at once. @default - as many as the account allows */
  readonly reservedConcurrentExecutions?: number | undefined;
  /** The VPC that it is connected to. @default - none */
  readonly network?: {
    readonly vpc: IVpc;
    readonly vpcSubnets: SubnetSelection | undefined;
    readonly securityGroups: ISecurityGroup[];
    /** It has IPv6 too; then each of the subnets must. @default - IPv4 alone */
    readonly ipv6AllowedForDualStack?: true;
  };
  /** What becomes of events for whose result nobody waits. @default - somebody waits for each */
  readonly asynchronous?: {
    /** How often Lambda repeats one that failed. */
    readonly retryAttempts: number;
    /** After which one that could not be started is given up. */
    readonly maxEventAge: Duration;
    /** Keeps those that were given up. @default - nobody does */
    readonly deadLetterQueue?: Queue;
  };
};

/** Node's options of every function. */
export const sourceMaps = "--enable-source-maps";

/**
 * The limits of V8's heap for a function that holds much for a short time. Lambda gives the young generation up to three
 * times a twentieth of the memory, and V8 takes it before it collects anything; the rest of nine tenths goes to the old
 * one, so that what is beside the heap no longer fits where both are full. A small young generation, and three eighths of
 * the memory for what is no heap, take neither. Lambda sets no limits where NODE_OPTIONS has one of them.
 */
export function smallHeap(memoryMb: number): string {
  return `--max-semi-space-size=4 --max-old-space-size=${Math.floor((memoryMb * 5) / 8)}`;
}

export type BundledFunction = {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly role: Role;
};

/**
 * Adds one of the functions to a construct, with its log group, which goes with the stack, and its role.
 *
 * It is no construct of its own: the resources keep the paths, and so the logical ids, with which they are deployed.
 */
export function addBundledFunction(scope: Construct, props: BundledFunctionProps): BundledFunction {
  const { indexedFields, encryptionKey } = props;
  const logGroup = new LogGroup(scope, "Logs", {
    retention: props.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(indexedFields === undefined
      ? {}
      : { fieldIndexPolicies: [new FieldIndexPolicy({ fields: [...indexedFields] })] }),
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
  });
  const role = new Role(scope, "Role", {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    description: props.roleDescription,
    ...(props.roleName === undefined ? {} : { roleName: props.roleName }),
  });
  for (const statement of props.permissions) role.addToPolicy(statement);
  logGroup.grantWrite(role);
  const lambda = new LambdaFunction(scope, "Function", {
    ...(props.functionName === undefined ? {} : { functionName: props.functionName }),
    description: props.description,
    runtime: nodeRuntime(),
    architecture: Architecture.ARM_64,
    code: handlerCode(scope, props.name),
    handler: "index.handler",
    role,
    timeout: props.timeout,
    memorySize: props.memorySize,
    ...(props.reservedConcurrentExecutions === undefined
      ? {}
      : { reservedConcurrentExecutions: props.reservedConcurrentExecutions }),
    loggingFormat: LoggingFormat.JSON,
    logGroup,
    ...props.asynchronous,
    ...networkOf(props),
    environment: {
      ...props.environment,
      NODE_OPTIONS: props.nodeOptions === undefined ? sourceMaps : `${sourceMaps} ${props.nodeOptions}`,
    },
  });
  return { function: lambda, logGroup, role };
}

function networkOf({ network }: BundledFunctionProps) {
  if (network === undefined) return {};
  const { vpcSubnets, ...rest } = network;
  return vpcSubnets === undefined ? rest : { ...rest, vpcSubnets };
}

/** A queue that keeps, for two weeks, the events that a function could not deal with. */
export function failedEvents(scope: Construct, id: string, encryptionKey: IKey | undefined): Queue {
  return new Queue(scope, id, {
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    ...(encryptionKey === undefined
      ? { encryption: QueueEncryption.SQS_MANAGED }
      : { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
  });
}
