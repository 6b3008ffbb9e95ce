import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { startRawOrigin } from "../../sandbox/raw-origin.ts";
import { runCheck } from "../run-check.ts";

// `script` of util-linux gives a command a terminal of its own; its brother on macOS has other options.
const hasTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

let account: Account;
let folder: string;
let box: readonly string[];
let args: readonly string[];

beforeAll(async () => {
  account = await startAccount();
  folder = mkdtempSync(join(tmpdir(), "origin-watch-progress-"));
  const list = join(folder, "list.json");
  writeFileSync(list, JSON.stringify(account.listDistributionsJson()));
  box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
  args = ["config", list, ...box];
});
afterAll(async () => {
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a terminal of 80 columns gets of the command, both streams in one. */
async function onTerminal(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const file = join(folder, "typescript");
  const command = [process.execPath, join(import.meta.dirname, "..", "..", "..", "bin", "check.ts"), ...words];
  const line = `stty cols 80; exec ${command.map((word) => `'${word}'`).join(" ")}`;
  const child = spawn("script", ["--quiet", "--return", "--command", line, file], {
    env: { PATH: process.env.PATH, HOME: folder, TERM: "xterm", ...environment },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await new Promise((resolve) => child.once("close", resolve));
  return readFileSync(file, "utf8");
}

describe.skipIf(!hasTerminal)("on a terminal", () => {
  it("counts while it checks, names what fails, and takes the line away before the table", async () => {
    const text = await onTerminal(args);
    // The line is written over: back to its beginning, and cleared.
    const [, ...parts] = text.split("\r\u001b[K");
    const [table = "", ...counted] = parts.toReversed();
    expect(counted.length).toBeGreaterThan(0);
    for (const line of counted) expect(line).toMatch(/^\d+ of \d+ checked, \d+\/s[^\r\n]{0,60}$/);
    expect(stripVTControlCharacters(table)).toMatch(/^FAILING +\S+\.box\.test:\d+ /);
    expect(table).not.toMatch(/\d+ of \d+ checked/);
  });

  it("says what it waits for before it can count", async () => {
    const text = await onTerminal(["account", ...box], account.aws.environment);
    expect(text).toContain("\r\u001b[Kreading the account ...\r\u001b[K");
    expect(text.indexOf("reading the account")).toBeLessThan(text.indexOf(" checked"));
  });

  it("says of a single origin how long it has not answered", async () => {
    const silent = await startRawOrigin({ kind: "silent" });
    const origin = ["origin", `silent.test:${silent.port}`, "--connect-to", silent.address, "--allow-private"];
    const text = await onTerminal([...origin, "--timeout", "3"]);
    await silent.close();
    const lines = text.split("\r\u001b[K").filter((line) => line.startsWith("checking "));
    expect(lines[0]).toMatch(/^checking silent\.test:\d+, no answer yet \(\d of 3 seconds\)$/);
    expect(stripVTControlCharacters(text)).toMatch(/AT RISK silent\.test:\d+/);
  });

  it("has colours, and rows that fit", async () => {
    const text = await onTerminal([...args, "--quiet"]);
    expect(text).toContain("\u001b[31mFAILING \u001b[39m expired.box.test");
    // Nothing is counted: it is to be quiet.
    expect(text).not.toMatch(/\d+ of \d+ checked/);
    const rows = stripVTControlCharacters(text)
      .split("\r\n")
      .filter((line) => /^(FAILING|AT RISK|UNKNOWN) {2}/.test(line) && !line.includes(", "));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(80);
  });

  it("has none where NO_COLOR is set, or the terminal is a dumb one", async () => {
    for (const environment of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      expect(await onTerminal([...args, "--quiet"], environment)).not.toContain("\u001b[3");
    }
  });
});

describe("into a pipe", () => {
  it("says nothing while it checks, and has no colours", async () => {
    const run = await runCheck(args);
    expect(run.stderr).toBe("");
    expect(run.stdout).not.toContain("\u001b");
  });
});
