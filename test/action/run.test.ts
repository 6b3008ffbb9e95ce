import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hostileTexts } from "../hostile/texts.ts";
import { type Account, startAccount } from "../sandbox/account.ts";
import { SECRET_MARKER } from "../sandbox/account-distributions.ts";
import { obeyed, outputsIn } from "../terminal/output/github-runner.ts";

// The action as a runner starts it: the file that action.yml names, in the folder of the checkout, with the inputs in the
// environment. test/action/bundle.test.ts holds that the file is what the sources make.

const root = join(import.meta.dirname, "..", "..");
type Described = Readonly<Record<string, { readonly default?: string }>>;
const { inputs: described, runs } = load(readFileSync(join(root, "action.yml"), "utf8")) as {
  readonly inputs: Described;
  readonly runs: { readonly main: string };
};

let account: Account;
let workspace: string;
beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account.close());
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "origin-watch-action-"));
  return () => rmSync(workspace, { recursive: true, force: true });
});

/** @param given inputs; those of the box are added unless they are given */
async function step(given: Readonly<Record<string, string>>, environment: object = {}) {
  const box = { "dns-servers": account.dns.address, "ca-file": account.caFile, "allow-private": "true" };
  const defaults = Object.entries(described).map(([name, input]) => [name, input.default ?? ""] as const);
  const inputs = { ...Object.fromEntries(defaults), ...box, ...given };
  const files = { output: `${workspace}-output`, summary: `${workspace}-summary` };
  for (const file of Object.values(files)) writeFileSync(file, "");
  const child = spawn(process.execPath, [join(root, runs.main)], {
    cwd: workspace,
    env: {
      PATH: process.env.PATH,
      HOME: workspace,
      AWS_EC2_METADATA_DISABLED: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...environment,
    },
  });
  const read = async (stream: NodeJS.ReadableStream) => {
    let all = "";
    for await (const chunk of stream) all += String(chunk);
    return all;
  };
  const closed = once(child, "close") as Promise<[number]>;
  const [stdout, stderr, [status]] = await Promise.all([read(child.stdout), read(child.stderr), closed]);
  const outputs = outputsIn(readFileSync(files.output, "utf8"));
  const summary = readFileSync(files.summary, "utf8");
  for (const file of Object.values(files)) rmSync(file);
  expect(stdout + stderr + summary).not.toContain(SECRET_MARKER);
  return { status, stdout, stderr, outputs, summary, commands: [...obeyed(stdout), ...obeyed(stderr)] };
}

const portOf = (domain: string) => account.origins.find((origin) => origin.domain === domain)!.port;

