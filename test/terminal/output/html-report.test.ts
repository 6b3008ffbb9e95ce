import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { htmlReport } from "../../../bin/terminal/output/html-report.ts";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { SECRET_MARKER } from "../../sandbox/account-distributions.ts";
import { connectionRecord } from "../../tell/records.ts";
import { runCheck } from "../run-check.ts";

describe("check --report", () => {
  let account: Account;
  let folder: string;

  beforeAll(async () => {
    account = await startAccount();
    folder = mkdtempSync(join(tmpdir(), "origin-watch-report-"));
  });

  afterAll(async () => {
    await account.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function check(file: string, ...more: string[]) {
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
    return runCheck(["account", "--report", file, ...box, ...more], { environment: account.aws.environment });
  }

  it("writes what it prints as one HTML file, without the value of a custom header", async () => {
    const file = join(folder, "report.html");
    writeFileSync(file, "what was there before");
    const run = await check(file);
    expect(run).toMatchObject({ status: 1, stderr: "" });
    const html = readFileSync(file, "utf8");
    expect(html).toMatch(/^<!doctype html><html lang="en">.*<\/html>$/s);
    const [, failing, atRisk] = /<h1>(\d+) origins failing, (\d+) at risk<\/h1>/.exec(html) ?? [];
    const expected = (verdict: string) =>
      String(account.origins.filter(({ expectedVerdict }) => expectedVerdict === verdict).length);
    expect([failing, atRisk]).toEqual([expected("failing"), expected("at-risk")]);
    for (const { domain } of account.origins) expect(html).toContain(domain);
    expect(html).not.toContain(SECRET_MARKER);
    expect(readdirSync(folder)).toEqual(["report.html"]);
  });

  it("says so when it cannot write, after the result", async () => {
    const run = await check(join(folder, "missing", "report.html"), "--json");
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/^origin-watch: --report: cannot write .*report\.html: no such file or directory\n$/);
    expect(run.stdout.split("\n").length).toBeGreaterThan(20);
  });
});

describe("htmlReport", () => {
  const now = Date.UTC(2026, 10, 23, 3, 12);
  const checked = { records: [], problems: [], startedAt: now, finishedAt: now, now };

  it("says what could not be read, and does not call that all clear", () => {
    const html = htmlReport({
      ...checked,
      records: [connectionRecord("a.example.com")],
      problems: ["E9 is not checked: <odd>"],
    });
    expect(html).toContain("<h1>Nothing seen failing, but the run is incomplete</h1>");
    expect(html).toContain("<b>Problem:</b> E9 is not checked: &#60;odd&#62;");
  });

  it("remembers nothing, so it tells no age", () => {
    expect(
      htmlReport({ ...checked, records: [connectionRecord("a.example.com", { verdict: "failing" })] }),
    ).not.toMatch(/ since |new in the last run/);
  });
});
