import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib/core";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import cdk from "../../cdk.json" with { type: "json" };
import { defaults } from "../../lambda/contract/defaults.ts";
import { readConfig } from "../../lib/config.ts";
import { memberTemplate } from "../../lib/member-template.ts";
import { oneFileTemplate } from "../../lib/one-file/template.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { boardKey, memoryKey, stateKey } from "../../lib/state-bucket.ts";
import { indentedCommands } from "../sandbox/terminal/commands-of.ts";

type Template = {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly DeletionPolicy?: string;
        readonly UpdateReplacePolicy?: string;
        readonly Properties?: { readonly ReservedConcurrentExecutions?: number };
      }
    >
  >;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
};

const page = readFileSync(join(import.meta.dirname, "../../docs/uninstall.md"), "utf8");
/** The types of a row, and whether what they are of stays. */
const rows = [...page.matchAll(/^\| [^|]+ \| ([^|]*`AWS::[^|]+) \| (gone|stays)\b/gm)].map(
  ([, types = "", outcome]) => ({
    types: [...types.matchAll(/`(AWS::\w+::\w+)`/g)].map(([, type = ""]) => type),
    stays: outcome === "stays",
  }),
);

let stackName: string;
const templates = new Map<string, Template>();
beforeAll(() => {
  const everything = {
    eventBus: "default",
    securityHub: true,
    muteTags: true,
    boardMutes: true,
    organization: true,
    organizationId: "o-boxorg0001",
    memberStackSet: "r-box1",
    pagerDutyRoutingKey: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pagerduty-a1B2c3",
    fleet: true,
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    vpcCidrs: "10.0.0.0/16",
    vpcFor: "vpcOrigins,egress",
  };
  for (const [name, context] of [["the stack", {}] as const, ["the stack with every option", everything] as const]) {
    const app = new App({ context: cdk.context });
    const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ alertEmail: "ops@example.com", ...context }));
    stackName = stack.stackName;
    templates.set(name, app.synth().getStackArtifact(stack.artifactId).template as Template);
  }
  templates.set("the one-file template", JSON.parse(oneFileTemplate("1.2.3").text) as Template);
});
afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

describe.each(["the stack", "the stack with every option", "the one-file template"])(
  "docs/uninstall.md, of %s,",
  (name) => {
    const resources = () => Object.entries(templates.get(name)?.Resources ?? {});

    it("says of every resource whether it goes, and of none that there is not", () => {
      const listed = new Set(rows.flatMap(({ types }) => types));
      const there = new Set(
        resources()
          .map(([, { Type }]) => Type)
          .filter((type) => type !== "AWS::CDK::Metadata"),
      );
      expect([...there].filter((type) => !listed.has(type))).toEqual([]);
      if (name === "the stack with every option") expect([...listed].filter((type) => !there.has(type))).toEqual([]);
    });

    it("names what stays: the bucket, and nothing else that has a life of its own", () => {
      const kept = resources().filter(
        ([, { DeletionPolicy }]) => DeletionPolicy !== undefined && DeletionPolicy !== "Delete",
      );
      expect(kept.map(([, { Type, DeletionPolicy }]) => [Type, DeletionPolicy])).toEqual([
        ["AWS::S3::Bucket", "Retain"],
      ]);
      expect(rows.filter(({ stays }) => stays).flatMap(({ types }) => types)).toContain("AWS::S3::Bucket");
      expect(rows.filter(({ stays }) => !stays).flatMap(({ types }) => types)).not.toContain("AWS::S3::Bucket");
    });

    it("finds the bucket by an output that there is, and by the name that CloudFormation gives it", () => {
      const [output] = /OutputKey=='(\w+)'/.exec(page)?.slice(1) ?? [];
      const [bucket] = resources().filter(([, { Type }]) => Type === "AWS::S3::Bucket");
      expect(templates.get(name)?.Outputs[output ?? ""]?.Value).toEqual({ Ref: bucket?.[0] });
      // The name of the stack, the logical id and random characters, in lower case.
      const prefix = /starts_with\(Name, '([^']+)'\)/.exec(page)?.[1] ?? "none";
      expect(`${stackName}-${bucket?.[0]}`.toLowerCase().startsWith(prefix)).toBe(true);
      expect(page).toContain(`--stack-name ${stackName} `);
    });
  },
);

describe("the commands for other accounts and Regions", () => {
  const pages = ["accounts", "regions", "uninstall"].map((name) =>
    readFileSync(join(import.meta.dirname, `../../docs/${name}.md`), "utf8"),
  );
  const commands = pages.flatMap((each) => indentedCommands(each));
  const member = commands.find((command) => command.includes("--template-file origin-watch-member")) ?? "";
  const word = (command: string, option: string) => new RegExp(`${option} (\\S+)`).exec(command)?.[1];

  it.each(commands.filter((command) => /^npx cdk deploy .*-c (organization|vantageRegions|fleet)/.test(command)))(
    "%s: is one that synthesises, with the stacks that it names",
    (command) => {
      const given = [...command.matchAll(/-c (\w+)=(\S+)/g)].map(([, key = "", value = ""]) => [key, value] as const);
      const app = new App({ context: cdk.context });
      const env = { account: "123456789012", region: "us-east-1" };
      new OriginWatchStack(app, "OriginWatch", readConfig(Object.fromEntries(given)), { env });
      const stacks = app.synth().stacks.map((stack) => stack.stackName);
      expect(stacks).toContain(/^npx cdk deploy ([A-Z]\w*)/.exec(command)?.[1] ?? "OriginWatch");
      const worker = word(commands.find((each) => each.includes("--region REGION")) ?? "", "--stack-name");
      expect(stacks.includes(worker ?? "none")).toBe(command.includes("vantageRegions"));
    },
  );

  it("give the member template the parameters that have no default, and no others", () => {
    const { Parameters } = memberTemplate("1") as unknown as {
      readonly Parameters: Readonly<Record<string, { readonly Default?: unknown }>>;
    };
    const needed = Object.entries(Parameters).flatMap(([name, { Default }]) => (Default === undefined ? [name] : []));
    const given = [...(/--parameter-overrides (.*)$/.exec(member)?.[1] ?? "").matchAll(/(\w+)=/g)].map(
      ([, name]) => name,
    );
    expect(new Set(given)).toEqual(new Set(needed));
    const deleted = commands.flatMap((command) =>
      command.includes("delete-stack") ? (word(command, "--stack-name") ?? []) : [],
    );
    expect(deleted).toContain(word(member, "--stack-name"));
  });
});

it("docs/regions.md says how many executions the functions reserve, by themselves and in all", () => {
  const regions = readFileSync(join(import.meta.dirname, "../../docs/regions.md"), "utf8");
  const section = /^### Reserved executions$(.*?)^## /ms.exec(regions)?.[1] ?? "";
  const reserved = Object.values(templates.get("the stack with every option")?.Resources ?? {}).flatMap(
    ({ Properties }) => Properties?.ReservedConcurrentExecutions ?? [],
  );
  const said = [...section.matchAll(/\| (\d+) \|$/gm)].map(([, count]) => Number(count));
  // The last row is of another Region.
  expect(said.slice(0, -1).toSorted((a, b) => a - b)).toEqual(reserved.toSorted((a, b) => a - b));
  expect(said.at(-1)).toBe(defaults.workerConcurrency);
  const all = reserved.reduce((total, each) => total + each, 0);
  expect(section.replaceAll(/\s+/g, " ")).toContain(`With all of them ${all} in the stack's own Region.`);
  expect(section.replaceAll(/\s+/g, " ")).toContain(`so that ${all + 100} would do`);
});

it("docs/uninstall.md copies the state under the name that it has", () => {
  expect(page).toContain(`aws s3 cp s3://OLD-BUCKET/${stateKey} s3://NEW-BUCKET/${stateKey}`);
  expect([boardKey, memoryKey]).not.toContain(stateKey);
});
