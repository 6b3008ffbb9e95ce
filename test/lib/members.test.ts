import { App, Stack, type StackProps } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { readAccountEnvironment } from "../../lambda/contract/accounts.ts";
import { readConfig } from "../../lib/config.ts";
import { OriginWatch, type OriginWatchProps } from "../../lib/origin-watch.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { roleStatements } from "./iam.ts";
import { nagFindings } from "./nag.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

const mail = { alertEmail: "ops@example.com" };
const organizationId = "o-boxorg0001";
const ids = ["111111111111", "222222222222"];
const unit = "ou-box1-aaaaaaaa";
const env = { account: "123456789012", region: "eu-west-1" };

function stackOf(context: object, props: StackProps = { env }): OriginWatchStack {
  return new OriginWatchStack(
    new App({ context: flags.context }),
    "OriginWatch",
    readConfig({ ...mail, ...context }),
    props,
  );
}

function inApp(props: OriginWatchProps, stackName = "Mine"): Template {
  const stack = new Stack(new App({ context: flags.context }), "Mine", { env, stackName });
  new OriginWatch(stack, "Watch", props);
  return Template.fromStack(stack);
}

/** The logical id and properties of the role of the function that watches. */
function hubRole(template: Template): readonly [id: string, properties: { readonly RoleName?: unknown }] {
  const [id, role] =
    Object.entries(template.findResources("AWS::IAM::Role")).find(([each]) => each.includes("WatchRole")) ?? [];
  return [id ?? "", role?.Properties ?? {}];
}

function hubRights(template: Template) {
  const [id] = hubRole(template);
  const statements = roleStatements(template.toJSON() as never, id, (name, attribute) => {
    return name === "AWS::Partition" ? "aws" : `<${name}.${attribute}>`;
  });
  return statements.filter(({ actions }) =>
    actions.some((action) => /^(?:sts|organizations|cloudformation|iam):/.test(action)),
  );
}

function variables(template: Template): Record<string, string> {
  const functions = Object.values(template.findResources("AWS::Lambda::Function", { Properties: { Timeout: 300 } }));
  return functions[0]?.Properties.Environment.Variables;
}

describe("other accounts", () => {
  it("are none without a word of them: no name, no right, no variable", () => {
    const template = Template.fromStack(stackOf({}));
    expect(hubRole(template)[1]).not.toHaveProperty("RoleName");
    expect(hubRights(template)).toEqual([]);
    expect(readAccountEnvironment(variables(template))).toBeNull();
    expect(template.findOutputs("MemberParameters")).toEqual({});
  });

  it("are listed by their ids, and the function may assume these roles and no others", () => {
    const template = Template.fromStack(stackOf({ accounts: ids.join(","), organizationId, memberRoleName: "watch" }));
    expect(hubRole(template)[1].RoleName).toBe("OriginWatch-eu-west-1");
    expect(hubRights(template)).toEqual([
      { effect: "Allow", actions: ["sts:AssumeRole"], resources: ids.map((id) => `arn:aws:iam::${id}:role/watch`) },
    ]);
    expect(readAccountEnvironment(variables(template))).toEqual({
      watched: { kind: "accounts", ids },
      roleName: "watch",
    });
  });

  it.each([
    ["all of an organization", true, "all"],
    ["all of an organization, on the command line", "true", "all"],
    ["those of units", `${unit},r-box1`, [unit, "r-box1"]],
  ])("are %s", (_name, organization, units) => {
    const template = Template.fromStack(stackOf({ organization, organizationId }));
    expect(hubRights(template)).toEqual([
      { effect: "Allow", actions: ["sts:AssumeRole"], resources: ["arn:aws:iam::*:role/origin-watch-inventory"] },
      { effect: "Allow", actions: ["organizations:ListAccounts"], resources: ["*"] },
    ]);
    expect(readAccountEnvironment(variables(template))).toEqual({
      watched: { kind: "organization", units },
      roleName: "origin-watch-inventory",
    });
  });

  it("come with what the member template asks for", () => {
    const context = { organization: true, organizationId, readFunctions: true, viewerErrors: "off" };
    expect(Template.fromStack(stackOf(context)).findOutputs("MemberParameters")).toMatchObject({
      MemberParameters: {
        Value:
          "HubAccountId=123456789012 HubRoleName=OriginWatch-eu-west-1 OrganizationId=o-boxorg0001 " +
          "RoleName=origin-watch-inventory ReadTags=yes ReadFunctions=yes ReadHeadersPolicies=no ReadMetrics=no",
      },
    });
  });

  it("work where account and Region are known only at the deployment", () => {
    const template = Template.fromStack(stackOf({ organization: true, organizationId, memberStackSet: unit }, {}));
    const name = { "Fn::Join": ["", ["OriginWatch-", { Ref: "AWS::Region" }]] };
    expect(hubRole(template)[1].RoleName).toEqual(name);
    const region = { "Fn::FindInMap": [Match.anyValue(), { Ref: "AWS::Partition" }, "Region"] };
    template.hasResourceProperties("AWS::CloudFormation::StackSet", {
      StackSetName: name,
      StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: [unit] }, Regions: [region] }],
      Parameters: Match.arrayWith([{ ParameterKey: "HubAccountId", ParameterValue: { Ref: "AWS::AccountId" } }]),
    });
  });
});

