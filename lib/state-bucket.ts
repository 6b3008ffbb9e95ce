import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Duration, RemovalPolicy } from "aws-cdk-lib/core";
import { Construct } from "constructs";

/** The key of the one object that says what is open and what was told. */
export const stateKey = "state.json";
/** The key of what the last run saw, for those who look at the dashboard. */
export const boardKey = "board.json.gz";
/** The key of what runs remember beyond what was told; the function derives it from the state's. */
export const memoryKey = "memory.json";
/** The key of the mutes that were asked for in a terminal or on the board; the function derives it from the state's. */
export const mutesKey = "mutes.json";
/** The key of what the board asked whoever wants to mute there, and nobody answered yet. */
export const questionsKey = "mute-questions.json";

export type StateBucketProps = {
  readonly encryptionKey?: IKey | undefined;
};

/**
 * Where the state and the board are kept: private, versioned so that its history can be looked at for a month, TLS only.
 *
 * It is kept when the stack is deleted: CloudFormation cannot delete a bucket with objects in it, and emptying it first
 * would take another function with the right to delete. docs and README say how to remove it.
 */
export class StateBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { encryptionKey }: StateBucketProps = {}) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // A bucket key saves a call to KMS for each object.
      ...(encryptionKey === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: "forget-old-states",
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          expiredObjectDeleteMarker: true,
        },
        // Written anew by every run, and read for what it says of the last one only. Of two rules S3 obeys the shorter.
        { id: "forget-old-boards", prefix: boardKey, noncurrentVersionExpiration: Duration.days(1) },
        { id: "forget-old-memories", prefix: memoryKey, noncurrentVersionExpiration: Duration.days(1) },
      ],
    });
    // Two who write at once must not undo what the other did without a word: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: "MutesByConditionOnly",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["s3:PutObject"],
        resources: [this.bucket.arnForObjects(mutesKey)],
        conditions: { Null: { "s3:if-match": "true", "s3:if-none-match": "true" } },
      }),
    );
  }
}
