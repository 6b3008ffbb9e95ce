import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { App, Stack } from "aws-cdk-lib/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import flags from "../cdk.json" with { type: "json" };
import { OriginWatch } from "../lib/origin-watch.ts";
import { type Account, startAccount } from "./sandbox/account.ts";

const root = join(import.meta.dirname, "..");

let folder: string;
/** The package, unpacked where an installation puts it, in a project that has nothing else. */
let installed: string;
let tarball: string;
let account: Account;

beforeAll(async () => {
  account = await startAccount();
  folder = mkdtempSync(join(tmpdir(), "origin-watch-package-"));
  installed = join(folder, "node_modules", "origin-watch");
  // npm asks for its settings by name; what the test runs under is none of its business.
  const environment = { PATH: process.env.PATH, HOME: folder };
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: root,
    env: environment,
    stdio: "pipe",
  });
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
});
afterAll(async () => {
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}

function packedManifest(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Record<string, unknown>;
}

/** The command as installed. */
function run(...args: readonly string[]) {
  return runProgram(process.execPath, [join(installed, "dist", "origin-watch.js"), ...args], folder);
}

/** Not `spawnSync`: the origins are in this process and must answer meanwhile. */
async function runProgram(program: string, args: readonly string[], cwd: string, environment: object = {}) {
  const env = { PATH: process.env.PATH, HOME: folder, ...environment };
  const child = spawn(program, [...args], { cwd, env });
  const read = async (stream: NodeJS.ReadableStream) => {
    let all = "";
    for await (const chunk of stream) all += String(chunk);
    return all;
  };
  const closed = once(child, "close") as Promise<[number]>;
  const [stdout, stderr, [status]] = await Promise.all([read(child.stdout), read(child.stderr), closed]);
  return { status, stdout, stderr };
}

describe("the package", () => {
  it("holds what is built and nothing of what it is built from", () => {
    const folders = new Set(files(installed).map((file) => file.split("/").slice(0, 2).join("/")));
    expect([...folders].toSorted()).toEqual([
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY-LICENSES.txt",
      "dist/command",
      "dist/handlers",
      "dist/lambda",
      "dist/lib",
      "dist/origin-watch.js",
      "package.json",
      "schemas/connection-record.schema.json",
      "schemas/event.schema.json",
    ]);
    expect(files(installed).filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))).toEqual([]);
  });

  it("tells nothing of the machine that it was built on", () => {
    for (const file of files(installed)) {
      expect([file, readFileSync(join(installed, file), "utf8").includes(root)]).toEqual([file, false]);
    }
  });

  it("says of itself what holds for who installs it, and nothing of the clone", () => {
    const manifest = packedManifest();
    expect(Object.keys(manifest).toSorted()).toEqual([
      "bin",
      "description",
      "engines",
      "exports",
      "keywords",
      "license",
      "name",
      "peerDependencies",
      "peerDependenciesMeta",
      "private",
      "type",
      "version",
    ]);
    expect(manifest.keywords).toContain("cloudfront");
  });

  it("names the least Node that its command runs on", () => {
    const { node } = packedManifest().engines as { node: string };
    const [, least = ""] = /^>=(\d+\.\d+)$/.exec(node) ?? [];
    expect(readFileSync(join(installed, "dist", "origin-watch.js"), "utf8")).toContain(`Node ${least} or newer`);
  });

  it("needs no other package to be installed, and little room", () => {
    const manifest = packedManifest();
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("optionalDependencies");
    expect(manifest.peerDependenciesMeta).toEqual({
      "aws-cdk-lib": { optional: true },
      constructs: { optional: true },
    });
    const bytes = files(installed).reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
    expect(bytes).toBeLessThan(10_000_000);
    const page = readFileSync(join(root, "docs", "benchmarks.md"), "utf8");
    const [, packed, unpacked] = /Tarball: ([\d.]+) MB\. Installed: ([\d.]+) MB/.exec(page) ?? [];
    // A tenth more or less is no news; beyond that somebody has to run `npm run bench:package` again.
    for (const [said, is] of [
      [packed, statSync(tarball).size],
      [unpacked, bytes],
    ] as const) {
      expect(Math.abs(Number(said) - is / 1e6)).toBeLessThan(0.05 + is / 1e7);
    }
  });
});

