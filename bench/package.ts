import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The npm package: its size, and the time from the start of a process to the first byte of help. Takes further Node
 * executables as arguments.
 */
const starts = 15;
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "origin-watch-bench-"));
try {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root, stdio: "pipe" });
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  const unpacked = join(folder, "package");
  const bytes = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  console.log(`tarball ${mb(statSync(tarball).size)} MB, installed ${mb(bytes)} MB, without dependencies`);
  for (const node of [process.execPath, ...process.argv.slice(2)]) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    for (const args of [["--help"], ["check", "--help"]]) {
      const times: number[] = [];
      for (let n = 0; n < starts; n += 1)
        times.push(await firstByte(node, [join(unpacked, "dist", "origin-watch.js"), ...args]));
      const median = times.toSorted((a, b) => a - b)[Math.floor(starts / 2)] ?? Number.NaN;
      console.log(`Node ${version}: origin-watch ${args.join(" ")}: first byte after ${median.toFixed(0)} ms`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function firstByte(node: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(node, [...args], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const ms = performance.now() - started;
  child.stdout.resume();
  await once(child, "close");
  return ms;
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
