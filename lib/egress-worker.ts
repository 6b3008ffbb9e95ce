import type { ISecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { vpcVariables } from "../lambda/contract/vpc.ts";
import { addBundledFunction } from "./bundled-function.ts";
import { networkRights } from "./network-rights.ts";
import { networkFor, type VpcVantageProps } from "./vpc-vantage-props.ts";

export type EgressWorkerProps = {
  readonly functionName: string;
  readonly functionArn: string;
  readonly vantage: VpcVantageProps;
  readonly securityGroups: readonly ISecurityGroup[];
  readonly logRetentionDays: RetentionDays;
  readonly encryptionKey?: IKey | undefined;
  /** How many batches it observes at once; null reserves nothing. */
  readonly reservedConcurrentExecutions: number | null;
};

/** As of every worker. */
const timeout = Duration.seconds(120);

/**
 * The function that looks at public origins by the fixed addresses of a VPC. Its code may write its log and nothing else;
 * what Lambda needs to connect it to the VPC is denied to it. Nothing may invoke it but whom the account lets.
 */
export class EgressWorker extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: EgressWorkerProps) {
    super(scope, id);
    const { vantage, reservedConcurrentExecutions } = props;
    const { vpc, cidrs, neverDial = [] } = vantage;
    const added = addBundledFunction(this, {
      name: "egress-worker",
      functionName: props.functionName,
      description: "Observes public origins by the fixed addresses of the VPC, for Origin Watch",
      roleDescription: "Writes a log of Origin Watch; Lambda connects the function to its VPC with it",
      permissions: networkRights(props.functionArn),
      environment: {
        [vpcVariables.vpcId]: vpc.vpcId,
        [vpcVariables.ranges]: cidrs.join(","),
        ...(neverDial.length === 0 ? {} : { [vpcVariables.neverDial]: neverDial.join(",") }),
      },
      timeout,
      memorySize: 512,
      logRetentionDays: props.logRetentionDays,
      encryptionKey: props.encryptionKey,
      network: networkFor(vantage, props.securityGroups),
      ...(reservedConcurrentExecutions === null ? {} : { reservedConcurrentExecutions }),
      asynchronous: { retryAttempts: 0, maxEventAge: Duration.minutes(1) },
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
  }
}
