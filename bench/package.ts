import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createAuthority } from "../test/sandbox/authority.ts";
import { startTlsOrigin } from "../test/sandbox/tls-origin.ts";
import { machine, tableRow, writeSection } from "./benchmarks-page.ts";

/**
 * The npm package: its size, that `npx` runs it in a folder that has nothing else, and the time from the start of a
 * process to the first byte of help. With each Node that it is meant for: the oldest and newest 22, which come from
 * npm for this, and the one that runs this. Writes its section of docs/benchmarks.md.
 */
const starts = 15;
const fromNpm = ["22.15.0", "22"] as const;
const aim = { megabytes: 10, ms: 300 };
const name = "origin.bench.test";

type Measured = { readonly version: string; readonly npx: string; readonly help: number; readonly checkHelp: number };

const where = await machine();
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "origin-watch-bench-"));
const authority = await createAuthority();
const leaf = await authority.leaf({ names: [name] });
const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
try {
  const caFile = join(folder, "root.pem");
  writeFileSync(caFile, authority.certificatePem);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root, stdio: "pipe" });
  const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "");
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  const unpacked = join(folder, "package");
  const bytes = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  const measured: Measured[] = [];
  for (const node of [...fromNpm.flatMap(nodeFromNpm), process.execPath]) {
    measured.push(await measure(node, tarball, join(unpacked, "dist", "origin-watch.js"), caFile));
  }
  const lines = page(measured, statSync(tarball).size, bytes);
  writeSection("The npm package", lines);
  process.stdout.write(`${lines.join("\n")}\nwritten to docs/benchmarks.md\n`);
  const slowest = Math.max(...measured.flatMap(({ help, checkHelp }) => [help, checkHelp]));
  if (bytes > aim.megabytes * 1e6 || slowest > aim.ms || measured.some(({ npx }) => npx !== "healthy")) {
    process.stderr.write("MISSED: the package is too large, too slow to start, or does not run\n");
    process.exitCode = 1;
  }
} finally {
  await origin.close();
  rmSync(folder, { recursive: true });
}

/** The executable of a Node from npm, which has them as packages; none, and a loud word, where npm has none to give. */
function nodeFromNpm(version: string): string[] {
  const kind = `node-${process.platform}-${process.arch}`;
  const into = join(folder, `node-${version}`);
  mkdirSync(into);
  try {
    const wanted = `${kind}@${version}`;
    execFileSync("npm", ["install", "--silent", "--no-save", "--ignore-scripts", "--prefix", into, wanted], {
      stdio: "pipe",
    });
    return [join(into, "node_modules", kind, "bin", "node")];
  } catch {
    process.stderr.write(`LEFT OUT: Node ${version}, for npm has no ${kind} here\n`);
    return [];
  }
}

async function measure(node: string, tarball: string, bin: string, caFile: string): Promise<Measured> {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  return {
    version,
    npx: await npxVerdict(node, version, tarball, caFile),
    help: await median(() => firstByte(node, [bin, "--help"])),
    checkHelp: await median(() => firstByte(node, [bin, "check", "--help"])),
  };
}

/** What `npx ./TARBALL check origin` says of a healthy origin, in a folder with the tarball alone, without a registry. */
async function npxVerdict(node: string, version: string, tarball: string, caFile: string): Promise<string> {
  const empty = mkdtempSync(join(tmpdir(), "origin-watch-empty-"));
  copyFileSync(tarball, join(empty, basename(tarball)));
  const box = ["--connect-to", "127.0.0.1", "--allow-private", "--ca", caFile];
  const command = ["--yes", `./${basename(tarball)}`, "check", "origin", `${name}:${origin.port}`, "--json", ...box];
  // npx starts with the Node that is first in PATH, and so does what it runs.
  const env = { PATH: `${dirname(node)}:${process.env.PATH}`, HOME: empty, npm_config_offline: "true" };
  const child = spawn("npx", command, { cwd: empty, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  await once(child, "close");
  rmSync(empty, { recursive: true });
  const verdict = /"verdict":"([a-z-]+)"/.exec(text)?.[1];
  if (verdict === undefined) process.stderr.write(`npx with Node ${version}: ${text}\n`);
  return verdict ?? "DOES NOT RUN";
}

async function median(measureOnce: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < starts; count += 1) times.push(await measureOnce());
  return times.toSorted((a, b) => a - b)[Math.floor(starts / 2)] ?? Number.NaN;
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

function page(measured: readonly Measured[], packed: number, unpacked: number): readonly string[] {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  return [
    `Made by \`npm run bench:package\` on ${where}.`,
    "",
    `- Tarball: ${mb(packed)} MB. Installed: ${mb(unpacked)} MB, without any dependency; the CDK is an optional peer, which npm`,
    `  does not install by itself. The aim is less than ${aim.megabytes} MB.`,
    `- First byte of help: the median of ${starts} starts, from the start of the process. The aim is less than ${aim.ms} ms.`,
    "- `npx ./origin-watch-VERSION.tgz check origin …` is run in a folder that holds the tarball and nothing else, offline,",
    "  against a healthy origin on loopback; the verdict is what it says. The Nodes are the oldest and the newest 22 that npm",
    "  has, and the one of the scripts.",
    "",
    tableRow(["Node", "npx from an empty folder", "`origin-watch --help`", "`origin-watch check --help`"]),
    tableRow(["---", "---", "---:", "---:"]),
    ...measured.map(({ version, npx, help, checkHelp }) =>
      tableRow([version, npx, `${help.toFixed(0)} ms`, `${checkHelp.toFixed(0)} ms`]),
    ),
  ];
}