/** A template with one distribution, whose origins are these of the box. */
function template(domains: readonly string[], names: { readonly id?: string; readonly path?: string } = {}): string {
  const id = (index: number) => `${names.id ?? "origin"}${index}`;
  const behavior = { ViewerProtocolPolicy: "https-only", CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6" };
  const config = {
    Enabled: true,
    Comment: names.id ?? "",
    Origins: domains.map((DomainName, index) => ({
      Id: id(index),
      DomainName,
      CustomOriginConfig: {
        OriginProtocolPolicy: "https-only",
        HTTPSPort: portOf(DomainName),
        OriginSSLProtocols: ["TLSv1.2"],
      },
    })),
    DefaultCacheBehavior: { ...behavior, TargetOriginId: id(0) },
    CacheBehaviors: domains.slice(1).map((_, index) => ({
      ...behavior,
      TargetOriginId: id(index + 1),
      PathPattern: `${names.path ?? "/"}${index + 1}`,
    })),
  };
  return JSON.stringify({
    Resources: { Site: { Type: "AWS::CloudFront::Distribution", Properties: { DistributionConfig: config } } },
  });
}

function write(name: string, text: string): void {
  writeFileSync(join(workspace, name), text);
}

describe("the action", () => {
  it("passes where all is well, and says so", async () => {
    write("site.json", template(["healthy.box.test"]));
    const ran = await step({ source: "template", path: "site.json" });
    expect(ran).toMatchObject({ status: 0, stderr: "", commands: [] });
    expect(ran.outputs).toEqual({
      verdict: "healthy",
      failing: "0",
      "at-risk": "0",
      unknown: "0",
      healthy: "1",
      skipped: "0",
      unread: "0",
      "sarif-file": "",
      "junit-file": "",
      "report-file": "",
    });
    expect(ran.summary).toContain("0 failing, 0 at-risk, 0 unknown, 1 healthy");
  });

  it("fails for an origin that answers 502: annotated, in the summary, and in each file that is asked for", async () => {
    mkdirSync(join(workspace, "cdk.out"));
    write("cdk.out/Site.template.json", template(["healthy.box.test", "incomplete.box.test"]));
    const files = { "sarif-file": "out.sarif", "junit-file": "out.xml", "report-file": "out.html" };
    const ran = await step({ source: "template", path: "cdk.out", ...files });
    expect(ran.status).toBe(1);
    expect(ran.outputs).toMatchObject({ verdict: "failing", failing: "1", healthy: "1", unread: "0", ...files });
    expect(ran.commands.map(({ name, properties, data }) => [name, properties.file, data.split("\n")[0]])).toEqual([
      ["error", "cdk.out/Site.template.json", expect.stringMatching(/^Cache misses get 502/)],
      ["error", undefined, "1 connection failing (fail-on is failing)"],
    ]);
    expect(ran.summary).toMatch(/^### CloudFront would answer 502 or 504\n/);
    const sarif = JSON.parse(readFileSync(join(workspace, "out.sarif"), "utf8"));
    expect(sarif.runs[0].results[0].ruleId).toBe("chain-incomplete");
    expect(readFileSync(join(workspace, "out.xml"), "utf8")).toContain("<failure");
    expect(readFileSync(join(workspace, "out.html"), "utf8")).toContain("incomplete.box.test");
    const never = await step({ source: "template", path: "cdk.out", "fail-on": "never" });
    expect([never.status, never.outputs.verdict]).toEqual([0, "failing"]);
  });

  it("reads a plan of Terraform, and the account by the credentials of the job", async () => {
    const plan = readFileSync(join(root, "test", "terminal", "terraform", "create.json"), "utf8");
    write("plan.json", plan);
    const ofPlan = await step({ source: "terraform", path: "plan.json", changed: "true" });
    expect([ofPlan.status, ofPlan.outputs.verdict]).toEqual([1, "failing"]);
    expect(ofPlan.stdout).not.toContain("canary");
    const ofAccount = await step({ source: "account", "fail-on": "never" }, account.aws.environment);
    expect([ofAccount.status, ofAccount.outputs.verdict, ofAccount.outputs.unread]).toEqual([0, "failing", "0"]);
    expect(ofAccount.stderr).toContain("the summary of a job in a public repository are public");
  });

  it("fails for what it could not read, unless that is allowed", async () => {
    mkdirSync(join(workspace, "cdk.out"));
    write("cdk.out/Site.template.json", template(["healthy.box.test"]));
    write("cdk.out/Broken.template.json", '{"Resources":{"Site":{"Type":"AWS::CloudFront::Distribution"');
    const part = await step({ source: "template", path: "cdk.out", "fail-on": "never" });
    expect([part.status, part.outputs.verdict, part.outputs.unread]).toEqual([1, "healthy", "1"]);
    expect(part.commands.at(-1)!.data).toMatch(/^a part of the input was not read or not checked \(allow-unread/);
    const allowed = await step({ source: "template", path: "cdk.out", "allow-unread": "true" });
    expect([allowed.status, allowed.outputs.verdict, allowed.outputs.unread]).toEqual([0, "healthy", "1"]);

    const whole = await step({ source: "terraform", path: "none.json", "fail-on": "never" });
    expect([whole.status, whole.outputs.verdict, whole.outputs.unread]).toEqual([1, "unread", "1"]);
    expect(whole.summary).toContain("not read");
    const anyway = await step({ source: "terraform", path: "none.json", "allow-unread": "true" });
    expect([anyway.status, anyway.outputs.verdict]).toEqual([0, "unread"]);

    write("empty.json", '{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}');
    const empty = await step({ source: "template", path: "empty.json" });
    expect([empty.status, empty.outputs.verdict]).toEqual([0, "skipped"]);
    expect(empty.commands).toMatchObject([
      { name: "warning", data: expect.stringMatching(/no CloudFront distribution/) },
    ]);
  });

  it("leaves out what is beyond the most connections, and fails for it", async () => {
    write("site.json", template(["healthy.box.test", "incomplete.box.test"]));
    const ran = await step({ source: "template", path: "site.json", "max-connections": "1" });
    expect([ran.status, ran.outputs.verdict, ran.outputs.unread]).toEqual([1, "healthy", "1"]);
    expect(ran.stderr).toContain("1 of 2 connections were not checked, because 1 are the most.");
  });

  it("refuses inputs that mean nothing, and runs none of them", async () => {
    const ran = await step({ source: "template", path: '"; touch ran #', "fail-on": "$(touch ran)" });
    expect(ran).toMatchObject({ status: 1, outputs: {}, summary: "" });
    expect(ran.commands.map(({ name, data }) => [name, data])).toEqual([
      ["error", 'fail-on: expected failing, at-risk, unknown or never, got "$(touch ran)"'],
    ]);
    const parameter = await step({ source: "template", path: "x", parameters: "none" });
    expect([parameter.status, parameter.commands[0]!.data]).toEqual([
      1,
      '--parameter: expected NAME=VALUE, got "none"',
    ]);
    expect(readdirSync(workspace)).toEqual([]);
  });

  it("writes nothing outside of the workspace, wherever the links of a checkout lead", async () => {
    const outside = mkdtempSync(join(tmpdir(), "origin-watch-outside-"));
    write("site.json", template(["healthy.box.test"]));
    symlinkSync(outside, join(workspace, "out"));
    writeFileSync(join(outside, "kept"), "kept");
    symlinkSync(join(outside, "kept"), join(workspace, "link.sarif"));
    for (const file of ["out/x.sarif", "link.sarif"]) {
      const ran = await step({ source: "template", path: "site.json", "sarif-file": file });
      expect([ran.status, ran.commands[0]!.data]).toEqual([1, "sarif-file: there is no such folder in the workspace"]);
    }
    expect(readdirSync(outside)).toEqual(["kept"]);
    expect(readFileSync(join(outside, "kept"), "utf8")).toBe("kept");
    rmSync(outside, { recursive: true });
  });

  it("takes nothing but its input from a checkout", async () => {
    write("site.json", template(["healthy.box.test"]));
    write("package.json", '{"type":"commonjs","main":"evil.js"}');
    write(".npmrc", "registry=http://127.0.0.1:1/\nnode-options=--require=./evil.js\n");
    const evil = 'require("node:fs").writeFileSync(__dirname + "/ran", "");';
    write("evil.js", evil);
    for (const name of ["esbuild", "js-yaml", "@aws-sdk/client-cloudfront", "dns-packet", "valibot"]) {
      mkdirSync(join(workspace, "node_modules", name), { recursive: true });
      write(`node_modules/${name}/index.js`, evil);
    }
    mkdirSync(join(workspace, "node_modules", ".bin"));
    write("node_modules/.bin/node", "#!/bin/sh\ntouch ran\n");
    expect(await step({ source: "template", path: "site.json" })).toMatchObject({ status: 0 });
    expect(existsSync(join(workspace, "ran"))).toBe(false);
  });
});

describe("an origin that leads into the network of the runner", () => {
  it("is not connected to", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    for (const [name, address] of [
      ["runner.box.test", "127.0.0.1"],
      ["metadata.box.test", "169.254.169.254"],
      ["azure.box.test", "168.63.129.16"],
      ["inside.box.test", "10.1.2.3"],
    ] as const) {
      account.dns.set(name, { A: [address] });
      const port = (server.address() as { port: number }).port;
      write(
        "site.json",
        template(["healthy.box.test"])
          .replaceAll("healthy.box.test", name)
          .replace(/(?<="HTTPSPort":)\d+/, `${port}`),
      );
      const ran = await step({ source: "template", path: "site.json", "allow-private": "false" });
      expect([name, ran.status, ran.stdout.includes("dns-private-address")]).toEqual([name, 1, true]);
    }
    expect(connections).toBe(0);
    server.close();
  });
});

describe("the names in a template", () => {
  it("are obeyed by no runner and add no output", async () => {
    // Those that a runner might obey; test/terminal/output has every text in every output.
    const hostile = [...hostileTexts.slice(0, 12), "x\nverdict=healthy", "x\nverdict<<end\nhealthy\nend"];
    for (const text of hostile) {
      write("site.json", template(["incomplete.box.test", "healthy.box.test"], { id: text, path: text }));
      const ran = await step({ source: "template", path: "site.json", "allow-unread": "true" });
      expect(ran.commands.filter(({ name }) => !["error", "warning", "notice"].includes(name))).toEqual([]);
      expect(Object.keys(ran.outputs)).toHaveLength(10);
      expect([text, ran.status, ran.outputs.verdict]).toEqual([text, 1, "failing"]);
    }
  });
});
