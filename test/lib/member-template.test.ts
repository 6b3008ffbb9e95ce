import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import { memberTemplate } from "../../lib/member-template.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { trusts } from "../sandbox/aws/trust-policy.ts";
import type { Template } from "../sandbox/lambda/assembly.ts";
import { deployedMemberRole } from "../sandbox/member-role.ts";
import { roleStatements, type Statement } from "./iam.ts";
import { evaluate, objectOf } from "./one-file/evaluate.ts";

const folder = mkdtempSync(join(tmpdir(), "origin-watch-member-"));
afterAll(() => {
  CloudAssembly.cleanupTemporaryDirectories();
  rmSync(folder, { recursive: true, force: true });
});

const hub = { accountId: "123456789012", roleName: "OriginWatch-eu-west-1", organizationId: "o-boxorg0001" };
const member = "111111111111";
const settings = [
  { muteTags: true, readFunctions: false, viewerErrors: "hourly", throughCloudFront: "off" },
  { muteTags: false, readFunctions: false, viewerErrors: "off", throughCloudFront: "off" },
  { muteTags: false, readFunctions: true, viewerErrors: "hourly", throughCloudFront: "all" },
] as const;

/** What the hub's function may read of its own account, which is the same account here. */
function rightsOfHub(context: object) {
  const stack = new OriginWatchStack(
    new App({ context: flags.context }),
    "OriginWatch",
    readConfig({ alertEmail: "ops@example.com", ...context }),
    { env: { account: member, region: "eu-west-1" } },
  );
  const template = (stack.node.root as App).synth().getStackArtifact(stack.artifactId).template as Template;
  const id = Object.keys(template.Resources).find((each) => each.startsWith("WatchRole")) ?? "";
  const known: Readonly<Record<string, string>> = { "AWS::Partition": "aws" };
  return roleStatements(template, id, (name) => known[name] ?? name).filter(({ actions }) => {
    return actions.some((action) => /^cloud(?:front|watch):/.test(action));
  });
}

