import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesBetween } from "../../../bin/terminal/output/changes.ts";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { address, certificateExpiring, chainIncomplete, connectionRecord } from "../../tell/records.ts";
import { runCommand } from "../run-check.ts";

describe("changesBetween", () => {
  const at = (ip: string, sha256: string, notAfter = "2027-01-01T00:00:00Z") => {
    const seen = address("a.example.com", { address: ip });
    return { ...seen, chain: seen.chain.map((each, index) => (index === 0 ? { ...each, sha256, notAfter } : each)) };
  };
  const record = (...addresses: ReturnType<typeof at>[]) =>
    connectionRecord("a.example.com", { verdict: "healthy", findings: [], observed: { addresses } });

  it("has nothing to say when nothing changed", () => {
    expect(changesBetween(record(at("192.0.2.1", "old")), record(at("192.0.2.1", "old")))).toEqual([]);
  });

  it("follows a certificate from address to address", () => {
    const old = record(at("192.0.2.1", "old"), at("192.0.2.2", "old"));
    const half = record(at("192.0.2.1", "new", "2027-06-01T00:00:00Z"), at("192.0.2.2", "old"));
    expect(changesBetween(old, half)).toEqual([
      {
        kind: "certificate",
        addresses: ["192.0.2.1"],
        notAfter: "2027-06-01T00:00:00Z",
        sha256: "new",
        serving: 1,
        of: 2,
      },
    ]);
    const whole = record(at("192.0.2.1", "new"), at("192.0.2.2", "new"));
    expect(changesBetween(half, whole)).toMatchObject([{ addresses: ["192.0.2.2"], serving: 2, of: 2 }]);
  });

  it("tells of addresses, and of a new one's certificate only if it is another", () => {
    const changes = changesBetween(record(at("192.0.2.1", "old")), record(at("192.0.2.9", "old")));
    expect(changes).toEqual([{ kind: "addresses", added: ["192.0.2.9"], removed: ["192.0.2.1"] }]);
  });

  it("tells of a verdict, and of the same verdict for another reason", () => {
    const failing = connectionRecord("a.example.com", { verdict: "failing", findings: [chainIncomplete] });
    const risk = connectionRecord("a.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
    expect(changesBetween(failing, risk)).toMatchObject([
      { kind: "verdict", from: "failing", to: "at-risk", codes: ["certificate-expiring"] },
    ]);
    const both = { ...failing, findings: [chainIncomplete, certificateExpiring] };
    expect(changesBetween(both, failing)).toEqual([
      { kind: "findings", gone: ["certificate-expiring"], codes: ["chain-incomplete"] },
    ]);
  });
});

describe("watch", () => {
  let account: Account;
  beforeAll(async () => {
    account = await startAccount();
  });
  afterAll(() => account.close());

  function start(...args: readonly string[]): ChildProcess {
    const { port } = account.origins.find(({ domain }) => domain === "expired.box.test")!;
    const own = ["watch", "origin", `expired.box.test:${port}`, "--interval", "5", ...args];
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
    return spawn(process.execPath, [join(import.meta.dirname, "..", "..", "..", "bin", "command.ts"), ...own, ...box]);
  }

  /** Resolves with all output as soon as it has the text. */
  async function output(child: ChildProcess, text: string): Promise<string> {
    let all = "";
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      all += chunk.toString();
      if (all.includes(text)) return all;
    }
    throw new Error(`ended without "${text}": ${all}`);
  }

  it("tells of the repair and ends when all is healthy", async () => {
    const child = start("--until", "healthy");
    let all = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      all += chunk.toString();
    });
    await new Promise<void>((resolve) => {
      child.stdout?.on("data", () => all.includes("certificate-expired\n") && resolve());
    });
    await account.repair("expired.box.test");
    const [status] = (await once(child, "close")) as [number];
    expect(all).toMatch(/^Watching 1 connection, every 5 seconds, until all is healthy: 1 failing\.$/m);
    expect(all).toMatch(/^\d\d:\d\d:\d\d {2}expired\.box\.test:\d+ {2}failing -> healthy$/m);
    expect(all).toMatch(/new certificate at 127\.0\.0\.1, valid until .* \(served by 1 of 1 address\)$/m);
    expect(all).toMatch(/^2 changes\. Now: 1 healthy\.$/m);
    expect(status).toBe(0);
  });

  it("ends with a summary when it is interrupted", async () => {
    const child = start();
    const closed = once(child, "close") as Promise<[number]>;
    const first = await output(child, "Watching");
    expect(first).toContain("1 connection,");
    child.kill("SIGINT");
    expect((await closed)[0]).toBe(0);
  });

  it("ends when its time is over, without another round", async () => {
    const { domain, port } = account.origins.find((origin) => origin.domain === "healthy.box.test")!;
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
    const run = await runCommand(["watch", "origin", `${domain}:${port}`, "--for", "1", ...box]);
    expect(run).toEqual({
      status: 0,
      stdout: "Watching 1 connection, every 60 seconds, for 1 second: 1 healthy.\n0 changes. Now: 1 healthy.\n",
      stderr: "",
    });
  });

  it.each([
    [["--interval", "1"], "--interval: expected 5 to 86400"],
    [["--until", "dawn"], "--until: expected healthy"],
  ])("%j: one line and exit status 2", async (args, message) => {
    const run = await runCommand(["watch", "origin", "a.test", ...args]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(message);
  });
});
