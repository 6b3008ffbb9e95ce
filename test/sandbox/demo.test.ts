import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const demo = join(import.meta.dirname, "demo.ts");
const folder = mkdtempSync(join(tmpdir(), "origin-watch-demo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("says what it does before it loads anything, shows every step, and ends with where to look next", async () => {
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
  expect(all.slice(all.indexOf("Where to look next:"))).toContain(page);
  expect(readFileSync(page, "utf8")).toContain("<!doctype html>");
});
