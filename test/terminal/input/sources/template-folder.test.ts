import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DnsServer, startDnsServer } from "../../../sandbox/dns-server.ts";
import { checkInProcess } from "../../check-in-process.ts";
import { recordsIn, runCheck } from "../../run-check.ts";

let dns: DnsServer;
let folder: string;

beforeAll(async () => {
  dns = await startDnsServer({});
});
afterAll(() => dns.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "origin-watch-cdk-out-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function save(name: string, content: unknown): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
}

/** A stack with a distribution and an origin request policy, whose logical ids are the same in each. */
function stack(alias: string, headers: "allViewer" | "none") {
  return {
    Parameters: { [`Zone${alias[0]}`]: { Type: "String" } },
    Resources: {
      Policy: {
        Type: "AWS::CloudFront::OriginRequestPolicy",
        Properties: {
          OriginRequestPolicyConfig: {
            Name: alias,
            HeadersConfig: { HeaderBehavior: headers },
            CookiesConfig: { CookieBehavior: "none" },
            QueryStringsConfig: { QueryStringBehavior: "none" },
          },
        },
      },
      Site: {
        Type: "AWS::CloudFront::Distribution",
        Properties: {
          DistributionConfig: {
            Enabled: true,
            Aliases: [alias],
            Origins: [
              {
                Id: "web",
                DomainName: { "Fn::Join": [".", ["web", { Ref: `Zone${alias[0]}` }]] },
                CustomOriginConfig: { OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"] },
              },
            ],
            DefaultCacheBehavior: {
              TargetOriginId: "web",
              ViewerProtocolPolicy: "https-only",
              CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
              OriginRequestPolicyId: { Ref: "Policy" },
            },
          },
        },
      },
    },
  };
}

describe("check template FOLDER", () => {
  it("checks every stack with its own names and parameters, stages too, and no asset", async () => {
    save("Shop.template.json", stack("shop.example.com", "allViewer"));
    save("assembly-Prod/ProdBlog.template.json", stack("blog.example.com", "none"));
    save("asset.0123/Asset.template.json", stack("asset.example.com", "none"));
    save("manifest.json", {});
    const parameters = ["--parameter", "Zones=shop.test", "--parameter", "Zoneb=blog.test"];
    const run = await runCheck(["template", folder, "--json", "--dns-server", dns.address, ...parameters]);
    const connections = recordsIn(run).map(({ connection, uses }) => [
      uses.map(({ distributionId }) => distributionId),
      connection.domain,
      connection.serverName,
    ]);
    expect(run.stderr).toBe("");
    expect(connections).toEqual([
      [["Shop/Site"], "web.shop.test", "shop.example.com"],
      [["assembly-Prod/ProdBlog/Site"], "web.blog.test", "web.blog.test"],
    ]);
  });

  it("says that no stack has a parameter, and which stack has a fault", async () => {
    save("Shop.template.json", stack("shop.example.com", "none"));
    const unknown = await runCheck(["template", folder, "--parameter", "Zone=x.test", "--dns-server", dns.address]);
    expect(unknown.stderr).toContain("the template has no parameter Zone\n");
    save("Other.template.json", []);
    const broken = await runCheck(["template", folder, "--dns-server", dns.address]);
    expect(broken.stdout).toContain("template-value-unresolved");
    expect(broken).toMatchObject({ status: 3 });
    expect(broken.stderr).toContain("Other.template.json: expected a CloudFormation template");
  });

  it("is wrong usage without any template", async () => {
    const run = await runCheck(["template", folder]);
    expect(run).toEqual({
      status: 2,
      stdout: "",
      stderr: `origin-watch: there is no template in ${folder}\n`,
    });
  });
});

describe("check template", () => {
  it("says that there is no distribution, so that a pipeline does not look at the wrong stack for ever", async () => {
    save("Queue.template.json", { Resources: { Queue: { Type: "AWS::SQS::Queue" } } });
    for (const source of [folder, join(folder, "Queue.template.json")]) {
      const run = await runCheck(["template", source, "--quiet"]);
      expect(run).toEqual({
        status: 0,
        stdout: "",
        stderr: `origin-watch: there is no CloudFront distribution in ${source}\n`,
      });
    }
  });
});

it("names a link that leads nowhere and a folder that cannot be read, and checks the rest", async () => {
  save("good.template.json", stack("www.example.com", "none"));
  save("closed/other.template.json", stack("www.example.org", "none"));
  symlinkSync(join(folder, "gone.json"), join(folder, "link.template.json"));
  const run = await withClosed(join(folder, "closed"), () =>
    checkInProcess(["template", folder, "--json", "--dns-server", dns.address]),
  );
  expect(run.stderr).toMatch(/cannot read \S+link\.template\.json: /);
  expect(run.stderr).toMatch(/cannot read \S+closed: /);
  expect(run.records.length).toBeGreaterThan(0);
  expect(run.status).toBe(3);
});

it("is not sure of a folder of which a part cannot be read, although nothing else is wrong", async () => {
  const bucket = { Id: "b", DomainName: "b.s3.eu-west-1.amazonaws.com", S3OriginConfig: {} };
  const DistributionConfig = {
    Enabled: true,
    Origins: [bucket],
    DefaultCacheBehavior: { TargetOriginId: "b", ViewerProtocolPolicy: "https-only" },
  };
  const Site = { Type: "AWS::CloudFront::Distribution", Properties: { DistributionConfig } };
  save("good.template.json", { Resources: { Site } });
  save("closed/other.template.json", stack("www.example.org", "none"));
  const check = () => checkInProcess(["template", folder, "--json"]);
  const closed = await withClosed(join(folder, "closed"), check);
  expect([closed.status, closed.records.map(({ verdict }) => verdict)]).toEqual([3, ["skipped"]]);
  expect(closed.stderr).toMatch(/^origin-watch: cannot read \S+closed: permission denied\n$/);
  rmSync(join(folder, "closed"), { recursive: true });
  expect((await check()).status).toBe(0);
});

/** Nothing is closed to root, who becomes somebody else for as long. */
async function withClosed<T>(path: string, act: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  chmodSync(folder, 0o755);
  chmodSync(path, 0o000);
  try {
    if (isRoot) process.seteuid?.(65_534);
    return await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(path, 0o755);
  }
}
