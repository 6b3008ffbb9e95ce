import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { addBundledFunction } from "./bundled-function.ts";

export type WorkerFunctionProps = {
  readonly functionName: string;
  readonly logRetentionDays: RetentionDays;
  /** How many batches it observes at once; null reserves nothing. */
  readonly reservedConcurrentExecutions: number | null;
  readonly encryptionKey?: IKey | undefined;
};

/** What every worker has. */
export function asWorker({ functionName, reservedConcurrentExecutions, ...props }: WorkerFunctionProps) {
  return {
    functionName,
    // A batch has 90 seconds, with a few more for its answer, and Lambda ends what takes longer.
    timeout: Duration.seconds(120),
    memorySize: 512,
    logRetentionDays: props.logRetentionDays,
    encryptionKey: props.encryptionKey,
    ...(reservedConcurrentExecutions === null ? {} : { reservedConcurrentExecutions }),
    // Who waits for an answer tries again by itself, and nobody else is to.
    asynchronous: { retryAttempts: 0, maxEventAge: Duration.minutes(1) },
  };
}

/**
 * The function that observes batches of connections for the function that watches. Its role may write its log and
 * nothing else; nothing may invoke it but whom the account lets: there is no permission, no URL and no event source.
 */
export class WorkerFunction extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: WorkerFunctionProps) {
    super(scope, id);
    const added = addBundledFunction(this, {
      ...asWorker(props),
      name: "worker",
      description: "Observes connections to origins from here, for Origin Watch",
      roleDescription:
        "Writes the log of a function of Origin Watch that observes connections, and may do nothing else",
      permissions: [],
      environment: {},
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
  }
}
