import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { SECRET_MARKER } from "../../sandbox/account-distributions.ts";
import { createAuthority } from "../../sandbox/authority.ts";
import { startAwsEndpoint } from "../../sandbox/aws/endpoint.ts";
import { customOrigin, distribution } from "../../sandbox/distributions.ts";
import { startDnsServer } from "../../sandbox/dns-server.ts";
import { startRawOrigin } from "../../sandbox/raw-origin.ts";
import { startTlsOrigin } from "../../sandbox/tls-origin.ts";
import { recordsIn, runCheck, runCommand } from "../run-check.ts";

let account: Account;
let folder: string;
let listFile: string;

beforeAll(async () => {
  account = await startAccount();
  folder = mkdtempSync(join(tmpdir(), "origin-watch-check-"));
  listFile = saved("list.json", account.listDistributionsJson());
});

afterAll(async () => {
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});

function saved(name: string, json: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof json === "string" ? json : JSON.stringify(json));
  return file;
}

function intoTheBox(): string[] {
  return ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
}

describe("check config", () => {
  it("gives one JSON line per connection with the right code for each defect, and exit status 1", async () => {
    const run = await runCheck(["config", listFile, "--json", ...intoTheBox()]);
    const records = recordsIn(run);
    const expected = account.origins.map(({ domain, expectedVerdict, expectedCodes }) => ({
      domain,
      verdict: expectedVerdict,
      codes: expectedCodes,
    }));
    const got = account.origins.map(({ domain, expectedCodes }) => {
      const record = records.find(({ connection }) => connection.domain === domain);
      const codes = record?.findings.map(({ code }) => code) ?? [];
      return { domain, verdict: record?.verdict, codes: expectedCodes.filter((code) => codes.includes(code)) };
    });
    expect(got).toEqual(expected);
    expect(run).toMatchObject({ status: 1, stderr: "" });
    const schema = readFileSync(join(import.meta.dirname, "../../../schemas/connection-record.schema.json"), "utf8");
    const validate = new Ajv().compile(JSON.parse(schema));
    expect(records.flatMap((record) => (validate(record) ? [] : (validate.errors ?? [])))).toEqual([]);
  });

  it("keeps to the contract of a record", async () => {
    const records = recordsIn(await runCheck(["config", listFile, "--json", ...intoTheBox()]));
    const incomplete = records.find(({ connection }) => connection.domain === "incomplete.box.test");
    expect(incomplete).toMatchObject({
      schemaVersion: 1,
      connection: {
        domain: "incomplete.box.test",
        port: expect.any(Number),
        serverName: "incomplete.box.test",
        protocols: ["TLSv1.2", "TLSv1.3"],
        family: "ipv4",
        acceptedNames: ["incomplete.box.test"],
      },
      uses: [
        {
          distributionId: "E2BOXBLOG00002",
          originId: "incomplete.box.test",
          pathPatterns: ["/feed/*"],
          aliases: ["blog.example.com"],
          group: null,
        },
      ],
      verdict: "failing",
      findings: [
        {
          code: "chain-incomplete",
          effect: "502",
          severity: "critical",
          address: "127.0.0.1",
          title: expect.any(String),
          explanation: expect.any(String),
          remedy: expect.arrayContaining([expect.any(String)]),
          evidence: { expected: expect.any(String) },
          source: expect.stringMatching(/^https:\/\/docs\.aws\.amazon\.com\//),
        },
      ],
      reproduce: expect.stringMatching(
        /^openssl s_client -connect 127\.0\.0\.1:\d+ -servername incomplete\.box\.test /,
      ),
    });
    const forwarded = records.find(({ connection }) => connection.domain === "host-mismatch.box.test");
    expect(forwarded?.connection).toMatchObject({
      serverName: "app.example.com",
      acceptedNames: ["app.example.com", "host-mismatch.box.test"],
    });
  });

  it("reads standard input, and never shows the value of a custom header", async () => {
    const json = JSON.stringify(account.listDistributionsJson());
    expect(json).toContain(SECRET_MARKER);
    const run = await runCheck(["config", "-", ...intoTheBox()], { stdin: json });
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("FAILING  expired.box.test");
    expect(run.stdout + run.stderr).not.toContain(SECRET_MARKER);
  });

  it("reads what PowerShell writes, and input with a byte order mark", async () => {
    const json = JSON.stringify({ DistributionList: { Quantity: 0 } });
    const files = [Buffer.from(`\ufeff${json}`, "utf16le"), Buffer.from(`\ufeff${json}`, "utf8")];
    for (const [index, bytes] of files.entries()) {
      const file = join(folder, `bom-${index}.json`);
      writeFileSync(file, bytes);
      const stderr = `origin-watch: there is no CloudFront distribution in ${file}\n`;
      expect(await runCheck(["config", file])).toMatchObject({ status: 0, stderr });
    }
  });

  it("gives lines that no reader takes for two, whatever the configuration holds", async () => {
    const outline = {
      id: "E1",
      comment: "a\u2028b\u0085c\u009b31md\u202ee",
      origins: [customOrigin("missing.box.test", 443)],
      defaultBehavior: { target: "missing.box.test" },
    };
    const file = saved("hostile.json", { DistributionList: { Items: [distribution(outline, "1")] } });
    const run = await runCheck(["config", file, "--json", ...intoTheBox()]);
    expect(run.stdout).not.toMatch(/[\u0080-\u009f\u2028\u202e]/);
    expect(recordsIn(run)[0]?.uses[0]?.comment).toBe(outline.comment);
  });

  it("reads get-distribution-config", async () => {
    const items = account.listDistributionsJson().DistributionList.Items as Record<string, unknown>[];
    const { Id: _id, ARN: _arn, DomainName: _domain, ...config } = items[0]!;
    const file = saved("config.json", { ETag: "E1", DistributionConfig: config });
    expect(recordsIn(await runCheck(["config", file, "--json", ...intoTheBox()])).length).toBeGreaterThan(5);
  });

  it("dials no private address unless it is told to", async () => {
    const before = account.origins.reduce((sum, origin) => sum + origin.connections(), 0);
    const run = await runCheck(["config", listFile, "--json", "--dns-server", account.dns.address]);
    const codes = new Set(recordsIn(run).flatMap(({ findings }) => findings.map(({ code }) => code)));
    expect([...codes].toSorted()).toEqual([
      "dns-name-not-found",
      "dns-private-address",
      // What a saved list does not tell.
      "tenant-parameters-unresolved",
      "viewer-host-unknown",
      "vpc-origin",
    ]);
    expect(account.origins.reduce((sum, origin) => sum + origin.connections(), 0)).toBe(before);
  });

  it.each([
    ["an empty account", { DistributionList: { Quantity: 0 } }, 0, "there is no CloudFront distribution in "],
    [
      "an account with an empty list",
      { DistributionList: { Quantity: 0, Items: [] } },
      0,
      "there is no CloudFront distribution in ",
    ],
    ["a distribution lacking fields", { DistributionList: { Items: [{ Id: "E1" }] } }, 3, "E1 is not checked"],
    ["something else", { Buckets: [] }, 2, "expected the output of `aws cloudfront list-distributions`"],
    ["malformed JSON", "{", 2, "unexpected end of the stream within a flow collection in line 1"],
  ])("answers %s", async (_, json, status, message) => {
    const run = await runCheck(["config", saved("input.json", json), "--json"]);
    expect(run.status).toBe(status);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain(message);
  });

  it.each([
    ["spaces", "my origin.example.com", 443],
    ["300 characters", `${"a".repeat(60)}.`.repeat(5).slice(0, 300), 443],
    ["non-ASCII", "bücher.example.com", 443],
    ["an IP literal", "192.0.2.1", 443],
    ["port 0", "origin.example.com", 0],
  ])("answers an origin domain with %s without stopping the others", async (_, domain, port) => {
    const good = customOrigin("healthy.box.test", account.origins[0]!.port);
    const outline = {
      id: "E1",
      comment: "",
      origins: [{ ...customOrigin("x.test", port), Id: "bad", DomainName: domain }, good],
      defaultBehavior: { target: "bad" },
      behaviors: [{ pathPattern: "/ok", target: good.Id! }],
    };
    const file = saved("bad-domain.json", { DistributionList: { Items: [distribution(outline, "1")] } });
    const run = await runCheck(["config", file, "--json", ...intoTheBox()]);
    const verdicts = recordsIn(run).map(({ verdict, findings }) => [verdict, findings.map(({ code }) => code)]);
    expect(verdicts).toEqual([
      ["unknown", ["origin-invalid"]],
      ["healthy", []],
    ]);
    expect(run.status).toBe(3);
  });
});

describe("--against account", () => {
  it("leaves out what CloudFront does already, and says how much that is", async () => {
    const [expired, incomplete] = ["expired.box.test", "incomplete.box.test"].map(
      (domain) => account.origins.find((origin) => origin.domain === domain)!,
    );
    const origin = ({ domain, port }: { domain: string; port: number }) => ({
      origin_id: domain,
      domain_name: domain,
      custom_origin_config: [
        { https_port: port, origin_protocol_policy: "https-only", origin_ssl_protocols: ["TLSv1.2"] },
      ],
    });
    const behavior = (target: string) => ({ target_origin_id: target, viewer_protocol_policy: "https-only" });
    const values = {
      origin: [origin(expired!), { ...origin(incomplete!), domain_name: "new.box.test" }],
      default_cache_behavior: [behavior("expired.box.test")],
      ordered_cache_behavior: [{ path_pattern: "/new/*", ...behavior("incomplete.box.test") }],
    };
    const type = "aws_cloudfront_distribution";
    const resource = { address: `${type}.cdn`, mode: "managed", type, name: "cdn" };
    const change = { actions: ["update"], after: values, after_unknown: {} };
    const file = saved("against.json", { format_version: "1.2", resource_changes: [{ ...resource, change }] });
    const args = ["terraform", file, "--json", ...intoTheBox()];
    const without = recordsIn(await runCheck(args));
    expect(without.map(({ connection, verdict }) => [connection.domain, verdict])).toEqual([
      ["expired.box.test", "failing"],
      ["new.box.test", "failing"],
    ]);
    const run = await runCheck([...args, "--against", "account"], { environment: account.aws.environment });
    expect(recordsIn(run).map(({ connection }) => connection.domain)).toEqual(["new.box.test"]);
    expect(run).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("new in this change: 1; already so in the account: 1\n"),
    });
    const signedOut = await runCheck([...args, "--against", "account"]);
    expect(signedOut).toMatchObject({ status: 2, stdout: "" });
  });

  it.each([
    [["account", "--against", "account"], "--against goes with template or terraform"],
    [["terraform", "x.json", "--against", "main"], '--against: expected account, got "main"'],
    [["terraform", "x.json", "--github", "--json"], "--github and --json exclude each other"],
    [["template", "x.json", "--sarif", "out", "--gitlab", "./out"], '--sarif and --gitlab name the same file, "./out"'],
  ])("%j is wrong usage", async (args, message) => {
    expect(await runCheck(args)).toMatchObject({ status: 2, stdout: "", stderr: `origin-watch: ${message}\n` });
  });
});

