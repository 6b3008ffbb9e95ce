import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Case, connectionCases } from "./connection-cases.ts";

const folder = join(import.meta.dirname, "templates");
const { check, temporary } = connectionCases("template", folder);

const s3 = "skipped shop.s3.eu-west-1.amazonaws.com s3-origin";
const bothWays = (condition: string, parameter: string) =>
  new RegExp(
    `^origin-watch: distribution Cdn: whether ${condition} holds? is open, so that both ways are checked; --parameter ${parameter}=VALUE decides\n$`,
  );
const open = (place: string) => `unknown ${place} template-value-unresolved`;

const cases: Readonly<Record<string, Case>> = {
  "duplicate-key.yaml": {
    status: 1,
    rows: ["api.example.com"],
    said: /^origin-watch: .*duplicate-key\.yaml, line 11: "Name" stands there twice; the last one counts/,
  },
  "foreach-unrelated.yaml": { status: 0, rows: [s3] },
  "foreach-distributions.yaml": { status: 1, rows: ["shop.example.com", "blog.example.com"] },
  "open-condition-origin.yaml": {
    status: 1,
    rows: ["app.example.com", "legacy.example.com"],
    said: bothWays("IsProd", "Stage"),
  },
  "open-condition-domain.yaml": {
    status: 1,
    rows: ["app.example.com", "app.test.example.com", "api.example.com", "api.test.example.com"],
    said: bothWays("IsProd", "Stage"),
  },
  "website-https-open-bucket.yaml": {
    status: 1,
    rows: ["<Bucket>.s3-website-eu-west-1.amazonaws.com s3-website-over-https"],
  },
  "merged-imports.yaml": {
    status: 3,
    rows: [open("<Fn::ImportValue WebBalancer>"), open("<Fn::ImportValue ApiBalancer>")],
  },
  "findinmap-default.yaml": { status: 1, rows: ["app.test.example.com"] },
  "yaml11-booleans.yaml": { status: 0, rows: ["skipped old.example.com distribution-disabled"] },
  "merge-key.yaml": { status: 1, rows: ["web.example.com", "api.example.com"] },
  "no-ssl-protocols.yaml": {
    status: 1,
    rows: ["web.example.com:80", "api.example.com protocol-sslv3-enabled"],
    said: /the origin api has no OriginSSLProtocols, for which CloudFormation sets SSLv3 and TLSv1; write `OriginSSLProtocols: \[TLSv1\.2\]`\n$/,
  },
  "foreach-inside.yaml": {
    status: 1,
    rows: [open("<Fn::ForEach::Parts>"), "other.example.com"],
    said: /^origin-watch: distribution Cdn is not checked: it holds Fn::ForEach::Parts, which is not read\n$/,
  },
  "viewer-request-dummy-origin.yaml": {
    status: 3,
    rows: [s3, "at-risk never-reached.example.org protocol-sslv3-enabled placeholder-origin"],
    said: /the origin dummy has no OriginSSLProtocols/,
  },
  "staging-and-primary.yaml": {
    status: 1,
    rows: ["app.example.com as www.example.com", "new.example.com as www.example.com"],
  },
  "include.yaml": {
    status: 3,
    rows: [open("<AWS::Include of s3://bucket/origins.yaml>")],
    said: /^origin-watch: distribution Cdn is not checked: it holds AWS::Include of s3:\/\/bucket\/origins\.yaml, which is not read\n$/,
  },
  "tenants.yaml": { status: 1, rows: ["one.origin.example.com as one.example.com"] },
  "nested-only.yaml": {
    status: 3,
    rows: [],
    said: /^origin-watch: Edge is a nested stack, whose template \(\.\/cdn\.yaml\) is not read: check that template too\n$/,
  },
  "legacy-custom-origin.json": { status: 1, rows: ["app.example.com"] },
  "serverless.yml": {
    status: 2,
    rows: [],
    said: /run `serverless package`, and check \.serverless\/cloudformation-template/,
  },
  "dead-condition-param.yaml": { status: 3, rows: [open("web.example.com:8443")] },
  "single-object-origins.yaml": {
    status: 3,
    rows: [],
    said: /Cdn: DistributionConfig\.Origins: expected a list, got an object/,
  },
  "scalar-lists.yaml": {
    status: 1,
    rows: ["web.example.com"],
    said: /ForwardedValues\.Headers: expected a list, got a string/,
  },
  "open-aliases-no-host.yaml": { status: 0, rows: [s3], said: bothWays("HasName", "Name") },
  "open-behaviors.yaml": { status: 1, rows: [s3, "api.example.com"], said: bothWays("IsProd", "Stage") },
  "open-custom-config.yaml": {
    status: 1,
    rows: ["api.example.com", "api.example.com:80"],
    said: bothWays("UseTls", "Tls"),
  },
  "open-enabled-policy.yaml": { status: 3, rows: [open("api.example.com")], said: bothWays("Forward", "Fwd") },
  "forwarded-open.yaml": {
    status: 1,
    rows: ["api.example.com as shop.example.com", "api.example.com"],
    said: bothWays("Forward", "Fwd"),
  },
  "forwarded-values-open.yaml": {
    status: 1,
    rows: ["api.example.com as shop.example.com", "api.example.com"],
    said: bothWays("Forward", "Fwd"),
  },
  "get-distribution-config.yaml": { status: 1, rows: ["app.example.com"] },
  "concatenated.out": { status: 1, rows: ["app1.example.com", "app2.example.com"] },
  "aws-config.json": {
    status: 2,
    rows: [],
    said: /AWS Config, which is not read; give the output of `aws cloudfront get-dist/,
  },
  "steampipe.json": {
    status: 2,
    rows: [],
    said: /Steampipe, which is not read; give the output of `aws cloudfront get-dist/,
  },
  "get-template.json": { status: 1, rows: ["app.example.com"] },
  "cloudcontrol.json": { status: 1, rows: ["app.example.com"] },
  folder: {
    status: 1,
    rows: [
      "app.example.com",
      "app.test.example.com",
      "api.example.com",
      "api.test.example.com",
      open("<Fn::ImportValue WebBalancer>"),
      open("<Fn::ImportValue ApiBalancer>"),
    ],
    said: /distribution cdn\/Cdn: whether IsProd holds is open/,
  },
  "lessons.json": {
    status: 1,
    rows: [
      "abc.lambda-url.eu-west-1.on.aws",
      "skipped b.s3.eu-west-1.amazonaws.com s3-origin",
      "b.s3-website-eu-west-1.amazonaws.com s3-website-over-https",
      "b.s3-website-eu-west-1.amazonaws.com:80",
      "skipped c.s3.eu-west-1.amazonaws.com origin-unused origin-unused",
    ],
    said: /behavior "\/x\/\*" targets "gone", which is not among the origins/,
  },
  "open-function-association.yaml": {
    status: 1,
    rows: ["api.example.com:18443 edge-function-may-reroute"],
    said: bothWays("UseEdge", "Edge"),
  },
  "silent-open-objects.yaml": {
    status: 1,
    rows: Array.from({ length: 4 }, (_, index) => `${index < 2 ? "api" : "app"}.example.com:18443`),
    said: bothWays("On", "Mode"),
  },
  "aliases-open-host.yaml": { status: 3, rows: ["unknown api.example.com:18443 viewer-host-unknown"] },
  "open-kind-of-origin.yaml": {
    status: 1,
    rows: ["unknown api.example.com vpc-origin", "api.example.com"],
    said: bothWays("IsPrivate", "Private"),
  },
  "open-branch-of-a-resource.yaml": {
    status: 3,
    rows: [open("<IsProd: Balancer.DNSName or dev.example.com>"), open("<IsProd: b.Domain or b.example.com>")],
    said: bothWays("IsProd", "Stage"),
  },
  "two-conditions.yaml": {
    status: 1,
    rows: ["p.example.com as www.example.com", "t.example.com", "d.example.com"],
    said: bothWays("IsProd and IsTest", "Stage"),
  },
  "too-many-conditions.yaml": {
    status: 3,
    rows: ["<Fn::If HasA>", "b.example.com", "<Fn::If HasC>", "d.example.com", "e.example.com", "f.example.com"].map(
      open,
    ),
    said: /which cache behaviors there are depends on Fn::If HasB, so that connections may be missing here\n$/,
  },
  "module-and-macro.yaml": {
    status: 3,
    rows: [],
    said: /^origin-watch: Site is the module .*\norigin-watch: OurMacro may put distributions into the template; .*\n$/,
  },
  stacks: {
    status: 1,
    rows: ["api.example.com as www.example.com", open("<Network/Balancer.DNSName>")],
    args: ["--parameter", "Zone=example.com"],
  },
  "tfplan.json": { status: 2, rows: [], said: /a plan or a state of Terraform: give it to `check terraform`\n$/ },
  "tfstate.json": { status: 2, rows: [], said: /keeps its state: run `terraform show -json` in its folder, and give/ },
  "pulumi-state.json": { status: 2, rows: [], said: /a state of Pulumi, which is not read; give the output of/ },
  broken: {
    status: 1,
    rows: ["api.example.com"],
    said: /broken\.yml: bad indentation of a mapping entry in line 5, column 4\n$/,
  },
};

