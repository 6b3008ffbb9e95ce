import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { addBundledFunction } from "./bundled-function.ts";
import { useOfKey } from "./encryption-key.ts";
import { mutesKey, questionsKey } from "./state-bucket.ts";

export type BoardMutesProps = {
  readonly bucket: Bucket;
  readonly logRetentionDays: RetentionDays;
  readonly encryptionKey?: IKey | undefined;
};

/**
 * The function that mutes from the status board. CloudWatch invokes it with the identity of the person who looks, so
 * whoever is to mute needs `lambda:InvokeFunction` on it, and nobody else gets that by this stack.
 */
export class BoardMutes extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, { bucket, logRetentionDays, encryptionKey }: BoardMutesProps) {
    super(scope, id);
    const added = addBundledFunction(this, {
      name: "board-mutes",
      description: "Mutes an origin from the status board of Origin Watch",
      roleDescription: "Writes the mutes that are asked for on the status board of Origin Watch",
      permissions: [
        new PolicyStatement({
          sid: "WriteMutes",
          actions: ["s3:GetObject", "s3:PutObject"],
          resources: [bucket.arnForObjects(mutesKey), bucket.arnForObjects(questionsKey)],
        }),
        ...useOfKey(encryptionKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["s3"]),
      ],
      environment: { STATE_BUCKET: bucket.bucketName, MUTES_KEY: mutesKey, QUESTIONS_KEY: questionsKey },
      timeout: Duration.seconds(15),
      memorySize: 512,
      logRetentionDays,
      encryptionKey,
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
  }
}
