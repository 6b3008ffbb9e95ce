import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { customOrigin, distribution } from "../../sandbox/distributions.ts";
import { runCommand } from "../run-check.ts";

let account: Account;
let folder: string;
let list: string;

beforeAll(async () => {
  account = await startAccount();
  folder = mkdtempSync(join(tmpdir(), "origin-watch-what-if-"));
  list = saved(["healthy", "tls11", "expired", "alb"]);
});
afterAll(async () => {
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A distribution with these origins, of which `alb` gets the viewer's Host. */
function saved(
  names: readonly string[],
  change: (origin: ReturnType<typeof customOrigin>) => object = () => ({}),
): string {
  const origins = names.map((name) => {
    const { port } = account.origins.find(({ domain }) => domain === `${name}.box.test`)!;
    const origin = customOrigin(`${name}.box.test`, port);
    return {
      ...origin,
      CustomOriginConfig: { ...origin.CustomOriginConfig!, ...protocolsOf(name), ...change(origin) },
    };
  });
  const outline = {
    id: "E1",
    comment: "",
    aliases: ["app.example.com"],
    origins,
    defaultBehavior: { target: `${names[0]}.box.test` },
    behaviors: names.slice(1).map((name) => ({
      pathPattern: `/${name}/*`,
      target: `${name}.box.test`,
      ...(name === "alb" ? { originRequestPolicy: "AllViewer" } : {}),
    })),
  };
  const file = join(folder, `${names.join("-")}.json`);
  writeFileSync(file, JSON.stringify({ DistributionList: { Items: [distribution(outline, "1")] } }));
  return file;
}

/** The origin that speaks TLS 1.1 only is one that works today. */
function protocolsOf(name: string): object {
  const items = name === "tls11" ? (["TLSv1.1", "TLSv1.2"] as const) : (["TLSv1.2"] as const);
  return { OriginSslProtocols: { Quantity: items.length, Items: [...items] } };
}

const intoTheBox = () => ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];

async function whatIf(...args: readonly string[]) {
  const run = await runCommand(["what-if", ...args, "--json", ...intoTheBox()]);
  const found = run.stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...run, found: found.map(({ kind, originId, before, after }) => [kind, originId, before, after]) };
}

