import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { addBundledFunction } from "./bundled-function.ts";
import { useOfKey } from "./encryption-key.ts";
import { boardKey, stateKey } from "./state-bucket.ts";

export type StatusBoardProps = {
  readonly bucket: Bucket;
  readonly logRetentionDays: RetentionDays;
  /** After which the last run is too long ago, and the board says so. */
  readonly staleAfter: Duration;
  readonly encryptionKey?: IKey | undefined;
  /** The function that its buttons mute with. @default - it has no such buttons */
  readonly boardMutes?: LambdaFunction | undefined;
};

/**
 * The function behind the custom widget of the dashboard. CloudWatch invokes it with the identity of the person who
 * looks, so it needs no policy of its own for that, and whoever looks needs `lambda:InvokeFunction` on it.
 */
export class StatusBoard extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: StatusBoardProps) {
    super(scope, id);
    const { bucket, logRetentionDays, staleAfter, encryptionKey, boardMutes } = props;
    const added = addBundledFunction(this, {
      name: "status-board",
      description: "Shows what the last run of Origin Watch saw, in its dashboard",
      roleDescription: "Reads what the last run of Origin Watch left, for its dashboard",
      permissions: permissions(bucket, encryptionKey),
      environment: {
        STATE_BUCKET: bucket.bucketName,
        STATE_KEY: stateKey,
        BOARD_KEY: boardKey,
        STALE_AFTER_MINUTES: String(staleAfter.toMinutes()),
        ...(boardMutes === undefined ? {} : { MUTE_FUNCTION_ARN: boardMutes.functionArn }),
      },
      timeout: Duration.seconds(15),
      // A processor's share follows from the memory, and somebody is waiting.
      memorySize: 1_024,
      logRetentionDays,
      encryptionKey,
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
  }
}

function permissions(bucket: Bucket, encryptionKey: IKey | undefined): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "ReadBoardAndState",
      actions: ["s3:GetObject"],
      resources: [bucket.arnForObjects(boardKey), bucket.arnForObjects(stateKey)],
    }),
    new PolicyStatement({
      sid: "TellMissingBoardFromForbidden",
      actions: ["s3:ListBucket"],
      resources: [bucket.bucketArn],
    }),
    ...useOfKey(encryptionKey, ["kms:Decrypt"], ["s3"]),
  ];
}
