import { CfnStackSet } from "aws-cdk-lib/aws-cloudformation";
import { Aws, CfnMapping, Stack, Token } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { version } from "../lambda/contract/version.ts";
import { memberTemplate } from "./member-template.ts";
import type { MemberParameter, Members } from "./members.ts";

export type MemberStackSetProps = {
  readonly members: Members;
  readonly parameters: Readonly<Record<MemberParameter, string>>;
  readonly name: string;
};

/**
 * Gives the role to every account of the listed organizational units, now and when an account joins them.
 *
 * A StackSet with service-managed permissions, called as a delegated administrator. It never reaches the management account
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html).
 */
export class MemberStackSet extends Construct {
  constructor(scope: Construct, id: string, { members, parameters, name }: MemberStackSetProps) {
    super(scope, id);
    const { watched, stackSetUnits } = members;
    const byId = watched.kind === "accounts" ? { accounts: [...watched.ids], accountFilterType: "INTERSECTION" } : {};
    new CfnStackSet(this, "StackSet", {
      stackSetName: name,
      description: "The role by which Origin Watch reads what CloudFront does in an account",
      permissionModel: "SERVICE_MANAGED",
      callAs: "DELEGATED_ADMIN",
      capabilities: ["CAPABILITY_NAMED_IAM"],
      templateBody: JSON.stringify(memberTemplate(version)),
      parameters: Object.entries(parameters).map(([parameterKey, parameterValue]) => ({
        parameterKey,
        parameterValue,
      })),
      // Accounts that are listed are known; those of units come and go.
      autoDeployment:
        watched.kind === "organization" ? { enabled: true, retainStacksOnAccountRemoval: false } : { enabled: false },
      managedExecution: { Active: true },
      // One account that refuses must not keep the role from the others, nor the stack from being deployed.
      operationPreferences: { failureTolerancePercentage: 100, maxConcurrentPercentage: 100 },
      stackInstancesGroup: [
        { deploymentTargets: { organizationalUnitIds: [...stackSetUnits], ...byId }, regions: [this.region()] },
      ],
    });
  }

  /** Roles are global, so one Region does; that which every account of the partition has. */
  private region(): string {
    const { region } = Stack.of(this);
    if (Token.isUnresolved(region)) {
      const mapping = new CfnMapping(this, "Regions", {
        mapping: Object.fromEntries(Object.entries(regions).map(([partition, each]) => [partition, { Region: each }])),
      });
      return mapping.findInMap(Aws.PARTITION, "Region");
    }
    if (region.startsWith("cn-")) return regions["aws-cn"];
    return region.startsWith("us-gov-") ? regions["aws-us-gov"] : regions.aws;
  }
}

const regions = { aws: "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1" } as const;