describe("the member template", () => {
  it.each(settings)(
    "allows what the hub's function may read of its own account, with %j, and nothing else",
    (given) => {
      const { rights } = deployedMemberRole(hub, member, given);
      const flat = (statements: typeof rights) =>
        statements
          .flatMap(({ actions, ...rest }) => actions.map((action) => JSON.stringify({ action, ...rest })))
          .toSorted();
      expect(flat(rights)).toEqual(flat(rightsOfHub(given)));
      expect(flat(rights).length).toBeGreaterThan(7);
    },
  );

  it("allows no action by a wildcard, and reads in its own account alone", () => {
    const { rights } = deployedMemberRole(hub, member);
    for (const { effect, actions, resources, regions } of rights) {
      expect(effect).toBe("Allow");
      for (const action of actions) expect(action).toMatch(/^(?:cloudfront:(?:List|Get)\w+|cloudwatch:GetMetricData)$/);
      for (const resource of resources)
        expect(resource).toMatch(/^(?:\*|arn:aws:cloudfront::111111111111:[a-z-]+\/\*)$/);
      if (actions.includes("cloudwatch:GetMetricData")) expect(regions).toEqual(["us-east-1"]);
    }
    expect(rights.map(({ regions }) => regions).filter(Boolean)).toHaveLength(1);
  });

  const own = (type: string) => `arn:aws:cloudfront::${member}:${type}/*`;
  const always = [
    "cloudfront:ListDistributions *",
    "cloudfront:ListCachePolicies *",
    "cloudfront:ListOriginRequestPolicies *",
    "cloudfront:ListDistributionTenants *",
    "cloudfront:ListContinuousDeploymentPolicies *",
    `cloudfront:GetVpcOrigin ${own("vpcorigin")}`,
    `cloudfront:GetDistributionConfig ${own("distribution")}`,
    `cloudfront:GetDistributionTenant ${own("distribution-tenant")}`,
  ];
  const right = {
    ReadTags: `cloudfront:ListTagsForResource ${own("distribution")}`,
    ReadFunctions: `cloudfront:GetFunction ${own("function")}`,
    ReadHeadersPolicies: "cloudfront:ListResponseHeadersPolicies *",
    ReadMetrics: "cloudwatch:GetMetricData * in us-east-1",
  };
  type Switch = keyof typeof right;
  const switches = Object.keys(right) as Switch[];
  const spelled = (statements: readonly Statement[]) =>
    statements
      .flatMap(({ actions, resources, regions }) =>
        actions.map((action) => `${action} ${resources.join()}${regions === undefined ? "" : ` in ${regions.join()}`}`),
      )
      .toSorted();

  it.each(subsetsOf(switches).map((given) => [given.join(" and ") || "none", given] as const))(
    "allows nothing but what is always read, and what %s adds",
    (_names, given) => {
      const answers = Object.fromEntries(switches.map((each) => [each, given.includes(each) ? "yes" : "no"]));
      const { accountId: HubAccountId, roleName: HubRoleName, organizationId: OrganizationId } = hub;
      const template = evaluate(memberTemplate("1"), { HubAccountId, HubRoleName, OrganizationId, ...answers });
      const known: Readonly<Record<string, string>> = { "AWS::Partition": "aws", "AWS::AccountId": member };
      const rights = roleStatements(template as unknown as Template, "Role", (name) => known[name] ?? name);
      expect(spelled(rights)).toEqual([...always, ...given.map((each) => right[each])].toSorted());
    },
  );

  const off = { muteTags: false, readFunctions: false, viewerErrors: "off", throughCloudFront: "off" } as const;
  it.each<[context: object, added: Switch[]]>([
    [{}, []],
    [{ muteTags: true }, ["ReadTags"]],
    [{ readFunctions: true }, ["ReadFunctions"]],
    [{ viewerErrors: "hourly" }, ["ReadMetrics"]],
    [{ viewerErrors: "hourly", throughCloudFront: "doubt" }, ["ReadMetrics", "ReadTags", "ReadHeadersPolicies"]],
    [{ viewerErrors: "hourly", throughCloudFront: "all" }, ["ReadMetrics", "ReadTags", "ReadHeadersPolicies"]],
  ])("gets from a stack with %j beside what is always read: %j", (context, added) => {
    const { rights } = deployedMemberRole(hub, member, { ...off, ...context });
    expect(spelled(rights)).toEqual([...always, ...added.map((each) => right[each])].toSorted());
  });

  const caller = {
    principalArn: "arn:aws:iam::123456789012:role/OriginWatch-eu-west-1",
    organizationId: "o-boxorg0001",
    sessionName: "origin-watch-2026-11-28",
    externalId: null,
  };
  it.each([
    ["the hub's function", {}, true],
    ["another role of the hub's account", { principalArn: "arn:aws:iam::123456789012:role/Admin" }, false],
    ["a role that begins alike", { principalArn: `${caller.principalArn}-2` }, false],
    ["the role of that name in another account", { principalArn: caller.principalArn.replace("1234", "9999") }, false],
    ["another organization", { organizationId: "o-another0001" }, false],
    ["no organization", { organizationId: null }, false],
    ["a session by hand", { sessionName: "me" }, false],
  ])("lets %s in: %s", (_name, change, expected) => {
    expect(trusts(deployedMemberRole(hub, member).trust, { ...caller, ...change })).toBe(expected);
  });

  it.each([
    ["HubAccountId", "*"],
    ["HubAccountId", "12345678901"],
    ["HubRoleName", "*"],
    ["HubRoleName", "path/role"],
    ["OrganizationId", "o-*"],
    ["RoleName", "a b"],
    ["ReadFunctions", "maybe"],
  ])("refuses %s %s", (name, value) => {
    const parameters = { HubAccountId: hub.accountId, HubRoleName: hub.roleName, OrganizationId: hub.organizationId };
    expect(() => evaluate(memberTemplate("1"), parameters)).not.toThrow();
    expect(() => evaluate(memberTemplate("1"), { ...parameters, [name]: value })).toThrow(name);
  });

  it("keeps its sessions to an hour, and is small enough for a StackSet's request", () => {
    const role = objectOf(objectOf(memberTemplate("1").Resources).Role);
    expect(objectOf(role.Properties).MaxSessionDuration).toBe(3_600);
    expect(Buffer.byteLength(JSON.stringify(memberTemplate("1")))).toBeLessThan(51_200);
  });

  it("has nothing that cdk-nag finds but actions that know no resource, and ids that nobody knows beforehand", () => {
    const file = join(folder, "member.json");
    writeFileSync(file, JSON.stringify(memberTemplate("1")));
    const app = new App({ context: flags.context });
    const stack = new Stack(app, "Member");
    new CfnInclude(stack, "Template", { templateFile: file });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    const types = ["distribution", "distribution-tenant", "function", "vpcorigin"];
    for (const type of types) {
      const id = `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudfront::<AWS::AccountId>:${type}/*]`;
      Validations.of(stack).acknowledge({ id, reason: "Read-only, and ids are known only once the account was read." });
    }
    const any = "AwsSolutions::AwsSolutions-IAM5[Resource::*]";
    expect(() => app.synth()).toThrow();
    Validations.of(stack).acknowledge({ id: any, reason: "CloudFront's list actions have no resource level." });
    expect(() => app.synth()).not.toThrow();
  });
});

/** The empty one first. */
function subsetsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_each, index) => (bits >> index) % 2 === 1));
}
