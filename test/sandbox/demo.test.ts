import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const demo = join(import.meta.dirname, "demo.ts");
const folder = mkdtempSync(join(tmpdir(), "origin-watch-demo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.concurrent("says what it does before it loads anything, shows every step, and ends with where to look next", async () => {
  // What is loaded first could take any time: the entry loads nothing by itself.
  expect(readFileSync(demo, "utf8")).not.toMatch(/^import /m);
  const page = join(folder, "page.html");
  const child = spawn(process.execPath, [demo, page], { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: string[] = [];
  const errors: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString("utf8")));
  const [status] = (await once(child, "close")) as [number];
  expect([status, errors.join("")]).toEqual([0, ""]);
  expect(chunks[0]).toMatch(/^Origin Watch in an AWS account in a box/);
  expect(chunks[0]).not.toContain("First run");
  const all = chunks.join("");
  for (const step of ["First run", "Second run", "Third run", "fourth run", "Subject: [FIXED]"]) {
    expect(all).toContain(step);
  }
  // Two outages from both sides: what viewers get, and what is told of it.
  const outages = all.slice(all.indexOf("An hour later"));
  for (const line of [
    /tickets\.example\.com +40 x 504/,
    /forum\.example\.com +40 x 502/,
    /bad-gateway\.box\.test +healthy$/m,
    /\[504\] tickets\.example\.com: 100\.0% of requests get 504/,
    /\[502\] forum\.example\.com: 100\.0% of requests get 502 \(.*no cause found/,
    /\[AT RISK\] goes-dark\.box\.test:\d+: stopped answering/,
    /\[504\] goes-dark\.box\.test:\d+: stopped answering .*CloudFront counts 504/,
  ]) {
    expect(outages).toMatch(line);
  }
  expect(all.slice(all.indexOf("Where to look next:"))).toContain(page);
  const html = readFileSync(page, "utf8");
  expect(html).toContain("<!doctype html>");
  expect(html).toContain("100.0% of requests get 502");
});

it.concurrent("shows a hub of 40 accounts, what each lacks, and what is told of it", async () => {
  const page = join(folder, "organization.html");
  const child = spawn(process.execPath, [demo, "organization", page], { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const [status] = (await once(child, "close")) as [number];
  const all = chunks.join("");
  expect([status, all]).toEqual([0, all]);
  for (const line of [
    /^ {2}failing +expired\.box\.test, used by 3 accounts$/m,
    /^ {2}at-risk +tls12-only\.box\.test, used by 1 account$/m,
    /^ +eu-central-1: 127\.0\.0\.9, connection refused$/m,
    /^ +ap-northeast-1: 127\.0\.0\.2, handshake completed$/m,
    /^Cause: .* Seen from ap-northeast-1, not from .*eu-central-1/m,
    /^Cause: From eu-central-1: port \d+ refuses connections/m,
    /^ {2}account-unreadable 200000000002$/m,
    /^ {2}\[502\] expired\.box\.test.*3 accounts\)$/m,
    /^ {2}\[PROBLEM\] .*\(200000000002 payments\)/m,
    /^ {2}\[PROBLEM\] .*\(200000000004 media\)/m,
    /^ {2}\[FIXED\] expired\.box\.test/m,
    /1 denied \(200000000002\)/,
  ]) {
    expect(all).toMatch(line);
  }
  expect(readFileSync(page, "utf8")).toContain("<!doctype html>");
});
