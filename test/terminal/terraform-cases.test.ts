import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { checkInProcess } from "./check-in-process.ts";
import { type Case, connectionCases } from "./connection-cases.ts";
import { runCommand } from "./run-check.ts";

// The files are made by hand, in the shapes of https://developer.hashicorp.com/terraform/internals/json-format and of
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudfront_distribution.

const folder = join(import.meta.dirname, "terraform");
const { check, temporary, dnsServer } = connectionCases("terraform", folder);

type Plan = { readonly resource_changes: readonly { readonly type: string }[] };

const waits = (name: string) => `unknown <${name}> template-value-unresolved`;
const cdn = "aws_cloudfront_distribution.cdn";

const cases: Readonly<Record<string, Case | [Case, Case]>> = {
  "create.json": { status: 1, rows: ["app.example.com"] },
  "update.json": { status: 1, rows: ["new.example.com"] },
  "replace.json": { status: 1, rows: ["app.example.com as shop.example.com"] },
  // Deleted, forgotten and deposed ones are not checked.
  "delete.json": { status: 1, rows: ["kept.example.com"] },
  "import.json": [
    { status: 1, rows: ["app.example.com"] },
    {
      status: 0,
      rows: [],
      args: ["--changed"],
      said: /: nothing to check: 1 CloudFront distribution stays as before, and --changed leaves out what the plan does not change\n$/,
    },
  ],
  "moved.json": { status: 1, rows: ["app.example.com"] },
  // The policy comes through two calls and an output.
  "modules.json": { status: 1, rows: ["a.example.com as www.a.example.com", "c.example.com as www.c.example.com"] },
  "count.json": { status: 1, rows: ["app0.example.com", "app1.example.com", "eu.example.com"] },
  "policy-created.json": { status: 1, rows: ["app.example.com as shop.example.com", "api.example.com"] },
  "policy-either.json": { status: 3, rows: ["unknown app.example.com policy-unresolved"] },
  // Of the first, every instance says the same.
  "policy-for-each.json": {
    status: 1,
    rows: ["app.example.com as shop.example.com", "unknown api.example.com policy-unresolved"],
  },
  "policy-changes.json": [
    {
      status: 1,
      rows: [
        "app.example.com as shop.example.com",
        "at-risk app.example.com as d111111abcdef8.cloudfront.net",
        "other.example.com",
      ],
    },
    {
      status: 1,
      rows: ["app.example.com as shop.example.com", "at-risk app.example.com as d111111abcdef8.cloudfront.net"],
      args: ["--changed"],
    },
  ],
  // Each origin finds its source by what is constant in it, in whichever order the set comes.
  "domain-unknown.json": {
    status: 1,
    rows: [waits("aws_apigatewayv2_api.http.api_endpoint"), waits("aws_lb.web.dns_name"), "static.example.com"],
  },
  // What waits for one thing need not become the same.
  "domain-unknown-twice.json": {
    status: 3,
    rows: [waits("aws_route53_zone.z.name"), waits(`aws_route53_zone.z.name for ${cdn}.origin[1].domain_name`)],
  },
  // Where a value of a loop comes from, the loop says.
  "each-value.json": {
    status: 3,
    rows: [waits("aws_cloudfront_cache_policy.p.id and aws_lb.web.dns_name"), waits("aws_lb.of.dns_name")],
  },
  "bucket-unknown.json": { status: 0, rows: ["skipped <aws_s3_bucket.b.bucket_regional_domain_name> s3-origin"] },
  "alias-unknown.json": {
    status: 1,
    rows: ["app.example.com as shop.example.com", "unknown app.example.com viewer-host-unknown"],
  },
  // Headers that are not set are unknown to a plan all the same; in a dynamic block nobody can tell.
  "forwarded-values.json": {
    status: 1,
    rows: [
      "app.example.com",
      "unknown dynamic.example.com template-value-unresolved",
      "host.example.com as shop.example.com",
    ],
  },
  "data-sources.json": {
    status: 1,
    rows: ["app.example.com as shop.example.com", "unknown late.example.com policy-unresolved"],
  },
  "sensitive.json": {
    status: 1,
    rows: [
      waits(`${cdn}.origin[0].domain_name (marked sensitive)`),
      "ok.example.com",
      waits("aws_cloudfront_distribution.all.origin (marked sensitive)"),
    ],
    said: /^origin-watch: aws_cloudfront_distribution\.all: Terraform marks all origins as sensitive/,
  },
  "dynamic-unknown.json": { status: 3, rows: [waits(`${cdn}.origin`)] },
  "dynamic-known.json": {
    status: 1,
    rows: ["a.example.com", "b.example.com:8080", waits(`${cdn}.origin[2].domain_name`)],
  },
  "opentofu.json": { status: 1, rows: ["app.example.com"] },
  "vpc-origin.json": {
    status: 1,
    rows: [
      "unknown internal.example.com:8443 vpc-origin",
      "app.example.com",
      "skipped files.s3.eu-west-1.amazonaws.com s3-origin",
    ],
  },
  // Viewers reach the staging distribution by the names of its primary.
  "staging.json": {
    status: 1,
    rows: [
      "next.example.com as shop.example.com",
      "at-risk next.example.com as d111111abcdef8.cloudfront.net",
      "app.example.com as shop.example.com",
      "at-risk app.example.com as d111111abcdef8.cloudfront.net",
    ],
  },
  "tenants.json": {
    status: 1,
    rows: ["one.example.com as one.example.org", "shared.example.com as two.example.org"],
    said: /aws_cloudfront_distribution_tenant\.stray is a tenant of a distribution that is not in the file/,
  },
  "state.json": [
    {
      status: 1,
      rows: ["app.example.com as shop.example.com", "at-risk app.example.com as d111111abcdef8.cloudfront.net"],
    },
    { status: 2, rows: [], args: ["--changed"], said: /--changed goes with a plan, and this is a state/ },
  ],
  "state-sensitive.json": { status: 3, rows: [waits(`${cdn}.origin[0].domain_name (marked sensitive)`)] },
  "incomplete.json": { status: 1, rows: ["app.example.com"], said: /the plan says that it is not complete/ },
  "foreign-provider.json": { status: 3, rows: [], said: /is of another provider than hashicorp\/aws and is not read/ },
  "errored.json": { status: 2, rows: [], said: /Terraform could not finish this plan/ },
  "wrong-types.json": {
    status: 1,
    rows: ["unknown b.example.com:0 origin-invalid", "b.example.com:80"],
    said: /origin\[1\]\.custom_origin_config\.https_port: expected a port number, got a string/,
  },
};

