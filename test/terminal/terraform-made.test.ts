import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTerraformFile } from "../../bin/terminal/input/sources/read-terraform-file.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { checkInProcess } from "./check-in-process.ts";

// What Terraform itself writes; terraform-made/README.md says how.

const folder = join(import.meta.dirname, "terraform-made");

let dns: DnsServer;
beforeAll(async () => {
  dns = await startDnsServer({});
});
afterAll(() => dns.close());

async function check(file: string, ...args: readonly string[]) {
  const path = join(folder, file);
  const run = await checkInProcess(["terraform", path, ...args, "--json", "--dns-server", dns.address]);
  return {
    ...run,
    rows: run.records.map(({ connection, verdict, findings, skipped, uses }) => {
      const { domain, port, serverName, protocols } = connection;
      const asName = serverName === null || serverName === domain ? "" : ` as ${serverName}`;
      const why = verdict === "failing" ? "" : ` ${skipped ?? findings.map(({ code }) => code).join(" ")}`;
      const where = uses.map(({ distributionId, originId, pathPatterns, group }) => {
        const id = distributionId.replace("aws_cloudfront_distribution.", "");
        return `${id}/${originId.startsWith("${") ? "?" : originId}${group === null ? "" : ` in ${group.id}`} ${pathPatterns.join(" ")}`;
      });
      const name = domain.replace(/^\$\{(.*)\}$/, "<$1>");
      return `${name}:${port}${asName} ${protocols[0]}${why} | ${where.join(", ")}`;
    }),
  };
}

describe("a plan of what is new", () => {
  it("means these connections, and says of each what it waits for", async () => {
    const run = await check("create/plan.json");
    expect(run.rows).toEqual([
      "blocks.example.com:443 TLSv1.2 | blocks/app /d",
      "blocks.example.com:443 TLSv1.2 | blocks/app /b /c *",
      "blocks.example.com:443 TLSv1.2 template-value-unresolved | blocks/app /a",
      "<aws_cloudfront_distribution.dynamic.origin>:443 TLSv1.2 template-value-unresolved | dynamic/? ",
      "one.example.com:443 TLSv1.1 | forwarded/one *",
      "two.example.com:8443 as old.example.com TLSv1.1 | forwarded/two /two/*",
      "<aws_cloudfront_distribution.hidden.origin (marked sensitive)>:443 TLSv1.2 template-value-unresolved | hidden/? ",
      "app.example.com:443 as www.example.com TLSv1.2 | policies/app /plain/* *",
      "<aws_cloudfront_distribution.sensitive.origin (marked sensitive)>:443 TLSv1.2 template-value-unresolved | sensitive/? ",
      "<aws_apigatewayv2_api.http.api_endpoint>:443 TLSv1.2 template-value-unresolved | waiting/api in group *",
      "<aws_lb.web.dns_name>:8443 TLSv1.2 template-value-unresolved | waiting/load-balancer in group *",
      "files.s3.eu-west-1.amazonaws.com:443 TLSv1.2 s3-origin | waiting/fixed /fixed/*",
      "internal.example.com:8443 TLSv1.2 vpc-origin | waiting/inside /inside/*",
      "<aws_s3_bucket.files.bucket_regional_domain_name>:443 TLSv1.2 s3-origin | waiting/bucket /files/*",
      "count0.example.com:443 TLSv1.2 | module.counted[0].this/app *",
      "count1.example.com:443 TLSv1.2 | module.counted[1].this/app *",
      'blue.example.com:443 as blue.example.org TLSv1.2 | module.site["blue"].this/app *',
      'green.example.com:443 as green.example.org TLSv1.2 | module.site["green"].this/app *',
    ]);
    expect(run.status).toBe(1);
    expect(run.stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(
        /^origin-watch: aws_cloudfront_distribution\.hidden: Terraform marks all origins as sensitive/,
      ),
      expect.stringMatching(/^origin-watch: aws_cloudfront_distribution\.sensitive: Terraform marks all origins/),
    ]);
    expect(run.stdout + run.stderr).not.toContain("canary");
  });

  it("has the line of each distribution in the sources beside it", () => {
    const read = readTerraformFile({ file: join(folder, "create/plan.json"), policiesFile: null, changedOnly: false });
    if (read.kind !== "configuration") throw new Error(read.message);
    const lines = read.distributions.map(({ id }) => {
      const place = read.placeOf?.({ distributionId: id, originId: "app" });
      const file = place?.file.replace("test/terminal/terraform-made/create/", "") ?? "";
      const text = readFileSync(join(folder, "create", file), "utf8").split("\n")[(place?.line ?? 0) - 1];
      return [file, text];
    });
    const expected = read.distributions.map(({ id }) => {
      const name = id.split(".").at(-1);
      const file = id.startsWith("module.") ? "modules/site/main.tf" : "main.tf";
      return [file, `resource "aws_cloudfront_distribution" "${name}" {`];
    });
    expect(lines).toEqual(expected);
  });
});

describe("a plan of changes", () => {
  it("is checked as it will be, without what goes", async () => {
    const run = await check("changes/plan.json");
    expect(run.rows).toEqual([
      "policy.example.com:443 as policy.example.org TLSv1.2 | by_policy/app *",
      "policy.example.com:443 as d2.cloudfront.net TLSv1.2 dns-name-not-found | by_policy/app *",
      "kept.example.com:443 TLSv1.2 | kept/app *",
      "late.example.com:443 TLSv1.2 policy-unresolved | late/app *",
      "moved.example.com:443 TLSv1.2 | new_name/app *",
      "replaced.example.com:443 TLSv1.2 | replaced/app *",
      "updated.example.com:8443 TLSv1.2 | updated/app *",
    ]);
    expect([run.status, run.stderr]).toEqual([1, ""]);
  });

  it("has with --changed what it changes, also by a policy, and not what is only called otherwise", async () => {
    const run = await check("changes/plan.json", "--changed");
    expect(run.rows).toEqual([
      "policy.example.com:443 as policy.example.org TLSv1.2 | by_policy/app *",
      "policy.example.com:443 as d2.cloudfront.net TLSv1.2 dns-name-not-found | by_policy/app *",
      "late.example.com:443 TLSv1.2 policy-unresolved | late/app *",
      "replaced.example.com:443 TLSv1.2 | replaced/app *",
      "updated.example.com:8443 TLSv1.2 | updated/app *",
    ]);
  });
});

describe("a state", () => {
  it("means what is there", async () => {
    const run = await check("changes/state.json");
    expect(run.rows).toEqual([
      "policy.example.com:443 TLSv1.2 | by_policy/app *",
      "deleted.example.com:443 TLSv1.2 | deleted/app *",
      "forgotten.example.com:443 TLSv1.2 | forgotten/app *",
      "kept.example.com:443 TLSv1.2 | kept/app *",
      "moved.example.com:443 TLSv1.2 | old_name/app *",
      "replaced.example.com:443 TLSv1.2 | replaced/app *",
      "updated.example.com:443 TLSv1.2 | updated/app *",
    ]);
    expect(run.stderr).toBe("");
  });

  it("is refused as Terraform keeps it", async () => {
    const run = await check("changes/terraform.tfstate");
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/keeps its state: run `terraform show -json` in its folder/);
  });
});
