import { App, Stack, Stage } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { ConfigError } from "../../lib/config.ts";
import { OriginWatch } from "../../lib/origin-watch.ts";
import { nagFindings } from "./nag.ts";
import { type Resources, resourcesOf, stacksOf } from "./stacks.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

const env = { account: "123456789012", region: "us-east-1" };
const elsewhere = { vantageRegions: "eu-central-1,ap-northeast-1" };
const worker = "OriginWatch-worker-123456789012";

type Statement = { readonly Sid?: string; readonly Action: unknown; readonly Resource: unknown };

function statementsOf(resources: Resources, role = /Role/): readonly Statement[] {
  return Object.entries(resources)
    .filter(([id, { Type }]) => Type === "AWS::IAM::Policy" && role.test(id))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { readonly Statement: Statement[] }).Statement);
}

const invokingOf = (hub: Resources) =>
  statementsOf(hub, /^WatchRole/).filter(({ Action }) => String(Action).startsWith("lambda:"));
/** CDK sorts them. */
const arnsIn = (...regions: readonly string[]) => regions.map(arnIn).toSorted();
const arnIn = (region: string) => `arn:aws:lambda:${region}:123456789012:function:${worker}`;

describe("workers in other Regions", () => {
  const [hub, ...others] = stacksOf(elsewhere);

  it("are a stack of one function each, whose role writes its log and may do nothing else, and which nobody may invoke", () => {
    expect(others.map(({ region, stackName }) => [region, stackName])).toEqual([
      ["eu-central-1", "OriginWatch-worker"],
      ["ap-northeast-1", "OriginWatch-worker"],
    ]);
    for (const stack of others) {
      const resources = resourcesOf(stack);
      // No permission, no URL, no event source, no bucket.
      expect(Object.values(resources).map(({ Type }) => Type)).toEqual(
        expect.arrayContaining(["AWS::Lambda::Function", "AWS::Logs::LogGroup"]),
      );
      expect(
        Object.values(resources)
          .map(({ Type }) => Type)
          .toSorted(),
      ).toEqual([
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
      ]);
      const one = (type: string) => Object.values(resources).find(({ Type }) => Type === type)?.Properties;
      expect(one("AWS::Lambda::Function")).toMatchObject({
        FunctionName: worker,
        MemorySize: 512,
        ReservedConcurrentExecutions: 10,
        Timeout: 120,
        Environment: { Variables: { NODE_OPTIONS: "--enable-source-maps" } },
      });
      expect(one("AWS::Lambda::EventInvokeConfig")).toMatchObject({ MaximumRetryAttempts: 0 });
      expect(one("AWS::IAM::Role")).not.toHaveProperty("ManagedPolicyArns");
      expect(statementsOf(resources).map(({ Action }) => Action)).toEqual([
        ["logs:CreateLogStream", "logs:PutLogEvents"],
      ]);
      expect(JSON.stringify(one("AWS::IAM::Policy"))).not.toContain('"*"');
    }
  });

  it("are invoked by exact names in one statement, and the function that watches knows them", () => {
    const resources = resourcesOf(hub);
    expect(invokingOf(resources)).toMatchObject([
      {
        Action: "lambda:InvokeFunction",
        Resource: arnsIn("eu-central-1", "ap-northeast-1"),
      },
    ]);
    Template.fromStack(hub!).hasResourceProperties("AWS::Lambda::Function", {
      Environment: {
        Variables: {
          WORKER_NAME: worker,
          WORKER_CONCURRENCY: "10",
          VANTAGE_REGIONS: "eu-central-1,ap-northeast-1",
        },
      },
    });
  });

  it("come before the stack of the function that watches", () => {
    expect(hub?.dependencies.map(({ node }) => node.id)).toEqual(others.map(({ node }) => node.id));
  });

  it("are in the stage in which the construct is, and it has them", () => {
    const app = new App({ context: flags.context });
    const stage = new Stage(app, "Prod", { env });
    const own = new Stack(stage, "Mine");
    const watch = new OriginWatch(own, "Watch", { vantageRegions: ["eu-west-1"], workerConcurrency: 3 });
    expect(watch.workerStacks.map(({ node, stackName }) => [node.path, stackName])).toEqual([
      ["Prod/Mine-eu-west-1", "Prod-Mine-worker"],
    ]);
    Template.fromStack(watch.workerStacks[0]!).hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "Prod-Mine-worker-123456789012",
      ReservedConcurrentExecutions: 3,
    });
  });

  it("have names that fit, and that differ where names of stacks begin alike", () => {
    const names = ["a", "b"].map((end) => {
      const app = new App({ context: flags.context });
      const long = new Stack(app, "Long", { stackName: `Origin-${"x".repeat(80)}-${end}`, env });
      const [stack] = new OriginWatch(long, "Watch", { vantageRegions: ["eu-west-1"] }).workerStacks;
      const [made] = Object.values(Template.fromStack(stack!).findResources("AWS::Lambda::Function"));
      return String(made?.Properties.FunctionName);
    });
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9-]{1,64}$/);
    expect(new Set(names).size).toBe(2);
  });

  it("reserve nothing where the account has nothing to reserve", () => {
    for (const stack of stacksOf({ ...elsewhere, fleet: "true", reserveConcurrency: "false" })) {
      expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain("ReservedConcurrentExecutions");
    }
  });

  it("work where the account is known only at the deployment", () => {
    const [own, ...more] = stacksOf(elsewhere, {});
    const name = { "Fn::Join": ["", ["OriginWatch-worker-", { Ref: "AWS::AccountId" }]] };
    for (const stack of more) {
      Template.fromStack(stack).hasResourceProperties("AWS::Lambda::Function", { FunctionName: name });
    }
    Template.fromStack(own!).hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { WORKER_NAME: name } },
    });
  });

  it("warn of a Region that nobody knows, and of no other", () => {
    const warnings = (vantageRegions: string) =>
      Annotations.fromStack(stacksOf({ vantageRegions })[0]!).findWarning("*", Match.stringLikeRegexp("Region"));
    expect(warnings("eu-central-1,me-central-1")).toEqual([]);
    expect(warnings("eu-central-1,eu-centrall-1").map(({ entry }) => entry.data)).toEqual([
      expect.stringContaining("knows no Region eu-centrall-1"),
    ]);
  });

  it.each<[object, RegExp]>([
    [{ vantageRegions: "us-east-1" }, /\bvantageRegions: expected Regions beside the stack's own, got us-east-1/],
    [{ vantageRegions: "Frankfurt" }, /\bvantageRegions: expected Regions such as eu-central-1, got "Frankfurt"/],
    [
      { vantageRegions: Array.from({ length: 11 }, (_, n) => `eu-west-${n + 10}`).join(",") },
      /\bvantageRegions: expected at most 10 Regions, got 11/,
    ],
    [{ fleet: "perhaps" }, /\bfleet: /],
    [{ fleet: "true", workerConcurrency: "0" }, /\bworkerConcurrency: expected a whole number from 1 to 200/],
    [{ fleet: "true", workerConcurrency: "201" }, /\bworkerConcurrency: expected a whole number from 1 to 200/],
  ])("are refused where they cannot be: %j", (context, why) => {
    expect(() => stacksOf(context)).toThrow(ConfigError);
    expect(() => stacksOf(context)).toThrow(why);
  });
});