it("has a row for every input", () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(cases).toSorted());
});

describe("a template that leaves something open, or is written in another way", () => {
  const lines = new Map<string, string>();

  it.each(Object.entries(cases))("%s", async (file, { status, rows, said = /^$/, args = [] }) => {
    const run = await check(file, ...args);
    expect({ status: run.status, rows: run.rows, stderr: run.stderr }).toEqual({
      status,
      rows,
      stderr: expect.stringMatching(said),
    });
    const told = run.stderr.replaceAll(`${folder}/`, "").replaceAll("origin-watch: ", "").trimEnd().split("\n");
    lines.set(file, [file, run.status, run.verdicts.join("; "), told.join("; ")].join("\t"));
  });

  it("is judged as the table says", async () => {
    const rows = Object.keys(cases).map((file) => lines.get(file) ?? `${file} was not checked`);
    const text = ["file\texit status\tverdicts and codes", ...rows, ""].join("\n");
    await expect(text).toMatchFileSnapshot("template-cases.tsv");
  });
});

describe("an open condition", () => {
  it("is told of each connection that not every answer makes", async () => {
    const { records } = await check("open-condition-origin.yaml");
    expect(records.map(({ connection, uses }) => [connection.domain, uses.map(({ onlyWhere }) => onlyWhere)])).toEqual([
      ["app.example.com", [undefined]],
      ["legacy.example.com", [["Stage=prod"]]],
    ]);
    const domains = (await check("two-conditions.yaml")).records.map(({ connection, uses }) => [
      connection.domain,
      uses[0]?.onlyWhere,
    ]);
    expect(domains).toEqual([
      ["p.example.com", ["Stage=prod"]],
      ["t.example.com", ["Stage=test"]],
      ["d.example.com", ["Stage=dev"]],
    ]);
  });

  it("is named with its parameter where it cannot be looked at both ways", async () => {
    const { records } = await check("open-branch-of-a-resource.yaml");
    expect(records[0]?.findings).toMatchObject([
      {
        title: "value is not known here",
        cause: expect.stringContaining("IsProd"),
        remedy: ["Give the parameter's value: `--parameter Stage=VALUE`."],
        evidence: { seen: ["IsProd"] },
      },
    ]);
    const many = await check("too-many-conditions.yaml");
    expect(many.records[0]?.findings).toMatchObject([
      { cause: expect.stringContaining("Fn::If HasA"), remedy: ["Give the parameter's value: `--parameter A=VALUE`."] },
    ]);
  });

  it("is decided by its parameter", async () => {
    const prod = await check(
      "open-branch-of-a-resource.yaml",
      "--parameter",
      "Stage=prod",
      "--parameter",
      "Domain=x.test",
    );
    expect(prod.rows).toEqual([open("<Balancer.DNSName>"), "b.x.test"]);
    const dev = await check("open-branch-of-a-resource.yaml", "--parameter", "Stage=dev");
    expect([dev.rows, dev.stderr]).toEqual([["dev.example.com", "b.example.com"], ""]);
  });
});

