import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { htmlReport } from "../../../bin/terminal/output/html-report.ts";
import type { AnnouncedMute } from "../../../lambda/incidents/state.ts";
import { putState } from "../../functions/put-state.ts";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { SECRET_MARKER } from "../../sandbox/account-distributions.ts";
import { STATE_BUCKET, STATE_KEY } from "../../sandbox/deployment.ts";
import { connectionRecord, incident } from "../../tell/records.ts";
import { recordsIn, runCheck } from "../run-check.ts";

const stack = {
  id: "arn:aws:cloudformation:us-east-1:123456789012:stack/OriginWatch/1",
  outputs: { StateBucketName: STATE_BUCKET },
};

describe("check --report", () => {
  let account: Account;
  let folder: string;

  beforeAll(async () => {
    account = await startAccount({ buckets: [STATE_BUCKET], stacks: { OriginWatch: stack } });
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

  it("shows with --stack since when something is open, and what is muted by whom, until when and why", async () => {
    const file = join(folder, "remembered.html");
    const records = recordsIn(await check(file, "--json"));
    expect(readFileSync(file, "utf8")).not.toMatch(/Muted now|class="ow-since"/);
    const broken = records.find(({ connection }) => connection.domain === "expired.box.test")!;
    const about = { key: broken.connection.key, domain: "expired.box.test", port: broken.connection.port };
    const mute: AnnouncedMute = {
      id: "tag 1",
      source: "tag",
      account: "123456789012",
      distribution: "E1",
      origin: null,
      code: null,
      until: "2099-01-02T03:04:00.000Z",
      reason: "moves <b>on Monday</b>",
      firstSeen: "2026-11-20T00:00:00.000Z",
      announced: "2026-11-20T00:00:00.000Z",
    };
    const openedAt = "2026-11-20T01:02:00.000Z";
    const expired = incident({ ...about, code: "certificate-expired", title: "certificate expired", openedAt });
    putState(account.aws, { incidents: [{ ...expired, mutedBy: mute.id }], mutes: [mute] });
    expect(await check(file, "--stack", "OriginWatch")).toMatchObject({ status: 1, stderr: "" });
    const html = readFileSync(file, "utf8");
    expect(html).toContain('<time datetime="2026-11-20T01:02:00Z">2026-11-20 01:02 UTC</time>');
    const muted = html.slice(html.indexOf('<h2 id="muted">Muted now</h2>'), html.indexOf('<h2 id="expiries">'));
    expect(muted).toContain("expired.box.test");
    expect(muted).toContain("until 2099-01-02 03:04 UTC by the tag origin-watch:mute-until of distribution E1");
    expect(muted).toContain("which says: moves &#60;b&#62;on Monday&#60;/b&#62;");
    expect(html).not.toContain("new in the last run");
    expect(account.aws.calls.map(({ action }) => action)).not.toContain("s3:PutObject");
  });

  it("goes on where the deployment cannot be read, and says so in the report and beside it", async () => {
    const file = join(folder, "unknown.html");
    const run = await check(file, "--stack", "Other");
    const message = "--stack: cannot read the stack Other: there is no such stack in this Region";
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(readFileSync(file, "utf8")).toContain(`<b>Problem:</b> ${message}`);
    const garbage = "{";
    account.aws.objects.put(STATE_BUCKET, STATE_KEY, garbage);
    const damaged = await check(file, "--stack", "OriginWatch");
    expect(damaged.stderr).toContain(`--stack: cannot read s3://${STATE_BUCKET}/${STATE_KEY}: it is not JSON.`);
  });

  it.each([
    [["--stack", "OriginWatch"], "--stack goes with account and --report"],
    [["--region", "eu-west-1"], "--region goes with --stack"],
  ])("refuses %s where nothing would be made of it", async (more, message) => {
    const run = await runCheck(["account", ...more], { environment: account.aws.environment });
    expect([run.status, run.stderr]).toEqual([2, `origin-watch: ${message}\n`]);
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
