import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { createAuthority } from "../../sandbox/authority.ts";
import { startDnsServer } from "../../sandbox/dns-server.ts";
import { synthesise } from "../../sandbox/lambda/assembly.ts";
import { startTlsOrigin } from "../../sandbox/tls-origin.ts";
import { deployWorker } from "../../sandbox/workers.ts";
import { runCommand } from "../run-check.ts";

let account: Account;
beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account.close());

const intoTheBox = () => ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];

async function explained(name: string, ...args: readonly string[]): Promise<string> {
  const { domain, port } = account.origins.find((origin) => origin.domain === `${name}.box.test`)!;
  const run = await runCommand(["explain", "origin", `${domain}:${port}`, ...args, ...intoTheBox()]);
  expect(run.stderr).toBe("");
  return run.stdout.replace(new RegExp(`:${port}\\b(?!,")`, "g"), ":PORT").replace(/\d+ ms/g, "N ms");
}

describe("explain", () => {
  it("shows the offer, the names, the handshake, the chain and the rules of a healthy origin", async () => {
    const text = await explained("healthy");
    expect(text).toMatch(
      /^healthy\.box\.test:PORT: HEALTHY\n=+\nOffered {3}TLSv1\.2, TLSv1\.3 \(OriginSslProtocols: TLSv1\.2/,
    );
    expect(text).toContain("server name healthy.box.test (the origin domain)");
    expect(text).toContain("DNS       healthy.box.test has 127.0.0.1\n");
    expect(text).toMatch(/^ {2}1\. as CloudFront: the handshake was completed: TLSv1\.3, TLS_AES_256_GCM_SHA384, /m);
    expect(text).toMatch(
      /^ {4}\[1\] CN=healthy\.box\.test \(ECDSA P-256, signed with ecdsa-with-SHA256, valid until .*, \d+ days left\)\n {4}names: healthy\.box\.test\n {4}`- \[2\] .*\n {7}`- \[3\] .*\n {10}`- trust anchor O=Sandbox, CN=Sandbox Root /m,
    );
    expect(text).toContain("Rules that found something: none\n");
    expect(text).toMatch(/openssl s_client -connect 127\.0\.0\.1:PORT -servername healthy\.box\.test/);
    for (const line of text.split("\n").filter((each) => !/openssl|\[\d\]|anchor/.test(each))) {
      expect(line.length).toBeLessThanOrEqual(120);
    }
  });

  it("says what is missing from a chain, and where it is published", async () => {
    expect(await explained("incomplete")).toMatch(
      /`- MISSING: O=Sandbox, CN=Sandbox Issuing was not sent and is no trust anchor; according to it, published at http:\/\//,
    );
  });

  it("says why each further connection was made, and what it showed", async () => {
    const text = await explained("tls11");
    expect(text).toContain(
      "1. as CloudFront: the handshake failed: alert protocol_version, before the server said anything",
    );
    expect(text).toMatch(/\d\. every version, suite, group and scheme that there is: .* -> yes: TLSv1\.1, /);
    expect(text).toMatch(
      /\d\. everything, with CloudFront's versions only: is it the version\? -> no: alert protocol_version/,
    );
    expect(text).toMatch(/^\d+ more rules looked and found nothing \(--rules lists them\)$/m);
    expect(await explained("tls11", "--rules")).toContain("Rules that had nothing to look at (21):");
  });

  it("explains every address", async () => {
    const text = await explained("half-broken");
    expect(text).toMatch(/^127\.0\.0\.1, N ms$/m);
    expect(text).toMatch(/^127\.0\.0\.2, N ms$/m);
    expect(text).toMatch(/valid until .*: EXPIRED/);
    expect(text).toContain("some-addresses-failing (may cause 502)");
  });

  it("explains the server names of an origin that gets the viewer's Host, or one of them", async () => {
    const hosts = ["--host", "app.example.com", "--host", "other.example.com"];
    expect(await explained("alb", ...hosts)).toContain(
      "server name app.example.com (the viewer's Host, which is forwarded)",
    );
    const one = await explained("alb", ...hosts, "--as", "other.example.com");
    expect(one.match(/^=+$/gm)).toHaveLength(1);
    expect(one).toContain("certificate-name-mismatch at 127.0.0.1 (causes 502)");
  });

  it("gives the observation with --json", async () => {
    const [line] = (await explained("incomplete", "--json")).split("\n");
    expect(JSON.parse(line!.replaceAll(":PORT", ":1"))).toMatchObject({
      verdict: "failing",
      planned: "probe",
      observation: { dns: { kind: "answered" }, addresses: [{ outcome: { kind: "handshake-completed" } }] },
    });
  });

  it("keeps a hostile certificate's text text", async () => {
    const root = await createAuthority();
    const leaf = await root.leaf({ names: ["evil.test"], commonName: "\u001b[31m\u202eevil\n127.0.0.1, 1 ms" });
    const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
    const dns = await startDnsServer({ "evil.test": { A: ["127.0.0.1"] } });
    const run = await runCommand([
      "explain",
      "origin",
      `evil.test:${origin.port}`,
      "--dns-server",
      dns.address,
      "--allow-private",
    ]);
    await Promise.all([origin.close(), dns.close()]);
    expect(run.stdout).toContain("\\u{1b}[31m");
    expect(run.stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(run.stdout).not.toMatch(/^127\.0\.0\.1, 1 ms$/m);
  });

  it.each([
    [["account"], "--origin DOMAIN is needed"],
    [["origin", "a.test", "--as", "b.test"], 'no connection is made with the server name "b.test"; there is a.test'],
    [["origin", "a.test", "--origin", "b.test"], 'no origin is called "b.test"; there is a.test'],
  ])("%j: one line and exit status 2", async (args, message) => {
    const run = await runCommand(["explain", ...args]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(message);
  });
});

describe("explain with Regions in which a stack has workers", () => {
  const frankfurt = "eu-central-1";
  const domain = "half-broken.box.test";

  it("shows what each of them was told by DNS, met, and which finding is whose", async () => {
    const assembly = await synthesise({ vantageRegions: [frankfurt], reserveConcurrency: false });
    account.dns.set(domain, { A: ["127.0.0.1"] });
    const dns = await startDnsServer({ ...account.dns.zone(), [domain]: { A: ["127.0.0.2"] } });
    const additions = {
      DNS_SERVERS: dns.address,
      ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
      EXTRA_TRUST_ANCHORS_FILES: account.caFile,
    };
    const worker = deployWorker(assembly, account.aws, { region: frankfurt, places: 1, additions });
    const ask = (...more: readonly string[]) =>
      runCommand(["explain", "account", "--origin", domain, ...more, ...intoTheBox()], {
        environment: account.aws.environment,
      });
    try {
      const { stdout, stderr } = await ask("--regions", frankfurt);
      expect(stderr).toBe("");
      expect(stdout).toMatch(
        /^DNS {7}half-broken\.box\.test has 127\.0\.0\.1 \(from here\)\n {10}half-broken\.box\.test has 127\.0\.0\.2 \(from eu-central-1\)$/m,
      );
      expect(stdout).toMatch(/^127\.0\.0\.1, from here, \d+ ms\n {2}1\. as CloudFront: the handshake was completed/m);
      expect(stdout).toMatch(
        /^127\.0\.0\.2, from eu-central-1, \d+ ms\n {2}1\. as CloudFront: the handshake was completed/m,
      );
      expect(stdout).toMatch(
        /certificate-expired at 127\.0\.0\.2 .*\n(?: {4}.*\n)* {4}seen from eu-central-1, not from here\n/,
      );
      const json = JSON.parse((await ask("--regions", frankfurt, "--json")).stdout) as {
        readonly observations: readonly { readonly vantage: string }[];
      };
      expect(json.observations.map(({ vantage }) => vantage)).toEqual(["here", frankfurt]);
      // One that has no worker is no reason to blame an origin.
      const none = await ask("--regions", "ap-northeast-1");
      expect(none.stderr).toContain("there is no function OriginWatch-worker-123456789012");
      expect(none.stdout).toMatch(/^half-broken\.box\.test:\d+: HEALTHY$/m);
    } finally {
      await Promise.all([worker.close(), dns.close()]);
      assembly.remove();
    }
  });

  it("shows what the fixed addresses of a VPC met, of a stack with a name of any length", async () => {
    const stackName = `OriginWatch-${"a".repeat(100)}`;
    const assembly = await synthesise({
      stackName,
      vpcFor: "egress",
      vpcId: "vpc-0123456789abcdef0",
      subnetIds: "subnet-0123456789abcdef0",
      vpcCidrs: "10.0.0.0/16",
      reserveConcurrency: false,
    });
    const worker = deployWorker(assembly, account.aws, {
      region: "us-east-1",
      places: 1,
      construct: "OriginWatch/Watch/EgressWorker",
      additions: {
        DNS_SERVERS: account.dns.address,
        ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
        EXTRA_TRUST_ANCHORS_FILES: account.caFile,
      },
    });
    const ask = (...more: readonly string[]) =>
      runCommand(["explain", "account", "--origin", domain, "--stack", stackName, ...more, ...intoTheBox()], {
        environment: account.aws.environment,
      });
    try {
      const { stdout, stderr } = await ask("--vpc", "vpc-0123456789abcdef0");
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^127\.0\.0\.1, from the fixed addresses of vpc-0123456789abcdef0, \d+ ms$/m);
      expect(stdout).toMatch(/^127\.0\.0\.1, from here, \d+ ms$/m);
      // Those of another VPC are not there, and blame nobody.
      const other = await ask("--vpc", "vpc-00000000", "--region", "us-east-1");
      expect(other.stderr).toContain("comes from another");
      expect(other.stdout).not.toContain("vpc-0123456789abcdef0");
    } finally {
      await worker.close();
      assembly.remove();
    }
  });

  it("says of a VPC origin that only runs look at it from inside", async () => {
    const { stdout, stderr, status } = await runCommand(
      ["explain", "account", "--origin", "intranet.box.test", "--vpc", "vpc-0123456789abcdef0", ...intoTheBox()],
      { environment: account.aws.environment },
    );
    expect(stderr).toContain("looked at from inside its VPC by the runs of a stack alone");
    expect(stdout).toContain("vpc-origin");
    expect(status).toBe(3);
    expect(account.aws.calls.filter(({ resource }) => resource.includes("-vpc-"))).toEqual([]);
  });

  it.each([
    [["origin", "a.example.com", "--vpc", "vpc-0123456789abcdef0"], "--vpc goes with account"],
    [["account", "--origin", "a.example.com", "--vpc", "10.0.0.0/16"], "expected the id of a VPC"],
    [["account", "--origin", "a.example.com", "--region", frankfurt], "--region goes with --vpc"],
    [["account", "--origin", "a.example.com", "--stack", "a".repeat(129)], "expected the name of a stack"],
    [["origin", "a.example.com", "--regions", frankfurt], "--regions goes with account"],
    [["account", "--origin", "a.example.com", "--regions", "everywhere"], "expected names of Regions"],
    [["account", "--origin", "a.example.com", "--stack", "Other"], "--stack goes with --regions"],
  ])("refuses %j", async (args, why) => {
    const { status, stderr } = await runCommand(["explain", ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(why);
  });
});
