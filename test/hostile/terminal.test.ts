import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { type CheckRun, runCommand } from "../terminal/run-check.ts";
import { commandLines } from "./runners.ts";

// Whatever a configuration, a certificate or a server says, and whichever command reads it: a runner of pipelines finds
// no command in what comes out.

const names = [
  "x##[set-output name=verdict]healthy",
  "y##vso[task.setvariable variable=verdict]healthy",
  "::set-output name=verdict::healthy",
  "  ::add-mask::FAILING",
  "###[error]x",
];
/** What JSON can hold, and the XML of AWS's answers cannot. */
const broken = ["a\n::stop-commands::x", "b\r\n ::error::x", "c\u2028::debug::x", "d\u0085::debug::x", "\u001b[1m::x"];

let folder: string;
let dns: DnsServer;
let aws: AwsEndpoint;
let origins: readonly Listener[];
let caFile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "origin-watch-hostile-"));
  const root = await createAuthority({ name: names[0] ?? "" });
  const authority = await root.intermediate({ name: names[1] ?? "" });
  const leaf = await authority.leaf({
    names: [names[2] ?? "", names[3] ?? ""],
    commonName: names[2] ?? "",
    aia: "http://ca.test/##[group]",
  });
  origins = await Promise.all([
    startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem }),
    startTlsOrigin({
      chain: [leaf.certificatePem, authority.certificatePem, root.certificatePem],
      keyPem: leaf.keyPem,
    }),
    startRawOrigin({ kind: "reply", bytes: "##[set-output name=a]b\r\n::error::c\r\n" }),
  ]);
  caFile = join(folder, "ca.pem");
  writeFileSync(caFile, root.certificatePem);
  dns = await startDnsServer({ "a.test": { A: ["127.0.0.1"] } });
  aws = await startAwsEndpoint({ distributions: names.map((name) => distributionOf(name)) });
});
afterAll(async () => {
  await Promise.all([...origins.map((origin) => origin.close()), dns.close(), aws.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** A distribution that has the text wherever a text may be, with origins that fail. */
function distributionOf(text: string) {
  const reached = origins.map(({ port }, index) => ({ ...customOrigin("a.test", port), Id: `${text}${index}` }));
  const outline = {
    id: text,
    comment: text,
    aliases: [text, `*.${text}`],
    origins: [...reached, { ...customOrigin(text, 443), Id: text }],
    defaultBehavior: { target: text },
    behaviors: reached.map(({ Id }, index) => ({
      pathPattern: `/${index}${text}`,
      target: Id,
      originRequestPolicy: "AllViewer",
    })),
  };
  const made = distribution(outline, "123456789012");
  const unknown = { ...made.DefaultCacheBehavior!, CachePolicyId: text, ViewerProtocolPolicy: text as never };
  return { ...made, DomainName: text, DefaultCacheBehavior: unknown, PriceClass: text as never };
}

function saved(name: string, value: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
}

function templateOf(text: string) {
  const origin = (Id: string, DomainName: unknown, HTTPSPort: number) => ({
    Id,
    DomainName,
    CustomOriginConfig: { OriginProtocolPolicy: "https-only", HTTPSPort, OriginSSLProtocols: ["TLSv1.2", text] },
  });
  const behavior = { TargetOriginId: text, ViewerProtocolPolicy: "https-only", CachePolicyId: { Ref: text } };
  const config = {
    Enabled: true,
    Comment: text,
    Aliases: [text],
    Origins: [origin(text, "a.test", origins[0]?.port ?? 0), origin("b", { Ref: text }, 443)],
    DefaultCacheBehavior: behavior,
    CacheBehaviors: [{ ...behavior, PathPattern: text, TargetOriginId: "b" }],
  };
  return {
    Parameters: { [text]: { Type: "String" } },
    Resources: { [text]: { Type: "AWS::CloudFront::Distribution", Properties: { DistributionConfig: config } } },
  };
}

const intoTheBox = () => ["--dns-server", dns.address, "--ca", caFile, "--allow-private"];

async function run(...args: readonly string[]): Promise<CheckRun> {
  return await runCommand([...args, ...intoTheBox()], { environment: { ...aws.environment, FORCE_COLOR: "0" } });
}

/** @param more with which a command says nothing as long as nothing changes */
function expectHarmless({ stdout, stderr }: CheckRun, more: readonly string[]): void {
  if (!more.includes("--for")) expect(`${stdout}${stderr}`.length).toBeGreaterThan(100);
  expect(commandLines(stdout)).toEqual([]);
  expect(commandLines(stderr)).toEqual([]);
  if (!more.includes("--json")) return;
  for (const line of stdout.split("\n").filter(Boolean)) expect(() => JSON.parse(line) as unknown).not.toThrow();
}

const modes = [[], ["--json"]];
const tails = [
  { command: "check", more: [] },
  { command: "explain", more: ["--origin", "a.test"] },
  { command: "what-if", more: ["--protocols", "TLSv1", "--forward-host"] },
  { command: "watch", more: ["--for", "1"] },
];
const cases = tails.flatMap(({ command, more }) => modes.map((mode) => ({ command, more: [...more, ...mode] })));

describe("no command of a runner comes out of", () => {
  it.each(cases)("$command account $more", async ({ command, more }) => {
    expectHarmless(await run(command, "account", ...more), more);
  });

  it.each(cases)("$command config $more", async ({ command, more }) => {
    const items = [...names, ...broken].map((text) => distributionOf(text));
    const file = saved("##[group]list.json", { DistributionList: { Items: items } });
    expectHarmless(await run(command, "config", file, ...more), more);
  });

  it.each(cases)("$command template $more", async ({ command, more }) => {
    const all = [...names, ...broken].map(templateOf);
    const template = {
      Parameters: Object.assign({}, ...all.map(({ Parameters }) => Parameters)),
      Resources: Object.assign({}, ...all.map(({ Resources }) => Resources)),
    };
    expectHarmless(await run(command, "template", saved("##[group]site.json", template), ...more), more);
  });

  it.each(cases.filter(({ command }) => command !== "what-if"))("$command origin $more", async ({ command, more }) => {
    const own = command === "explain" ? more.slice(2) : more;
    for (const { port } of origins) expectHarmless(await run(command, "origin", `a.test:${port}`, ...own), own);
  });

  it("files for others", async () => {
    const file = saved("list.json", {
      DistributionList: { Items: [...names, ...broken].map((text) => distributionOf(text)) },
    });
    const [xml, page] = [join(folder, "junit.xml"), join(folder, "report.html")];
    await run("check", "config", file, "--junit", xml, "--report", page);
    expect(commandLines(readFileSync(xml, "utf8"))).toEqual([]);
    expect(readFileSync(page, "utf8")).not.toMatch(/##\s*\w*\[/);
  });

  it.each([
    ["##[group]x"],
    ["check", "##[group]x"],
    ["check", "account", "--##[group]x"],
    ["check", "account", "--sort", "##[group]x"],
    ["check", "account", "--profile", "\n::error::x"],
    ["check", "config", "/nonexistent/\n::error::##[group]x"],
    ["check", "template", "/nonexistent/##[group]x", "--parameter", "##[group]x=y"],
    ["check", "origin", "##[group]x"],
    ["explain", "account", "--origin", "##[group]x"],
    ["explain", "account", "--distribution", "\n::error::x"],
    ["what-if", "account", "--https-only", "--distribution", "##[group]x"],
    ["watch", "origin", "a.test", "--until", "\n::error::x"],
  ])("a wrong command line: %j %j %j %j %j", async (...args) => {
    const { stdout, stderr } = await runCommand(
      args.filter((arg) => arg !== undefined),
      { environment: aws.environment },
    );
    expect(stderr).not.toBe("");
    expect(commandLines(`${stdout}\n${stderr}`)).toEqual([]);
  });
});

it("has one place that writes to a terminal", () => {
  const bin = join(import.meta.dirname, "..", "..", "bin", "terminal");
  const writing = readdirSync(bin, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => /\b(?:stdout|stderr)\.write\(|\bconsole\./.test(readFileSync(join(bin, path), "utf8")));
  expect(writing).toEqual([join("output", "print.ts")]);
});