describe("the name of the function's role", () => {
  const nameIn = (stackName: string) => hubRole(inApp({ accounts: ids, organizationId }, stackName))[1].RoleName;

  it.each([
    ["A"],
    ["a-stack-whose-name-is-of-43-characters-xxxxx".slice(0, 43)],
    ["another-stack-whose-name-is-a-bit-too-long-for-it"],
    ["x".repeat(128)],
  ])("is one that IAM takes, for a stack called %s", (stackName) => {
    const name = String(nameIn(stackName));
    // The longest Region has 14 characters so far, this one 9.
    expect(name.length).toBeLessThanOrEqual(64 - 11);
    expect(name).toMatch(/^[\w+=,.@-]+-eu-west-1$/);
    expect(name.startsWith(stackName.slice(0, 20))).toBe(true);
  });

  it("is different for stacks whose names begin alike", () => {
    expect(nameIn(`${"x".repeat(100)}1`)).not.toBe(nameIn(`${"x".repeat(100)}2`));
  });
});

describe("what cannot be", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));

  it.each([
    [{ accounts: ids, organization: true, organizationId }, "context organization: expected nothing beside accounts"],
    [{ accounts: ids }, "context organizationId: expected the organization's id (o-…), got nothing"],
    [{ organization: true }, "context organizationId: expected the organization's id (o-…), got nothing"],
    [{ organization: true, organizationId: "boxorg0001" }, "context organizationId: expected o- and 10 to 32 letters"],
    [{ organizationId }, "context organizationId: expected accounts or organization beside it, got neither"],
    [{ memberRoleName: "watch" }, "context memberRoleName: expected accounts or organization beside it, got neither"],
    [{ memberStackSet: unit }, "context memberStackSet: expected accounts or organization beside it, got neither"],
    [{ organization: false, memberStackSet: unit }, "context memberStackSet: expected accounts or organization"],
    [{ accounts: "12345", organizationId }, 'context accounts: expected ids of accounts, 12 digits each, got "12345"'],
    [{ accounts: ["*"], organizationId }, 'context accounts: expected ids of accounts, 12 digits each, got "*"'],
    [{ organization: "yes", organizationId }, "context organization: expected true, or ids of organizational units"],
    [{ organization: "prod", organizationId }, 'units (ou-… or the root, r-…), got "prod"'],
    [
      { organization: true, organizationId, memberRoleName: "a*" },
      'context memberRoleName: expected the name of a role, got "a*"',
    ],
    [
      { organization: true, organizationId, memberRoleName: "a/b" },
      "context memberRoleName: expected the name of a role",
    ],
    [{ organization: true, organizationId, memberStackSet: "all" }, "context memberStackSet: expected ids of organ"],
    [
      { accounts: many(151), organizationId },
      "context accounts: expected at most 150, got 151: watch the organization",
    ],
    [{ member: ids }, "context member: unknown key"],
  ])("%j is refused", (context, message) => {
    expect(() => readConfig({ ...mail, ...context })).toThrow(message);
  });

  it("is the stack's own account among the others", () => {
    const context = { accounts: "123456789012", organizationId };
    expect(() => stackOf(context)).toThrow("context accounts: expected other accounts, got 123456789012");
    Template.fromStack(stackOf(context, {}));
  });

  it("is more than Lambda takes, and it is said how to shorten it", () => {
    const context = { accounts: many(150), organizationId };
    Template.fromStack(stackOf(context));
    const includeDistributions = many(130).map((id) => `E${id}`);
    expect(() => stackOf({ ...context, includeDistributions })).toThrow(
      /^context accounts: expected at most 4096 bytes in the function's environment, got 4\d{3}, 19\d\d of them for accounts: watch the organization/,
    );
  });
});

