import type { ISecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { addBundledFunction } from "./bundled-function.ts";
import { networkRights } from "./network-rights.ts";
import { networkFor, networkVariables, type VpcVantageProps } from "./vpc-vantage-props.ts";
import { asWorker, type WorkerFunctionProps } from "./worker-function.ts";

export type EgressWorkerProps = WorkerFunctionProps & {
  readonly functionArn: string;
  readonly vantage: VpcVantageProps;
  readonly securityGroups: readonly ISecurityGroup[];
};

/**
 * The function that looks at public origins by the fixed addresses of a VPC. Its code may write its log and nothing else;
 * what Lambda needs to connect it to the VPC is denied to it. Nothing may invoke it but whom the account lets.
 */
export class EgressWorker extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: EgressWorkerProps) {
    super(scope, id);
    const { vantage } = props;
    const added = addBundledFunction(this, {
      ...asWorker(props),
      name: "egress-worker",
      description: "Observes public origins by the fixed addresses of the VPC, for Origin Watch",
      roleDescription: "Writes a log of Origin Watch; Lambda connects the function to its VPC with it",
      permissions: networkRights(props.functionArn),
      environment: networkVariables(vantage),
      network: networkFor(vantage, props.securityGroups),
    });
    this.function = added.function;
    this.logGroup = added.logGroup;
  }
}