describe("the command of the package", () => {
  it("shows its help and its version", async () => {
    expect(await run("--help")).toMatchObject({ status: 0, stderr: "" });
    expect((await run("check", "--help")).stdout).toContain("origin-watch check account");
    expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await run("chekc")).toMatchObject({ status: 2, stdout: "" });
  });

  it("knows how to sign in to AWS, and says when it is not", async () => {
    const { status, stderr } = await run("check", "account");
    expect([status, stderr]).toEqual([2, expect.stringContaining("Not signed in to AWS: Could not load credentials")]);
  });

  it.each([
    ["healthy", "check", 0],
    ["incomplete", "explain", 1],
  ])("looks at the origin %s with %s", async (name, command, status) => {
    const { domain, port } = account.origins.find((origin) => origin.domain === `${name}.box.test`)!;
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
    const { stdout, ...result } = await run(command, "origin", `${domain}:${port}`, ...box);
    expect(result).toEqual({ status, stderr: "" });
    expect(stdout).toContain(domain);
  });
});

describe("npx with the tarball", () => {
  it("checks an origin from a folder that has nothing else, without a registry", async () => {
    const empty = mkdtempSync(join(tmpdir(), "origin-watch-empty-"));
    copyFileSync(tarball, join(empty, basename(tarball)));
    const { domain, port } = account.origins.find((origin) => origin.domain === "incomplete.box.test")!;
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
    const command = ["--yes", `./${basename(tarball)}`, "check", "origin", `${domain}:${port}`, ...box];
    // npx starts with the Node that is first in PATH, and so does what it runs.
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    const ran = await runProgram("npx", command, empty, { PATH: path, npm_config_offline: "true" });
    expect([ran.status, ran.stdout]).toEqual([1, expect.stringContaining("chain-incomplete")]);
    expect(readdirSync(empty)).toEqual([basename(tarball)]);
    rmSync(empty, { recursive: true });
  });

  const page = readFileSync(join(root, "docs", "pipelines.md"), "utf8");
  const documented = [...page.matchAll(/npx --yes \S*origin-watch-\S+\.tgz ((?:check|what-if) [^|\n]*)/g)].map(
    ([, command = ""]) => command.trim(),
  );

  it("is what docs/pipelines.md runs", () => {
    expect(documented.length).toBeGreaterThan(3);
  });

  it.each(documented)("runs `%s` from a folder that has nothing but its input", async (command) => {
    const empty = mkdtempSync(join(tmpdir(), "origin-watch-pipeline-"));
    mkdirSync(join(empty, "cdk.out"));
    copyFileSync(tarball, join(empty, basename(tarball)));
    const { domain, port } = account.origins.find((origin) => origin.domain === "incomplete.box.test")!;
    writeFileSync(join(empty, "cdk.out", "Site.template.json"), templateOf(domain, port));
    writeFileSync(join(empty, "plan.json"), planOf(domain, port));
    const box = `--dns-server ${account.dns.address} --ca "${account.caFile}" --allow-private`;
    const script = `npx --yes "./${basename(tarball)}" ${command} ${box} < plan.json`;
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    const environment = { PATH: path, npm_config_offline: "true", CI_PROJECT_DIR: empty };
    const ran = await runProgram("bash", ["-c", script], empty, environment);
    // Of what fails already, a change makes nothing worse.
    const expected = command.startsWith("what-if") ? [0, "already fails"] : [1, "chain-incomplete"];
    expect([ran.status, ran.stderr, ran.stdout]).toEqual([
      expected[0],
      "",
      expect.stringContaining(String(expected[1])),
    ]);
    rmSync(empty, { recursive: true });
  });

  it("says which Node is needed to one that is older", async () => {
    const older = "Object.defineProperty(process, 'versions', { value: { node: '22.14.0' } });";
    const preload = `--import=data:text/javascript,${encodeURIComponent(older)}`;
    const ran = await runProgram(process.execPath, [preload, join(installed, "dist", "origin-watch.js")], folder);
    expect(ran).toEqual({
      status: 2,
      stdout: "",
      stderr: "origin-watch: Node 22.15 or newer is needed, this is 22.14.0\n",
    });
  });
});

