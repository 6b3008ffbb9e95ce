import { defaultMemberRoleName, roleNameForm, sessionNamePrefix } from "../lambda/contract/accounts.ts";
import { type OptionalRead, reads } from "./cloudfront-reads.ts";
import type { MemberParameter } from "./members.ts";
import type { Json, JsonObject } from "./one-file/json.ts";

/**
 * The role that another account has for Origin Watch, as one CloudFormation template: a StackSet carries it, and `npm run
 * template -- --member` writes it into a file.
 *
 * It trusts one role of one account of one organization, and lets it read what CloudFront does in its own account, and the
 * metrics of CloudFront's Region. The account is named with `:root` and the role by `aws:PrincipalArn`, so that the hub's role
 * may be made later, and made again.
 *
 * @param version of the project, for people who look into the template
 */
export function memberTemplate(version: string): JsonObject {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "Origin Watch: lets the function of another account read what CloudFront does in this one",
    Metadata: { OriginWatch: { Version: version }, "AWS::CloudFormation::Interface": form },
    Parameters: parameters satisfies Record<MemberParameter, JsonObject>,
    Conditions: Object.fromEntries(
      Object.entries(switches).map(([name, parameter]) => [
        conditionOf(name as OptionalRead),
        { "Fn::Equals": [{ Ref: parameter }, "yes"] },
      ]),
    ),
    Resources: {
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: { Ref: "RoleName" },
          Description: "Lets Origin Watch read what CloudFront does in this account",
          MaxSessionDuration: 3_600,
          AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [trust] },
        },
      },
      Rights: {
        Type: "AWS::IAM::Policy",
        Properties: {
          PolicyName: "ReadCloudFront",
          Roles: [{ Ref: "Role" }],
          PolicyDocument: { Version: "2012-10-17", Statement: reads.map(statementOf) },
        },
      },
    },
    Outputs: { RoleArn: { Value: { "Fn::GetAtt": ["Role", "Arn"] } } },
  };
}

const switches: Readonly<Record<OptionalRead, MemberParameter>> = {
  tags: "ReadTags",
  functions: "ReadFunctions",
  headersPolicies: "ReadHeadersPolicies",
  metrics: "ReadMetrics",
};

function conditionOf(read: OptionalRead): string {
  return `${switches[read]}IsYes`;
}

const trust: JsonObject = {
  Sid: "LetTheHubIn",
  Effect: "Allow",
  Principal: { AWS: arn(":iam::", { Ref: "HubAccountId" }, ":root") },
  Action: "sts:AssumeRole",
  Condition: {
    ArnEquals: { "aws:PrincipalArn": arn(":iam::", { Ref: "HubAccountId" }, ":role/", { Ref: "HubRoleName" }) },
    StringEquals: { "aws:PrincipalOrgID": { Ref: "OrganizationId" } },
    StringLike: { "sts:RoleSessionName": `${sessionNamePrefix}*` },
  },
};

function statementOf({ sid, actions, of, region, only }: (typeof reads)[number]): Json {
  const statement: JsonObject = {
    Sid: sid,
    Effect: "Allow",
    Action: [...actions],
    Resource: of === undefined ? "*" : arn(":cloudfront::", { Ref: "AWS::AccountId" }, `:${of}`),
    ...(region === undefined ? {} : { Condition: { StringEquals: { "aws:RequestedRegion": region } } }),
  };
  return only === undefined ? statement : { "Fn::If": [conditionOf(only), statement, { Ref: "AWS::NoValue" }] };
}

function arn(...parts: readonly Json[]): JsonObject {
  return { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ...parts]] };
}

function yesOrNo(otherwise: "yes" | "no", Description: string): JsonObject {
  return { Type: "String", Description, AllowedValues: ["yes", "no"], Default: otherwise };
}

const parameters: Record<MemberParameter, JsonObject> = {
  HubAccountId: {
    Type: "String",
    Description: "Id of the account in which Origin Watch runs.",
    AllowedPattern: "\\d{12}",
    ConstraintDescription: "It must be 12 digits.",
  },
  HubRoleName: {
    Type: "String",
    Description: "Name of the role of its function, from the output MemberParameters of its stack.",
    AllowedPattern: roleNameForm.source,
  },
  OrganizationId: {
    Type: "String",
    Description: "Id of the organization that both accounts are in.",
    AllowedPattern: "o-[a-z0-9]{10,32}",
    ConstraintDescription: "It must be o- and 10 to 32 letters or digits.",
  },
  RoleName: {
    Type: "String",
    Description: "Name of the role here; Origin Watch must be told it as memberRoleName.",
    AllowedPattern: roleNameForm.source,
    Default: defaultMemberRoleName,
  },
  ReadTags: yesOrNo("yes", "Tags of distributions: for muteTags and throughCloudFront."),
  ReadFunctions: yesOrNo("no", "Code of CloudFront functions, which may hold passwords: for readFunctions."),
  ReadHeadersPolicies: yesOrNo("no", "Response headers policies: for throughCloudFront."),
  ReadMetrics: yesOrNo("yes", "All metrics in us-east-1, where CloudFront's are: for viewerErrors."),
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html */
const form: JsonObject = {
  ParameterGroups: [
    { Label: { default: "Who may read" }, Parameters: ["HubAccountId", "HubRoleName", "OrganizationId", "RoleName"] },
    {
      Label: { default: "What besides the configuration of CloudFront" },
      Parameters: ["ReadTags", "ReadFunctions", "ReadHeadersPolicies", "ReadMetrics"],
    },
  ],
};