describe("what-if", () => {
  it("says which origins a higher minimum would break, and leaves out what is broken anyway", async () => {
    const { found, status } = await whatIf("config", list, "--protocols", "TLSv1.2");
    expect(found).toEqual([["breaks", "tls11.box.test", "healthy", "failing"]]);
    expect(status).toBe(1);
    const words = await runCommand(["what-if", "config", list, "--protocols", "TLSv1.2", ...intoTheBox()]);
    expect(words.stdout).toContain(
      "What if OriginSslProtocols were TLSv1.2? On 1 origin of 1 distribution. Nothing is changed in AWS.",
    );
    expect(words.stdout).toMatch(/^BREAKS +tls11\.box\.test:\d+, E1 for \/tls11\/\* on app\.example\.com$/m);
    expect(words.stdout).toContain("no-shared-protocol");
    expect(words.stdout).toContain("1 would break, 0 become at risk, 0 be fixed, 0 unknown. The others do not change.");
    expect(words.stdout).not.toContain("expired");
  });

  it("checks nothing that the change does not touch", async () => {
    const count = (domain: string) => account.origins.find((origin) => origin.domain === domain)!.connections();
    const before = [count("healthy.box.test"), count("alb.box.test")];
    // Host is forwarded to alb.box.test: one connection is for the alias, the other for the distribution's own name.
    await whatIf("config", list, "--no-forward-host");
    expect([count("healthy.box.test"), count("alb.box.test")]).toEqual([before[0], before[1]! + 3]);
  });

  it("counts what the change touches without fixing it", async () => {
    const words = await runCommand([
      "what-if",
      "config",
      list,
      "--forward-host",
      "--origin",
      "expired.box.test",
      ...intoTheBox(),
    ]);
    expect(words.stdout).toContain("0 be fixed, 0 unknown. 1 already fails; the others do not change.");
  });

  it("says what stops and what starts working when Host is not sent any more", async () => {
    const { found } = await whatIf(
      "config",
      saved(["healthy", "alb"]),
      "--no-forward-host",
      "--origin",
      "alb.box.test",
    );
    expect(found.map(([kind, origin]) => [kind, origin])).toEqual([["breaks", "alb.box.test"]]);
  });

  it("says whether an origin that is asked over HTTP would do over HTTPS", async () => {
    const file = saved(["healthy", "expired"], ({ CustomOriginConfig }) => ({
      OriginProtocolPolicy: "http-only",
      HTTPPort: CustomOriginConfig?.HTTPSPort,
    }));
    const { found, status } = await whatIf("config", file, "--https-only");
    expect(found.map(([kind, origin, , after]) => [kind, origin, after])).toEqual([
      ["breaks", "expired.box.test", "failing"],
    ]);
    expect(status).toBe(1);
  });

  it("judges a move", async () => {
    const file = saved(["expired"]);
    const { port } = account.origins.find(({ domain }) => domain === "expired.box.test")!;
    const { found } = await whatIf("config", file, "--origin", "expired.box.test", "--domain", "missing.box.test");
    expect(found).toEqual([]);
    account.dns.set("other.box.test", { A: ["127.0.0.1"] });
    const right = saved(["wrong-name"]);
    const healed = await whatIf("config", right, "--origin", "wrong-name.box.test", "--domain", "other.box.test");
    expect(healed).toMatchObject({ found: [["heals", "wrong-name.box.test", "failing", "healthy"]], status: 0 });
    const moved = await whatIf("origin", `expired.box.test:${port}`, "--domain", "missing.box.test");
    expect(moved.found).toEqual([]);
    const good = account.origins.find(({ domain }) => domain === "healthy.box.test")!;
    const breaks = await whatIf("origin", `healthy.box.test:${good.port}`, "--domain", "missing.box.test");
    expect(breaks).toMatchObject({ found: [["breaks", "healthy.box.test", "healthy", "failing"]], status: 1 });
  });

  it.each([
    [["account"], "say what would change"],
    [["account", "--forward-host", "--no-forward-host"], "exclude each other"],
    [["origin", "a.example.com", "--forward-host"], "--forward-host needs --host NAME"],
    [["account", "--domain", "new.example.com"], "--domain needs --origin OLD"],
    [["account", "--protocols", "TLSv9"], "--protocols: expected SSLv3"],
  ])("%j: one line and exit status 2", async (args, message) => {
    const run = await runCommand(["what-if", ...args]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(message);
    expect(run.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("says when nothing would change", async () => {
    const run = await runCommand(["what-if", "config", saved(["healthy"]), "--protocols", "TLSv1.2", ...intoTheBox()]);
    expect(run).toMatchObject({ status: 0, stdout: "" });
    expect(run.stderr).toBe(
      "origin-watch: nothing would change: CloudFront would connect to the one origin as before\n",
    );
  });

  it("says so too where a setting differs and no connection does", async () => {
    const run = await runCommand(["what-if", "config", saved(["healthy"]), "--no-forward-host", ...intoTheBox()]);
    expect(run).toMatchObject({ status: 0, stdout: "" });
  });

  it.each([
    [["--origin", "helathy.box.test"], 'no custom origin is called "helathy.box.test"; there are healthy.box.test, '],
    [["--distribution", "E2"], 'no enabled distribution is called "E2"; there is E1\n'],
  ])("does not pass for harmless where %j leads nowhere", async (args, message) => {
    const run = await runCommand(["what-if", "config", list, "--protocols", "TLSv1.2", ...args]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(message);
  });

  it("compares an origin on its own with all protocols that it may still need", async () => {
    const port = (domain: string) => account.origins.find((origin) => origin.domain === domain)!.port;
    const old = await whatIf("origin", `tls11.box.test:${port("tls11.box.test")}`, "--protocols", "TLSv1.2");
    expect(old).toMatchObject({ found: [["breaks", "tls11.box.test", "healthy", "failing"]], status: 1 });
    const good = await whatIf("origin", `healthy.box.test:${port("healthy.box.test")}`, "--protocols", "TLSv1.2");
    expect(good).toMatchObject({ found: [], status: 0 });
  });
});

describe("what-if, connection by connection", () => {
  /** An origin that matches the viewer, which refuses HTTP and speaks an old TLS. */
  function matching(parts: object, behavior: object = {}, settings: object = {}): string {
    const { port } = account.origins.find(({ domain }) => domain === "tls11.box.test")!;
    const config = {
      Enabled: true,
      Origins: {
        Items: [
          {
            Id: "old",
            DomainName: "tls11.box.test.",
            CustomOriginConfig: {
              HTTPPort: account.origins.find(({ domain }) => domain === "refused.box.test")!.port,
              HTTPSPort: port,
              OriginProtocolPolicy: "match-viewer",
              OriginSslProtocols: { Items: ["TLSv1.1", "TLSv1.2"] },
              ...settings,
            },
          },
          {
            Id: "unused",
            DomainName: "unused.box.test",
            CustomOriginConfig: {
              OriginProtocolPolicy: "https-only",
              OriginSslProtocols: { Items: ["TLSv1", "TLSv1.2"] },
            },
          },
        ],
      },
      DefaultCacheBehavior: { TargetOriginId: "old", ViewerProtocolPolicy: "allow-all", ...behavior },
      ...parts,
    };
    const file = join(folder, `matching-${Object.keys(parts).join("-")}-${Object.keys(behavior).join("-")}.json`);
    writeFileSync(file, JSON.stringify({ Id: "E1", DistributionConfig: config }));
    return file;
  }

  it("sees what breaks over HTTPS although the origin fails over HTTP already", async () => {
    const { found, status } = await whatIf("config", matching({}), "--protocols", "TLSv1.2");
    expect([found, status]).toEqual([[["breaks", "old", "healthy", "failing"]], 1]);
  });

  it("sees what breaks for viewers over HTTP whose connection turns into one that fails already", async () => {
    const port = (domain: string) => account.origins.find((origin) => origin.domain === domain)!.port;
    const ports = { HTTPPort: port("healthy.box.test"), HTTPSPort: port("expired.box.test") };
    const file = matching({ Comment: "HTTP" }, {}, { ...ports, OriginSslProtocols: { Items: ["TLSv1.2"] } });
    const { found, status } = await whatIf("config", file, "--https-only");
    expect([found, status]).toEqual([[["breaks", "old", "skipped", "failing"]], 1]);
  });

  it("takes the name of an origin with and without the root's dot, and counts what is in use", async () => {
    for (const origin of ["tls11.box.test", "TLS11.box.test."]) {
      const args = ["what-if", "config", matching({}), "--protocols", "TLSv1.2", "--origin", origin, ...intoTheBox()];
      expect((await runCommand(args)).stdout).toContain("On 1 origin of 1 distribution.");
    }
    const all = ["what-if", "config", matching({}), "--protocols", "TLSv1.2", ...intoTheBox()];
    expect((await runCommand(all)).stdout).toContain("On 1 origin of 1 distribution.");
  });

  it("does not call unknown what stays unknown, and is not sure of it", async () => {
    const policy = { OriginRequestPolicyId: "0aa5bd0c-custom" };
    const { found, status } = await whatIf("config", matching({}, policy), "--protocols", "TLSv1.2");
    expect([found, status]).toEqual([[["unclear", "old", "unknown", "unknown"]], 3]);
  });
});