describe("check template", () => {
  const template = (port: number, marker: string) => ({
    Parameters: { Domain: { Type: "String" } },
    Resources: {
      Site: {
        Type: "AWS::CloudFront::Distribution",
        Properties: {
          DistributionConfig: {
            Enabled: true,
            Aliases: ["www.example.com"],
            Origins: ["healthy", "expired", "open"].map((name) => ({
              Id: name,
              DomainName:
                name === "open"
                  ? { "Fn::GetAtt": ["Balancer", "DNSName"] }
                  : { "Fn::Join": [".", [name, { Ref: "Domain" }]] },
              OriginCustomHeaders: [{ HeaderName: "X-Secret", HeaderValue: marker }],
              CustomOriginConfig: {
                OriginProtocolPolicy: "https-only",
                HTTPSPort:
                  name === "healthy" ? port : account.origins.find(({ domain }) => domain === "expired.box.test")!.port,
                OriginSSLProtocols: ["TLSv1.2"],
              },
            })),
            CacheBehaviors: ["expired", "open"].map((name) => ({
              PathPattern: `/${name}/*`,
              TargetOriginId: name,
              ViewerProtocolPolicy: "https-only",
            })),
            DefaultCacheBehavior: { TargetOriginId: "healthy", ViewerProtocolPolicy: "https-only" },
          },
        },
      },
    },
  });

  it("checks what the template tells and says what it leaves open, without the value of a custom header", async () => {
    const { port } = account.origins.find(({ domain }) => domain === "healthy.box.test")!;
    const file = saved("template.json", template(port, SECRET_MARKER));
    const args = ["template", file, "--parameter", "Domain=box.test", ...intoTheBox()];
    const [json, text] = await Promise.all([runCheck([...args, "--json"]), runCheck(args)]);
    expect(recordsIn(json!).map(({ verdict, findings }) => [verdict, findings.map(({ code }) => code)])).toEqual([
      ["healthy", []],
      ["failing", ["certificate-expired"]],
      ["unknown", ["template-value-unresolved"]],
    ]);
    expect(text).toMatchObject({ status: 1, stderr: "" });
    expect(text!.stdout).toContain("Cache misses get 502 for www.example.com/expired/* (Site).");
    for (const run of [json!, text!]) expect(run.stdout + run.stderr).not.toContain(SECRET_MARKER);
  });

  it("reads YAML with the short forms of functions", async () => {
    const { port } = account.origins.find(({ domain }) => domain === "healthy.box.test")!;
    const template = `
Parameters:
  Zone: { Type: String, Default: box.test }
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: web
            DomainName: !Sub "healthy.\${Zone}"
            CustomOriginConfig:
              OriginProtocolPolicy: https-only
              HTTPSPort: ${port}
              OriginSSLProtocols: [TLSv1.2]
          - Id: balancer
            DomainName: !GetAtt Balancer.DNSName
            CustomOriginConfig: { OriginProtocolPolicy: https-only, OriginSSLProtocols: [TLSv1.2] }
        DefaultCacheBehavior:
          TargetOriginId: web
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        CacheBehaviors:
          - PathPattern: /api/*
            TargetOriginId: balancer
            ViewerProtocolPolicy: redirect-to-https
            CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
`;
    const run = await runCheck(["template", saved("site.yaml", template), "--json", ...intoTheBox()]);
    expect(run.stderr).toBe("");
    expect(recordsIn(run).map(({ verdict, findings }) => [verdict, findings.map(({ code }) => code)])).toEqual([
      ["healthy", []],
      ["unknown", ["template-value-unresolved"]],
    ]);
  });

  it.each([
    ["an empty file", "", "it is empty"],
    ["broken YAML", "Resources: [", "unexpected end of the stream within a flow collection in line 1"],
    ["YAML that contains itself", "Resources: &a\n  Site: *a\n", "an alias without an anchor before it in line 2"],
    ["100,000 brackets", "[".repeat(100_000), "it is nested too deeply"],
    ["more than CloudFormation takes", `# ${" ".repeat(2_200_000)}`, "it is larger than CloudFormation takes"],
    ["something else", "{}", "expected a CloudFormation template with Resources"],
  ])("answers %s with one line and exit status 2", async (_, text, message) => {
    const run = await runCheck(["template", saved("other.template", text)]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(message);
    expect(run.stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("check origin", () => {
  it("is healthy, with exit status 0", async () => {
    const { port } = account.origins.find(({ domain }) => domain === "healthy.box.test")!;
    const run = await runCheck(["origin", `healthy.box.test:${port}`, "--json", ...intoTheBox()]);
    expect(run.status).toBe(0);
    expect(recordsIn(run)).toMatchObject([
      { verdict: "healthy", uses: [], connection: { serverName: "healthy.box.test" } },
    ]);
  });

  it("checks one connection per forwarded Host", async () => {
    const { port } = account.origins.find(({ domain }) => domain === "alb.box.test")!;
    const hosts = ["--host", "app.example.com", "--host", "other.example.com"];
    const run = await runCheck(["origin", `alb.box.test:${port}`, "--json", ...hosts, ...intoTheBox()]);
    expect(recordsIn(run).map(({ connection, verdict }) => [connection.serverName, verdict])).toEqual([
      ["app.example.com", "healthy"],
      ["other.example.com", "failing"],
    ]);
  });

  it("dials the private network that --allow-network names, and no other", async () => {
    const healthy = account.origins.find(({ domain }) => domain === "healthy.box.test")!;
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--json"];
    account.dns.set("elsewhere.box.test", { A: ["10.0.0.1"] });
    const both = ["origin", `healthy.box.test:${healthy.port}`, `elsewhere.box.test:${healthy.port}`, ...box];
    const codes = async (...more: readonly string[]) =>
      recordsIn(await runCheck([...both, ...more])).map(({ findings }) => findings.map(({ code }) => code));
    expect(await codes("--allow-network", "127.0.0.0/8")).toEqual([[], ["dns-private-address"]]);
    expect(await codes()).toEqual([["dns-private-address"], ["dns-private-address"]]);
  });

  it("offers what --protocols says and dials what --connect-to says", async () => {
    const { port } = account.origins.find(({ domain }) => domain === "tls11.box.test")!;
    const args = [
      "origin",
      `tls11.box.test:${port}`,
      "--json",
      "--ca",
      account.caFile,
      "--allow-private",
      "--connect-to",
      "127.0.0.1",
    ];
    const [strict, lax] = await Promise.all([runCheck(args), runCheck([...args, "--protocols", "TLSv1.1,TLSv1.2"])]);
    expect([strict?.status, lax?.status]).toEqual([1, 0]);
    expect(recordsIn(lax!)[0]).toMatchObject({ connection: { protocols: ["TLSv1.1", "TLSv1.2", "TLSv1.3"] } });
  });

  it("judges as of --now", async () => {
    const { port } = account.origins.find(({ domain }) => domain === "healthy.box.test")!;
    const run = await runCheck([
      "origin",
      `healthy.box.test:${port}`,
      "--json",
      "--now",
      "2040-01-01T00:00:00Z",
      ...intoTheBox(),
    ]);
    expect(recordsIn(run)[0]?.findings.map(({ code }) => code)).toContain("certificate-expired");
  });

  it("gives up after --timeout", async () => {
    const silent = await startDnsServer({ "slow.test": { silent: true } });
    const run = await runCheck(["origin", "slow.test", "--json", "--dns-server", silent.address, "--timeout", "1"]);
    await silent.close();
    expect(recordsIn(run)[0]).toMatchObject({ verdict: "unknown", findings: [{ code: "dns-lookup-failed" }] });
    expect(run.status).toBe(3);
  });
});

describe("wrong usage", () => {
  it.each([
    [[], "say what to check"],
    [["acount"], 'expected account, config, template, terraform or origin, got "acount"'],
    [["config"], "config needs a FILE"],
    [["config", "/nonexistent/file"], "cannot read /nonexistent/file: no such file or directory"],
    [["origin"], "origin needs a HOST"],
    [["origin", "a.test", "b test"], "expected a domain name"],
    [["origin", "--hosts", "/nonexistent/file"], "cannot read /nonexistent/file: no such file or directory"],
    [["config", "a.json", "b.json"], 'unexpected argument "b.json"'],
    [["origin", "192.0.2.1"], "HOST must be a domain name"],
    [["origin", "a.test:0"], "the port: expected 1 to 65535"],
    [["origin", "a b"], "expected a domain name"],
    [["origin", "a.test", "--protocols", "TLSv1.3"], "--protocols: expected SSLv3, TLSv1, TLSv1.1 or TLSv1.2"],
    [["origin", "a.test", "--timeout", "soon"], "--timeout: expected 0.1 to 120 seconds"],
    [["origin", "a.test", "--now", "today"], "--now: expected a day such as"],
    [["origin", "https://a.test:8443/x"], "without https:// and path. Try: a.test:8443\n"],
    [["origin", "//"], 'without https:// and path, got "//"\n'],
    [["origin", "a.test", "--now", "2027-02-31"], "--now: expected a day such as"],
    [["origin", "a.test", "--connect-to", "127.0.0.1"], "--connect-to: 127.0.0.1 is not public (loopback)"],
    [["origin", "a.test", "--allow-network", "10.0.0.1"], "--allow-network: expected a network such as 10.0.0.0/8"],
    [["origin", "a.test", "--allow-network", "10.0.0.0/33"], "--allow-network: expected a network such as 10.0.0.0/8"],
    [["origin", "a.test", "--connect-to", "b.test"], "--connect-to: expected an IP address"],
    [["origin", "a.test", "--dns-server", "b.test"], "--dns-server: expected IP or IP:PORT"],
    [["origin", "a.test", "--dns-server", "127.0.0.1:0"], "--dns-server: expected IP or IP:PORT"],
    [["origin", "a.test", "--timeout", "-1"], "Option '--timeout' argument is ambiguous\n"],
    [["origin", "a.test", "--ca", "/nonexistent"], "--ca: cannot read"],
    [["account", "--host", "a.test"], "--host goes with origin"],
    [["template"], "template needs a FILE"],
    [["template", "x.json", "--parameter", "=1"], "--parameter: expected NAME=VALUE"],
    [["account", "--parameter", "A=1"], "--parameter goes with template"],
    [["account", "--bogus"], "Unknown option '--bogus'"],
    [["account", "--json=yes"], "does not take an argument"],
  ])("%j: one line and exit status 2", async (args, message) => {
    const run = await runCheck(args);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(message);
    expect(run.stderr.trim().split("\n")).toHaveLength(1);
  });

  it.each(["", "check", "explain", "watch", "what-if"])("shows the help of %j on 80 columns", async (name) => {
    const run = await runCommand(name === "" ? ["--help"] : [name, "--help"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain(name === "" ? "Sources" : "Exit status");
    expect(run.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("an interruption", () => {
  it("shows what is known, says that it is not all, and has a status of its own", async () => {
    const silent = await startRawOrigin({ kind: "silent" });
    const args = ["origin", `silent.test:${silent.port}`, "--connect-to", silent.address, "--allow-private"];
    const child = spawn(process.execPath, [join(import.meta.dirname, "..", "..", "..", "bin", "check.ts"), ...args]);
    const [stdout, stderr, closed] = [text(child.stdout), text(child.stderr), once(child, "close")];
    await expect.poll(() => silent.connections(), { timeout: 600_000 }).toBe(1);
    child.kill("SIGINT");
    expect(await closed).toEqual([130, null]);
    const told = await stdout;
    expect(told).toMatch(/^UNKNOWN silent\.test:\d+\n {2}out-of-time /);
    expect(told).toContain("    - Run the command again, and let it finish.\n");
    expect(told).not.toContain("function");
    expect(await stderr).toBe("origin-watch: interrupted; what was not reached by then is shown as out-of-time\n");
    await silent.close();
  });
});

describe("a fault of the program", () => {
  it.each([["check"], ["command"]])("does not end in the status of a failing origin: bin/%s.ts", async (name) => {
    const broken = "process.stdout.write = () => { throw new Error('out of order'); };";
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(broken)}` };
    const run = await (name === "check" ? runCheck : runCommand)(["--help"], { environment });
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/^origin-watch: this is a fault of the program .*\nError: out of order\n/);
  });
});

describe("check account", () => {
  it("checks 250 distributions over three pages, surviving two throttles", async () => {
    const root = await createAuthority();
    const leaf = await root.leaf({ names: ["*.fleet.test"] });
    const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
    const domains = Array.from({ length: 250 }, (_, index) => `o${index}.fleet.test`);
    const dns = await startDnsServer(Object.fromEntries(domains.map((domain) => [domain, { A: ["127.0.0.1"] }])));
    const aws = await startAwsEndpoint({
      distributions: domains.map((domain, index) =>
        distribution(
          {
            id: `E${String(index).padStart(13, "0")}`,
            comment: "",
            origins: [customOrigin(domain, origin.port)],
            defaultBehavior: { target: domain },
          },
          "123456789012",
        ),
      ),
    });
    aws.failNext("cloudfront:ListDistributions", "throttle", 2);
    const args = [
      "account",
      "--json",
      "--dns-server",
      dns.address,
      "--ca",
      saved("root.pem", root.certificatePem),
      "--allow-private",
    ];
    const run = await runCheck(args, { environment: aws.environment });
    const records = recordsIn(run);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect([records.length, new Set(records.map(({ verdict }) => verdict))]).toEqual([250, new Set(["healthy"])]);
    expect(
      aws.calls.filter(({ action }) => action === "cloudfront:ListDistributions").map(({ status }) => status),
    ).toEqual([expect.any(Number), expect.any(Number), 200, 200, 200]);
    expect(origin.connections()).toBe(250);
    await Promise.all([origin.close(), dns.close(), aws.close()]);
  });

  it("shows the value of a custom header nowhere, in either form", async () => {
    const args = ["account", ...intoTheBox()];
    const runs = await Promise.all(
      [args, [...args, "--json"]].map((each) => runCheck(each, { environment: account.aws.environment })),
    );
    expect(account.aws.calls.map(({ action }) => action)).toContain("cloudfront:GetDistributionConfig");
    for (const { stdout, stderr } of runs) {
      expect(stdout.length).toBeGreaterThan(5_000);
      expect(stdout + stderr).not.toContain(SECRET_MARKER);
    }
  });

  it("says that there is no distribution, which another account may have", async () => {
    const aws = await startAwsEndpoint({ distributions: [] });
    const run = await runCheck(["account"], { environment: aws.environment });
    expect(run).toEqual({
      status: 0,
      stdout: "0 failing, 0 at risk, 0 unknown, 0 healthy, 0 skipped\n",
      stderr: "origin-watch: there is no CloudFront distribution in the account\n",
    });
    await aws.close();
  });

  it("says in one line that nobody is signed in", async () => {
    const run = await runCheck(["account"]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/^origin-watch: Not signed in to AWS: .+\n$/);
  });
});
