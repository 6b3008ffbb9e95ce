import type { ISecurityGroup } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { answerPrefix, batchPrefix, vpcVariables } from "../lambda/contract/vpc.ts";
import { addBundledFunction } from "./bundled-function.ts";
import { useOfKey } from "./encryption-key.ts";
import { networkRights } from "./network-rights.ts";
import { networkFor, networkVariables, type VpcVantageProps } from "./vpc-vantage-props.ts";
import { asWorker, type WorkerFunctionProps } from "./worker-function.ts";

export type VpcWorkerProps = WorkerFunctionProps & {
  readonly functionArn: string;
  readonly vantage: VpcVantageProps;
  readonly securityGroups: readonly ISecurityGroup[];
  /** Where batches and answers lie. */
  readonly bucket: Bucket;
};

/**
 * The function that looks at what is behind VPC origins. Its code may get batches, put answers and write its log; what
 * Lambda needs to connect it to the VPC is denied to it. Nothing may invoke it but whom the account lets.
 */
export class VpcWorker extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly roleArn: string;

  constructor(scope: Construct, id: string, props: VpcWorkerProps) {
    super(scope, id);
    const { vantage, bucket, encryptionKey } = props;
    const added = addBundledFunction(this, {
      ...asWorker(props),
      name: "vpc-worker",
      description: "Observes what is behind VPC origins from inside the VPC, for Origin Watch",
      roleDescription: "Gets batches of Origin Watch and puts answers; Lambda connects the function to its VPC with it",
      permissions: [
        new PolicyStatement({
          sid: "GetBatches",
          actions: ["s3:GetObject"],
          resources: [bucket.arnForObjects(`${batchPrefix}*`)],
        }),
        new PolicyStatement({
          sid: "PutAnswers",
          actions: ["s3:PutObject"],
          resources: [bucket.arnForObjects(`${answerPrefix}*`)],
        }),
        ...networkRights(props.functionArn),
        ...useOfKey(encryptionKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["s3"]),
      ],
      environment: {
        ...networkVariables(vantage),
        [vpcVariables.bucket]: bucket.bucketName,
      },
      network: networkFor(vantage, props.securityGroups),
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
    this.roleArn = added.role.roleArn;
  }
}
