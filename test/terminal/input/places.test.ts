import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfiguration } from "../../../bin/terminal/input/sources/read-configuration.ts";
import { readTerraformFile } from "../../../bin/terminal/input/sources/read-terraform-file.ts";
import { terraformPlaces } from "../../../bin/terminal/input/terraform-places.ts";

const before = process.cwd();
const outside = realpathSync(mkdtempSync(join(tmpdir(), "origin-watch-places-")));
const folder = join(outside, "repository");
function write(file: string, text: string) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
beforeAll(() => {
  mkdirSync(folder);
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(outside, { recursive: true });
});

const type = "aws_cloudfront_distribution";
const values = {
  origin: [
    { origin_id: "a", domain_name: "a.example.com", custom_origin_config: [{ origin_protocol_policy: "http-only" }] },
  ],
  default_cache_behavior: [{ target_origin_id: "a", viewer_protocol_policy: "allow-all" }],
};
const change = (address: string) => ({
  address,
  mode: "managed",
  type,
  name: "cdn",
  change: { actions: ["create"], after: values, after_unknown: {} },
});

describe("the place of a distribution in the sources of Terraform", () => {
  beforeAll(() => {
    const call = (source: string, calls: object = {}) => ({ source, module: { module_calls: calls } });
    write(
      "infra/plan.json",
      JSON.stringify({
        format_version: "1.2",
        resource_changes: [
          change(`${type}.cdn`),
          change(`${type}.many["a.b"]`),
          change(`module.shop["x"].module.cdn[0].${type}.cdn`),
          change(`module.registry.${type}.cdn`),
          change(`module.unknown.${type}.cdn`),
          change(`module.up.${type}.cdn`),
        ],
        configuration: {
          root_module: {
            module_calls: {
              shop: call("./shop", { cdn: call("../modules/cdn") }),
              registry: call("terraform-aws-modules/cloudfront/aws"),
              up: call("../../../elsewhere"),
            },
          },
        },
      }),
    );
    write(
      "infra/main.tf",
      `# ${type}\n\n  resource "${type}" "cdn" {\n}\nresource "aws_lb" "cdn" {}\nmodule "registry" {\n`,
    );
    write("infra/many.tf", `resource   "${type}"   "many"   {\n`);
    write("infra/modules/cdn/main.tf", `\r\nresource "${type}" "cdn" {\r\n`);
    mkdirSync(join(outside, "elsewhere"));
    writeFileSync(join(outside, "elsewhere", "main.tf"), `resource "${type}" "cdn" {`);
  });

  it("is the line of the resource, in the folder that its module comes from", () => {
    const read = readTerraformFile({ file: "infra/plan.json", policiesFile: null, changedOnly: false });
    if (read.kind === "unreadable") throw new Error(read.message);
    const places = read.distributions.map(({ id }) => {
      const place = read.placeOf!({ distributionId: id, originId: "a" });
      return place === null ? null : `${place.file}:${place.line}`;
    });
    expect(places).toEqual([
      "infra/main.tf:3",
      "infra/many.tf:1",
      "infra/modules/cdn/main.tf:2",
      // What comes from a registry is changed where it is called.
      "infra/main.tf:6",
      null,
      null,
    ]);
  });

  it("is looked for in regular files of a usual length, and in none of .terraform", () => {
    const line = `resource "${type}" "cdn" {\n`;
    writeFileSync(join(outside, "secret.tf"), line);
    mkdirSync(join(folder, "odd"));
    symlinkSync(join(outside, "secret.tf"), join(folder, "odd", "linked.tf"));
    symlinkSync(join(folder, "odd"), join(folder, "odd", "loop.tf"));
    symlinkSync(outside, join(folder, "up"));
    expect(spawnSync("mkfifo", [join(folder, "odd", "fifo.tf")]).status).toBe(0);
    write("odd/large.tf", `${"#".repeat(1024 * 1024)}\n${line}`);
    write(".terraform/modules/x/main.tf", line);
    const block = ["resource", type, "cdn"] as const;
    for (const each of ["odd", ".terraform/modules/x", "up", "..", "gone"]) {
      const placeOf = terraformPlaces(".", new Map([["x", { folder: each, block }]]));
      expect([each, placeOf({ distributionId: "x", originId: "a" })]).toEqual([each, null]);
    }
  });
});

describe("the place of an origin in a template", () => {
  const config = `        Origins:
          - Id: a
            DomainName: a.example.com
            CustomOriginConfig: { OriginProtocolPolicy: http-only }
          - DomainName: b.example.com
            Id: !Ref Name
            CustomOriginConfig: { OriginProtocolPolicy: http-only }
        DefaultCacheBehavior: { TargetOriginId: a, ViewerProtocolPolicy: allow-all }
`;
  const yaml = `Parameters: { Name: { Type: String } }
Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Metadata: { "aws:cdk:path": Site/Cdn/Resource }
    Properties:
      DistributionConfig:
${config}`;

  function placeOf(file: string, distributionId: string, originId: string) {
    const read = readConfiguration({ file, policiesFile: null, parameters: new Map(), expected: "template" });
    if (read.kind === "unreadable") throw new Error(read.message);
    expect(read.distributions.map(({ id }) => id)).toContain(distributionId);
    return read.placeOf!({ distributionId, originId });
  }

  it("is its line and column, and the distribution's where its id is not written out", () => {
    write("cdn.yaml", yaml);
    const construct = "Site/Cdn/Resource";
    expect(placeOf("cdn.yaml", "Cdn", "a")).toEqual({ file: "cdn.yaml", line: 9, column: 13, construct });
    expect(placeOf("cdn.yaml", "Cdn", "x")).toEqual({ file: "cdn.yaml", line: 3, column: 3, construct });
  });

  it("is in the file of its stack, in JSON too", () => {
    const origin = { Id: "a", DomainName: "a.example.com", CustomOriginConfig: { OriginProtocolPolicy: "http-only" } };
    const DistributionConfig = {
      Origins: [origin],
      DefaultCacheBehavior: { TargetOriginId: "a", ViewerProtocolPolicy: "allow-all" },
    };
    const Resources = { Json: { Type: "AWS::CloudFront::Distribution", Properties: { DistributionConfig } } };
    write("out/Site.template.json", JSON.stringify({ Resources }, null, 1));
    write("out/Other.template.json", yaml);
    expect(placeOf("out", "Site/Json", "a")).toEqual({ file: "out/Site.template.json", line: 8, column: 7 });
    expect(placeOf("out", "Other/Cdn", "a")).toMatchObject({ file: "out/Other.template.json", line: 9 });
  });
});