describe("check terraform", () => {
  it("has a case for each file", () => {
    expect(readdirSync(folder).toSorted()).toEqual(Object.keys(cases).toSorted());
  });

  it.each(
    Object.entries(cases).flatMap(([file, some]) =>
      (Array.isArray(some) ? some : [some]).map((each) => ({ file, args: each.args ?? [], each })),
    ),
  )("reads $file $args", async ({ file, args, each: { status, rows, said } }) => {
    const run = await check(file, ...args);
    expect(run.rows).toEqual(rows);
    expect(run.status).toBe(status);
    if (said === undefined) expect(run.stderr).toBe("");
    else expect(run.stderr).toMatch(said);
    // Header values, sensitive values, and text in a place where no text is expected.
    expect(run.stdout + run.stderr).not.toMatch(/canary/);
  });

  it("names what an alias and a policy wait for", async () => {
    const ofAlias = (await check("alias-unknown.json")).stdout;
    expect(ofAlias).toContain("They follow from aws_acm_certificate.c.domain_name.");
    const ofPolicy = (await check("policy-either.json")).stdout;
    expect(ofPolicy).toContain("aws_cloudfront_cache_policy.host.id and aws_cloudfront_cache_policy.plain.id");
  });

  it.each([
    [
      "PK\u0003\u0004\u0000\u0000tfplan",
      /this is a plan as Terraform itself reads it: run `terraform show -json FILE`/,
    ],
    [
      '{"version":4,"terraform_version":"1.9.8","serial":3,"resources":[]}',
      /keeps its state: run `terraform show -json`/,
    ],
    [
      '{"format_version":"2.0","planned_values":{}}',
      /its format_version is 2\.0, and 1\.x is read: what wrote it is newer than .*look for a newer one/,
    ],
    [
      '{"format_version":"0.2","planned_values":{}}',
      /its format_version is 0\.2, and 1\.x is read: run `terraform show/,
    ],
    ['{"format_version":"canary","planned_values":{}}', /its format_version is another one, and 1\.x is read/],
    [
      '{"@level":"info","@message":"x"}\n{"@level":"info"}\n',
      /this is the log of a run, and no plan: run `terraform plan -out/,
    ],
    ['resource "aws_lb" "web" {}', /it is no plan in JSON; run `terraform plan -out=FILE`/],
    ['{"resource":{"aws_lb":{}}}', /this is a configuration of Terraform, and no plan of it/],
    ["", /it is empty/],
    [
      '{"Resources":{"Cdn":{"Type":"AWS::CloudFront::Distribution"}}}',
      /a template of CloudFormation: give it to `check template`/,
    ],
    ['{"DistributionList":{"Items":[]}}', /give an answer of CloudFront's API to `check config`/],
    ['{"version":3,"deployment":{"resources":[]}}', /a state of Pulumi, which is not read; give the output of/],
    ['{"config":{},"steps":[],"changeSummary":{"create":1}}', /a preview of Pulumi, which is not read/],
    ['{"configurationItems":[]}', /an export of AWS Config, which is not read; give the output of/],
    ['[{"default_cache_behavior":{},"origins":[]}]', /an export of Steampipe, which is not read; give the output of/],
    ['{"something":"canary"}', /it is no plan and no state of Terraform or OpenTofu/],
    [`{"format_version":"1.2","planned_values":${"[".repeat(300)}${"]".repeat(300)}}`, /it is nested too deeply/],
  ])("says what to give in place of %j", async (text, said) => {
    const file = join(temporary, "given");
    writeFileSync(file, text);
    const run = await check(file);
    expect({ status: run.status, out: run.stdout }).toEqual({ status: 2, out: "" });
    expect(run.stderr).toMatch(said);
    expect(run.stderr.split("\n")).toHaveLength(2);
    expect(run.stderr).not.toMatch(/canary/);
  });

  it("follows a value through modules that are nested ten deep", async () => {
    const path = Array.from({ length: 10 }, (_, depth) => `module.m${depth}`).join(".");
    const site = { mode: "managed", type: "aws_cloudfront_distribution", name: "cdn" };
    const settings = [{ origin_protocol_policy: "https-only", origin_ssl_protocols: ["TLSv1.2"] }];
    const after = {
      enabled: true,
      origin: [{ origin_id: "app", custom_origin_config: settings }],
      default_cache_behavior: [{ target_origin_id: "app", viewer_protocol_policy: "https-only" }],
    };
    const expressions = {
      origin: [{ origin_id: { constant_value: "app" }, domain_name: { references: ["var.host"] } }],
    };
    const host = (of: string) => ({ expressions: { host: { references: [of] } } });
    let module: object = { resources: [{ ...site, address: `${site.type}.${site.name}`, expressions }] };
    for (let depth = 9; depth > 0; depth -= 1) {
      module = { module_calls: { [`m${depth}`]: { ...host("var.host"), module } }, variables: { host: {} } };
    }
    const lb = { mode: "managed", type: "aws_lb", name: "web", address: "aws_lb.web" };
    const root_module = {
      resources: [{ ...lb, expressions: {} }],
      module_calls: { m0: { ...host("aws_lb.web.dns_name"), module } },
    };
    const change = { actions: ["create"], after, after_unknown: { origin: [{ domain_name: true }] } };
    const file = join(temporary, "nested.json");
    const resource_changes = [{ ...site, address: `${path}.${site.type}.${site.name}`, change }];
    writeFileSync(file, JSON.stringify({ format_version: "1.2", resource_changes, configuration: { root_module } }));
    const run = await check(file);
    expect([run.rows, run.stderr, run.status]).toEqual([[waits("aws_lb.web.dns_name")], "", 3]);
    expect(run.records[0]?.uses[0]?.distributionId).toBe(`${path}.${site.type}.${site.name}`);
  });

  it.each([
    "\u65e5\u672c",
    "\u05e2\u05d1\u05e8\u05d9\u05ea",
    "caf\u00e9 e\u0301",
    "\u{1f680}",
    "\u202egnp.exe",
    "\u200b\u0000",
    "\ud800",
  ])("reads a resource that is called %j, and shows it as text", async (key) => {
    const [resource] = (JSON.parse(readFileSync(join(folder, "create.json"), "utf8")) as Plan).resource_changes.filter(
      ({ type }) => type === "aws_cloudfront_distribution",
    );
    const address = `module.${key}.${cdn}["${key}"]`;
    const file = join(temporary, "script.json");
    writeFileSync(file, JSON.stringify({ format_version: "1.2", resource_changes: [{ ...resource, address }] }));
    expect((await check(file)).rows).toEqual(["app.example.com"]);
    const summary = join(temporary, "script.md");
    const sarif = join(temporary, "script.sarif");
    vi.stubEnv("GITHUB_STEP_SUMMARY", summary);
    const args = ["terraform", file, "--dns-server", dnsServer(), "--github", "--sarif", sarif];
    const run = await checkInProcess(args, "text");
    vi.unstubAllEnvs();
    const texts = [run.stdout, run.stderr, readFileSync(summary, "utf8"), readFileSync(sarif, "utf8")];
    for (const text of texts) expect(text).not.toMatch(/[\u200b\u202a-\u202e\u2066-\u2069]/);
    // What is visible is shown as it is.
    if (/^[\p{L}\p{M} ]+$/u.test(key)) expect(run.stdout).toContain(key);
  });

  it("writes for developers what it says, with a place for each", async () => {
    const [sarif, gitlab, summary] = ["x.sarif", "gitlab.json", "summary.md"].map((name) => join(temporary, name));
    const path = resolve(folder, "domain-unknown.json");
    vi.stubEnv("GITHUB_STEP_SUMMARY", summary);
    const args = ["--dns-server", dnsServer(), "--sarif", sarif!, "--gitlab", gitlab!];
    const run = await checkInProcess(["terraform", path, "--github", ...args], "text");
    vi.unstubAllEnvs();
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 1, stderr: "" });
    const [fence = "", ...lines] = run.stdout.trimEnd().split("\n");
    const token = /^::stop-commands::([0-9a-f-]{36})$/.exec(fence)?.[1];
    const commands = lines.slice(lines.indexOf(`::${token}::`) + 1);
    expect(commands.map((line) => line.slice(0, 90))).toEqual([
      expect.stringMatching(/^::error file=test\/terminal\/terraform\/domain-unknown\.json,line=\d+,/),
      expect.stringMatching(/^::notice file=/),
      expect.stringMatching(/^::notice file=/),
    ]);
    expect(JSON.parse(readFileSync(sarif!, "utf8")).runs[0].results).toHaveLength(3);
    expect(JSON.parse(readFileSync(gitlab!, "utf8"))).toHaveLength(3);
    expect(readFileSync(summary!, "utf8")).toContain("static&#46;example&#46;com");
  });

  it("shows no value that is sensitive or a header's in any output", async () => {
    const outputs = ["sarif", "gitlab", "junit", "report"].map((option) => ({ option, file: join(temporary, option) }));
    const summary = join(temporary, "secret-summary.md");
    vi.stubEnv("GITHUB_STEP_SUMMARY", summary);
    for (const name of ["sensitive.json", "create.json", "tenants.json", "wrong-types.json"]) {
      const options = outputs.flatMap(({ option, file }) => [`--${option}`, file]);
      const args = ["terraform", resolve(folder, name), "--dns-server", dnsServer(), "--github", ...options];
      const run = await checkInProcess(args, "text");
      const written = [...outputs.map(({ file }) => file), summary].map((file) => readFileSync(file, "utf8"));
      expect([name, [run.stdout, run.stderr, ...written].filter((text) => /canary/.test(text))]).toEqual([name, []]);
    }
    vi.unstubAllEnvs();
  });

  it("is what explain and what-if take too", async () => {
    const path = resolve(folder, "policy-created.json");
    const box = ["--dns-server", dnsServer()];
    const explained = await runCommand(["explain", "terraform", path, "--origin", "api.example.com", ...box]);
    expect(explained).toMatchObject({ status: 1, stderr: "" });
    expect(explained.stdout).toMatch(/^api\.example\.com:443: FAILING/);
    const changed = await runCommand(["what-if", "terraform", path, "--no-forward-host", ...box]);
    expect(changed.stdout).toMatch(
      /^What if the viewer's Host were not sent to the origin\? On 1 origin of 1 distribution\./,
    );
  });

  it("says that a file is cut off, wherever it is, and quotes nothing of it", async () => {
    const text = readFileSync(join(folder, "sensitive.json"), "utf8");
    const file = join(temporary, "cut");
    for (let length = 100; length < text.length - 1; length += 997) {
      writeFileSync(file, text.slice(0, length));
      const run = await check(file);
      expect({ length, status: run.status }).toEqual({ length, status: 2 });
      expect(run.stderr).toMatch(/it is cut off|it is no JSON/);
      expect(run.stderr).not.toMatch(/canary/);
    }
  });
});
