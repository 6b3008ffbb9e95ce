import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";

/** With which Lambda makes and removes a function's network interfaces, by the role of the function. */
const forNetworkInterfaces = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * What Lambda needs to connect a function to a VPC, and the same denied to its code: calls that Lambda itself makes for the
 * network interfaces do not say which function they are for
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html).
 */
export function networkRights(functionArn: string): PolicyStatement[] {
  return [
    new PolicyStatement({ sid: "ConnectToVpc", actions: forNetworkInterfaces, resources: ["*"] }),
    new PolicyStatement({
      sid: "NotByItsCode",
      effect: Effect.DENY,
      actions: [...forNetworkInterfaces, "ec2:DetachNetworkInterface"],
      resources: ["*"],
      conditions: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } },
    }),
  ];
}