describe("what a template does not say", () => {
  it("is told by saved policies", async () => {
    const template = JSON.stringify({
      Parameters: { Policy: { Type: "String", Default: "0aa5bd0c" } },
      Resources: {
        Cdn: {
          Type: "AWS::CloudFront::Distribution",
          Properties: {
            DistributionConfig: {
              Enabled: true,
              Aliases: ["www.example.com"],
              Origins: [
                {
                  Id: "api",
                  DomainName: "api.example.com",
                  CustomOriginConfig: { OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"] },
                },
              ],
              DefaultCacheBehavior: {
                TargetOriginId: "api",
                ViewerProtocolPolicy: "https-only",
                CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
                OriginRequestPolicyId: { Ref: "Policy" },
              },
            },
          },
        },
      },
    });
    const policies = JSON.stringify({
      OriginRequestPolicy: {
        Id: "0aa5bd0c",
        OriginRequestPolicyConfig: { HeadersConfig: { HeaderBehavior: "allViewer" } },
      },
    });
    const [file, saved] = [join(temporary, "template.json"), join(temporary, "policies.json")];
    writeFileSync(file, template);
    writeFileSync(saved, policies);
    expect((await check(file)).rows).toEqual(["unknown api.example.com policy-unresolved"]);
    expect((await check(file, "--policies", saved)).rows).toEqual(["api.example.com as www.example.com"]);
  });
});
