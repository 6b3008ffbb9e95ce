import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib/core";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import cdk from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { hasOldProgram, oldCommit } from "../incidents/old-program.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

const root = join(import.meta.dirname, "..", "..");
const page = (name: string) => readFileSync(join(root, "docs", name), "utf8");
const section = page("security.md").split("### What an upgrade asks for")[1]?.split("\n### ")[0] ?? "";

/** The actions that the role of the function that checks had in a plain deployment of `oldCommit`. */
const before: readonly string[] = [
  "cloudfront:ListDistributions *",
  "cloudfront:ListCachePolicies *",
  "cloudfront:ListOriginRequestPolicies *",
  "cloudfront:ListDistributionTenants *",
  "cloudfront:ListContinuousDeploymentPolicies *",
  "cloudfront:GetVpcOrigin vpcorigin/*",
  "cloudfront:GetDistributionConfig distribution/*",
  "cloudfront:GetDistributionTenant distribution-tenant/*",
  "sns:Publish topic",
  "s3:GetObject state.json",
  "s3:PutObject state.json",
  "s3:PutObject state.json.unreadable-*",
  "s3:PutObject board.json.gz",
  "s3:ListBucket bucket",
  "logs:CreateLogStream log",
  "logs:PutLogEvents log",
  "sqs:SendMessage queue",
];

type Statement = { readonly Action: string | readonly string[]; readonly Resource: unknown };
type Resource = {
  readonly Type: string;
  readonly Properties: { readonly PolicyDocument?: { Statement: Statement[] } };
};

/** The same of a plain deployment now. */
function rightsNow(): readonly string[] {
  const app = new App({ context: cdk.context });
  const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ alertEmail: "ops@example.com" }));
  const { Resources } = app.synth().getStackArtifact(stack.artifactId).template as {
    Resources: Record<string, Resource>;
  };
  const policy = Object.values(Resources).find(
    ({ Type, Properties }) =>
      Type === "AWS::IAM::Policy" && JSON.stringify(Properties).includes("ReadCloudFrontConfiguration"),
  );
  const statements = policy?.Properties.PolicyDocument?.Statement ?? [];
  return statements.flatMap(({ Action, Resource: resources }) =>
    [Action].flat().flatMap((action) => [resources].flat().map((resource) => `${action} ${nameOf(resource)}`)),
  );
}

function nameOf(resource: unknown): string {
  if (resource === "*") return "*";
  const text = JSON.stringify(resource);
  const [, tail] = /(?:\/|:)((?:vpcorigin|distribution|distribution-tenant|function)\/\*)"/.exec(text) ?? [];
  const [, object] = /"\/([^"]+)"\]/.exec(text) ?? [];
  const [, kind] = /"Watch(AlertsTopic|StateBucket|Logs|FailedRuns)/.exec(text) ?? [];
  const kinds: Readonly<Record<string, string>> = {
    AlertsTopic: "topic",
    StateBucket: "bucket",
    Logs: "log",
    FailedRuns: "queue",
  };
  return tail ?? object ?? kinds[kind ?? ""] ?? text;
}

describe("docs/security.md, of an upgrade from the first program that was deployed,", () => {
  it("names every right that is new in a plain deployment, and no other", () => {
    const added = rightsNow().filter((right) => !before.includes(right));
    const rows = [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)].map(([, action, on]) => `${action} ${on}`);
    expect(rows.toSorted()).toEqual(added.toSorted());
  });

  it("loses none: what was told, shown and kept stays so", () => {
    expect(before.filter((right) => !rightsNow().includes(right))).toEqual([]);
  });

  it("states the cost before, and the one now as docs/cost.md has it", () => {
    const costs = /^\| 15 minutes \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|/m.exec(page("cost.md"))?.slice(1) ?? [];
    const now = /^\| Now \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|/m.exec(section)?.slice(1);
    expect(now).toEqual(costs);
  });

  it.runIf(hasOldProgram())("has the rights and the cost before from that program itself", () => {
    const old = execFileSync("git", ["show", `${oldCommit}:README.md`], { cwd: root, encoding: "utf8" });
    const table = old.split("The function's role, complete:")[1]?.split("\nIn a terminal")[0] ?? "";
    const rows = [...table.matchAll(/^\| (`[^|]+) \|[^|]*\| ([^|]*)\|$/gm)].filter(
      ([, , why = ""]) => !/With `muteTags` only|kmsKeyArn|To use what it encrypts/.test(why),
    );
    const actions = new Set(
      rows.flatMap(([, text = ""]) => [...text.matchAll(/`([^`]+)`/g)].map(([, action = ""]) => action)),
    );
    expect([...actions].toSorted()).toEqual([...new Set(before.map((right) => right.split(" ")[0] ?? ""))].toSorted());
    const costs = /^\| 15 minutes \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|/m.exec(old)?.slice(1);
    expect(/^\| Before \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|/m.exec(section)?.slice(1)).toEqual(costs);
  });
});

describe("what somebody built on the first program", () => {
  it.runIf(hasOldProgram())("finds every metric under the name that it had", () => {
    const names = (text: string) => [...text.matchAll(/name: "(\w+)", unit/g)].map(([, name]) => name);
    const old = execFileSync("git", ["show", `${oldCommit}:lambda/tell/metrics.ts`], { cwd: root, encoding: "utf8" });
    const now = readFileSync(join(root, "lambda/telemetry/metrics.ts"), "utf8");
    expect(names(old).length).toBeGreaterThan(8);
    expect(names(old).filter((name) => !names(now).includes(name))).toEqual([]);
  });

  it("keeps its mutes: the setting is read as before", () => {
    const mutes = [
      { origin: "api.example.com", until: "2099-12-31", reason: "is being moved" },
      { distribution: "E1EXAMPLE", code: "certificate-expiring", until: "2099-01-01T00:00:00Z", reason: "known" },
    ];
    expect(readConfig({ alertEmail: "a@example.com", mutes: JSON.stringify(mutes) }).mutes).toMatchObject([
      { origin: "api.example.com", until: "2100-01-01T00:00:00.000Z" },
      { distribution: "E1EXAMPLE", code: "certificate-expiring", until: "2099-01-01T00:00:00.000Z" },
    ]);
  });
});