describe("the construct of the package", () => {
  it("makes what the one of the clone makes, from functions that are ready", () => {
    for (const name of ["aws-cdk-lib", "constructs"]) {
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
    }
    const program = `
      import { App, Stack } from "aws-cdk-lib";
      import { OriginWatch } from "origin-watch";
      const app = new App({ outdir: "cdk.out", context: ${JSON.stringify(flags.context)} });
      new OriginWatch(new Stack(app, "Mine"), "Watch", { alertEmails: ["ops@example.com"], securityHub: true });
      app.synth();
    `;
    writeFileSync(join(folder, "app.mjs"), program);
    execFileSync(process.execPath, ["app.mjs"], { cwd: folder, stdio: "pipe" });
    const made = JSON.parse(readFileSync(join(folder, "cdk.out", "Mine.template.json"), "utf8")) as object;
    const stack = new Stack(new App({ context: flags.context }), "Mine");
    new OriginWatch(stack, "Watch", { alertEmails: ["ops@example.com"], securityHub: true });
    // The bytes of the functions are the same, so their hashes are too.
    expect(made).toEqual(Template.fromStack(stack).toJSON());
  });

  it("has types", () => {
    const source = `import { OriginWatch, type OriginWatchProps } from "origin-watch";
      import { Stack } from "aws-cdk-lib";
      const props: OriginWatchProps = { memoryMb: 512 };
      export const topicArn: string = new OriginWatch(new Stack(), "Watch", props).topic.topicArn;
      // @ts-expect-error there is no such property
      export const wrong: OriginWatchProps = { memory: 512 };
    `;
    writeFileSync(join(folder, "consumer.mts"), source);
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const options = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--types",
      "",
    ];
    const checked = spawnSync(process.execPath, [tsc, ...options, "consumer.mts"], { cwd: folder, encoding: "utf8" });
    expect([checked.status, checked.stdout]).toEqual([0, ""]);
  });
});

/** A template with one distribution on this origin. */
function templateOf(domain: string, port: number): string {
  const CustomOriginConfig = { HTTPSPort: port, OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"] };
  const DistributionConfig = {
    Enabled: true,
    Aliases: ["www.example.com"],
    Origins: [{ Id: "app", DomainName: domain, CustomOriginConfig }],
    DefaultCacheBehavior: { TargetOriginId: "app", ViewerProtocolPolicy: "https-only" },
  };
  return JSON.stringify({
    Resources: { Site: { Type: "AWS::CloudFront::Distribution", Properties: { DistributionConfig } } },
  });
}

/** The same as a plan of Terraform. */
function planOf(domain: string, port: number): string {
  const custom_origin_config = [
    { https_port: port, http_port: 80, origin_protocol_policy: "https-only", origin_ssl_protocols: ["TLSv1.2"] },
  ];
  const after = {
    enabled: true,
    origin: [{ origin_id: "app", domain_name: domain, custom_origin_config }],
    default_cache_behavior: [{ target_origin_id: "app", viewer_protocol_policy: "https-only" }],
  };
  const type = "aws_cloudfront_distribution";
  const resource = {
    address: `${type}.site`,
    mode: "managed",
    type,
    name: "site",
    change: { actions: ["create"], after },
  };
  return JSON.stringify({ format_version: "1.2", resource_changes: [resource] });
}