describe("a fleet", () => {
  it("is one function more in the stack, and one Region more in the statement where there are others", () => {
    const plain = resourcesOf(stacksOf({})[0]);
    const [hub, ...others] = stacksOf({ fleet: "true" });
    expect(others).toEqual([]);
    const resources = resourcesOf(hub);
    const added = Object.keys(resources).filter((id) => !(id in plain));
    expect(added.map((id) => resources[id]?.Type ?? "").toSorted()).toEqual([
      "AWS::IAM::Policy",
      "AWS::IAM::Role",
      "AWS::Lambda::EventInvokeConfig",
      "AWS::Lambda::Function",
      "AWS::Logs::LogGroup",
    ]);
    expect(statementsOf(resources, /^WatchWorker/).map(({ Action }) => Action)).toEqual([
      ["logs:CreateLogStream", "logs:PutLogEvents"],
    ]);
    expect(invokingOf(resources)).toMatchObject([{ Resource: arnIn("us-east-1") }]);
    expect(JSON.stringify(plain)).not.toContain("MALLOC_ARENA_MAX");
    expect(JSON.stringify(resources)).toContain('"FLEET":"true","MALLOC_ARENA_MAX":"1"');
    const [both] = stacksOf({ ...elsewhere, fleet: "true" });
    expect(invokingOf(resourcesOf(both))).toMatchObject([
      { Resource: arnsIn("us-east-1", "eu-central-1", "ap-northeast-1") },
    ]);
  });

  it("changes nothing of what a stack without it has but what the function that watches must know and may do", () => {
    const plain = resourcesOf(stacksOf({})[0]);
    for (const context of [{ fleet: "true" }, elsewhere, { ...elsewhere, fleet: "true" }]) {
      const resources = resourcesOf(stacksOf(context)[0]);
      const changed = Object.keys(plain).filter((id) => JSON.stringify(plain[id]) !== JSON.stringify(resources[id]));
      expect(changed.map((id) => plain[id]?.Type ?? "").toSorted()).toEqual([
        "AWS::IAM::Policy",
        "AWS::Lambda::Function",
      ]);
    }
  });
});

describe("cdk-nag", () => {
  it.each<[string, object]>([
    ["in other Regions", elsewhere],
    ["of a fleet", { fleet: "true" }],
  ])("finds nothing more with workers %s", (_, settings) => {
    const before = new Set(nagFindings({}));
    expect(before.size).toBeGreaterThan(2);
    expect(nagFindings(settings).filter((finding) => !before.has(finding))).toEqual([]);
  });
});