describe("memberStackSet", () => {
  it("gives the role to the accounts of the units, from a delegated administrator, in one Region", () => {
    const template = Template.fromStack(stackOf({ organization: unit, organizationId, memberStackSet: unit }));
    template.hasResourceProperties("AWS::CloudFormation::StackSet", {
      StackSetName: "OriginWatch-eu-west-1",
      PermissionModel: "SERVICE_MANAGED",
      CallAs: "DELEGATED_ADMIN",
      Capabilities: ["CAPABILITY_NAMED_IAM"],
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: [unit] }, Regions: ["us-east-1"] }],
      Parameters: Match.arrayWith([
        { ParameterKey: "HubAccountId", ParameterValue: "123456789012" },
        { ParameterKey: "HubRoleName", ParameterValue: "OriginWatch-eu-west-1" },
      ]),
    });
    const [{ Properties } = { Properties: {} }] = Object.values(
      template.findResources("AWS::CloudFormation::StackSet"),
    );
    // A request takes so much (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
    expect(Buffer.byteLength(Properties.TemplateBody)).toBeLessThan(51_200);
    const asked = Object.keys(JSON.parse(Properties.TemplateBody).Parameters);
    const given = Properties.Parameters.map(({ ParameterKey }: { ParameterKey: string }) => ParameterKey);
    expect(given).toEqual(asked);
  });

  it("gives it to those that are listed, where they are", () => {
    const template = Template.fromStack(stackOf({ accounts: ids, organizationId, memberStackSet: "r-box1" }));
    const DeploymentTargets = { OrganizationalUnitIds: ["r-box1"], Accounts: ids, AccountFilterType: "INTERSECTION" };
    template.hasResourceProperties("AWS::CloudFormation::StackSet", {
      AutoDeployment: { Enabled: false },
      StackInstancesGroup: [{ DeploymentTargets }],
    });
  });

  it.each([
    ["cn-north-1", "cn-north-1"],
    ["us-gov-east-1", "us-gov-west-1"],
  ])("asks for a Region of the partition that %s is in", (region, expected) => {
    const props = { env: { account: "123456789012", region } };
    const template = Template.fromStack(
      stackOf({ organization: true, organizationId, memberStackSet: "r-box1" }, props),
    );
    template.hasResourceProperties("AWS::CloudFormation::StackSet", { StackInstancesGroup: [{ Regions: [expected] }] });
  });

  it("comes before the function, so that no run finds the role missing", () => {
    const template = Template.fromStack(stackOf({ organization: true, organizationId, memberStackSet: "r-box1" }));
    const [stackSet] = Object.keys(template.findResources("AWS::CloudFormation::StackSet"));
    template.hasResource("AWS::Lambda::Function", {
      Properties: { Timeout: 300 },
      DependsOn: Match.arrayWith([stackSet]),
    });
  });

  it("leaves the function without a right to change what it reads", () => {
    const template = Template.fromStack(stackOf({ organization: true, organizationId, memberStackSet: "r-box1" }));
    const actions = hubRights(template).flatMap((statement) => statement.actions);
    expect(actions).toEqual(["sts:AssumeRole", "organizations:ListAccounts"]);
  });
});

describe("cdk-nag", () => {
  it.each([
    ["accounts", { accounts: ids }],
    ["an organization", { organization: true }],
    ["a StackSet", { organization: [unit], memberStackSet: [unit] }],
  ])("finds nothing new with %s", (_name, context) => {
    const before = new Set(nagFindings({}));
    const added = nagFindings({ ...context, organizationId }).filter((finding) => !before.has(finding));
    // Which accounts there are is known only to the organization.
    const wildcard = /arn:(?:aws|<AWS::Partition>):iam::\*:role\/origin-watch-inventory/;
    expect(added.filter((finding) => !wildcard.test(finding))).toEqual([]);
    expect(before.size).toBeGreaterThan(2);
  });
});
