import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Listener } from "../test/sandbox/listener.ts";
import { comparison, type Target } from "./detection-targets.ts";
import {
  inputOpenMs,
  longestRunMs,
  type Output,
  type Reading,
  readingOf,
  runTool,
  type Tool,
  tools,
  versionOf,
  type Where,
} from "./detection-tools.ts";

/**
 * What this check and its peers say of the same servers, and what that costs: writes docs/detection.md.
 * Everything is on 127.0.0.1. With `--keep FOLDER` every run is kept there with its raw output, and with `--from FOLDER`
 * the kept runs are read instead of running anything, so that the rules can be looked at and changed.
 */
type Run = Output & { readonly seconds: number; readonly connections: number };
type Cell = Run & { readonly reading: Reading };
type Row = { readonly target: Target; readonly cells: readonly Cell[] };

const { values: flags } = parseArgs({ options: { keep: { type: "string" }, from: { type: "string" } } });
if (flags.keep !== undefined) mkdirSync(flags.keep, { recursive: true });

const installed = tools.filter(isInstalled);
const missing = tools.filter((tool) => !installed.includes(tool));
for (const { title } of missing) {
  process.stderr.write(`LEFT OUT: ${title} is not installed here, so the comparison lacks it\n`);
}
const folder = mkdtempSync(join(tmpdir(), "origin-watch-detection-"));
try {
  const rows = flags.from === undefined ? await measure() : await kept(flags.from);
  const file = join(import.meta.dirname, "..", "docs", "detection.md");
  writeFileSync(file, page(rows));
  process.stdout.write(`${summary(rows).join("\n")}\nwritten to docs/detection.md\n`);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<readonly Row[]> {
  const { rootPem, targets } = await comparison();
  const rootFile = join(folder, "root.pem");
  writeFileSync(rootFile, rootPem);
  const started = await Promise.all(targets.map(async (target) => ({ target, listener: await target.start() })));
  const columns: Cell[][] = [];
  for (const tool of installed) {
    const cells: Cell[] = [];
    const left = started.entries();
    const oneAfterTheOther = async () => {
      for (const [index, { target, listener }] of left) {
        const jsonFile = join(folder, `${listener.port}.json`);
        cells[index] = await measureOne(tool, target, listener, { rootFile, jsonFile });
      }
    };
    await Promise.all(Array.from({ length: tool.atOnce }, oneAfterTheOther));
    columns.push(cells);
  }
  await Promise.all(started.map(({ listener }) => listener.close()));
  return targets.map((target, index) => ({ target, cells: columns.flatMap((cells) => cells[index] ?? []) }));
}

async function measureOne(tool: Tool, target: Target, listener: Listener, files: Omit<Where, "port">): Promise<Cell> {
  const before = listener.connections();
  const begun = performance.now();
  const output = await runTool(tool, { port: String(listener.port), ...files });
  const seconds = (performance.now() - begun) / 1_000;
  const run: Run = { ...output, seconds, connections: listener.connections() - before };
  if (flags.keep !== undefined) writeFileSync(keptFile(flags.keep, target, tool), JSON.stringify(run));
  return cellFrom(tool, target, run);
}

function cellFrom(tool: Tool, target: Target, run: Run): Cell {
  const reading = readingOf(tool, run, target.fault);
  process.stderr.write(`${tool.title} on ${target.title}: ${reading}, ${run.seconds.toFixed(1)} s\n`);
  return { ...run, reading };
}

async function kept(from: string): Promise<readonly Row[]> {
  const { targets } = await comparison();
  const read = (target: Target, tool: Tool): Run => JSON.parse(readFileSync(keptFile(from, target, tool), "utf8"));
  return targets.map((target) => ({
    target,
    cells: installed.map((tool) => cellFrom(tool, target, read(target, tool))),
  }));
}

function keptFile(keptIn: string, target: Target, tool: Tool): string {
  return join(keptIn, `${`${target.title} - ${tool.title}`.replaceAll(/[^\w.-]+/g, "_")}.json`);
}

function isInstalled({ version: [program = "", ...args] }: Tool): boolean {
  return spawnSync(program, args).error === undefined;
}

function page(rows: readonly Row[]): string {
  const titles = installed.map(({ title }) => title);
  return [
    "# What this check tells, beside other tools",
    "",
    "Made by `node bench/detection.ts`; do not edit. The same servers of the test sandbox, all on 127.0.0.1, are shown to each",
    "tool under the name origin.test. The question is only ever one: would CloudFront, with TLS 1.2 as its origin SSL",
    "protocol, get through? The other tools were made for other questions, mostly whether a server is secure; that they do",
    "not answer this one is no fault of theirs.",
    "",
    "Two more tables are held by tests, a row for each case. [origin-cases.tsv](../test/terminal/origin-cases.tsv) has origins",
    "as people reported them, and what this check says of each at one look;",
    "[template-cases.tsv](../test/terminal/template-cases.tsv) has templates and saved configurations that leave something open",
    "or are written in another way, checked with a name server that knows no name.",
    "",
    "## What they say",
    "",
    tableRow(["server", "wrong is", ...titles]),
    tableRow(Array.from({ length: titles.length + 2 }, () => "---")),
    ...rows.map(({ target: { title, fault }, cells }) =>
      tableRow([
        title,
        fault === null ? "nothing" : `[${fault.code}](findings.md#${fault.code})`,
        ...cells.map(({ reading }) => shown(reading)),
      ]),
    ),
    "",
    ...summary(rows).map((line) => `- ${line}`),
    "",
    "## What it costs",
    "",
    "Seconds of wall time, start of the program included, and TCP connections that the server accepted.",
    `\`*\`: ended after ${longestRunMs / 1_000} seconds. Every program's input stays open for ${inputOpenMs / 1_000} seconds, which is what`,
    "`s_client` waits for after a handshake. The servers ran in one process on the same machine.",
    "",
    tableRow(["server", ...titles]),
    tableRow(["---", ...titles.map(() => "---:")]),
    ...rows.map(({ target, cells }) => tableRow([target.title, ...cells.map(cost)])),
    tableRow(["**median**", ...installed.map((_, index) => medianCost(rows, index))]),
    "",
    "## How it is counted",
    "",
    "What a tool writes is cut into what it reports as wrong and the rest. For a server with a fault: it **names the fault**",
    "when what it reports as wrong has the words for it (a pattern per fault, in `bench/detection-targets.ts`), **shows a",
    "symptom** when it fails otherwise, or lists the fact from which somebody who knows CloudFront's requirements could tell,",
    "and **says nothing** when it does neither. For a healthy server whatever it reports as wrong is a **false alarm**: it may",
    "well be sound advice on security, and still CloudFront gets through. Where it fails on one without a word, or is ended",
    "before it is done, there is **no result**. DES-CBC3-SHA is beyond OpenSSL 3, so that server plays",
    "its first flight from a script: a tool that has to complete a handshake cannot succeed with it.",
    "",
    ...installed.flatMap((tool) => [
      `- ${tool.title} (${versionOf(tool)}): \`${tool.command({ port: "PORT", rootFile: "ROOT", jsonFile: "FILE" })}\`.`,
      `  ${tool.rule}`,
    ]),
    ...missing.map(({ title }) => `- **${title} was not installed where this page was made, and is left out.**`),
    "",
    "## Where the others tell more",
    "",
    "- testssl.sh and nmap list every suite that a server accepts, sslscan every group too, and grade them; this check makes",
    "  one connection to a healthy origin and knows only what that one agreed on.",
    "- testssl.sh looks for known vulnerabilities, revocation, stapling, session tickets, clock skew and much more. This check",
    "  says nothing of a server that is unsafe but that CloudFront gets through to.",
    "- `openssl s_client` shows the whole conversation and every certificate in full.",
    "- None of them knows CloudFront's suites, groups and rules by itself: `s_client` was given them here.",
    "",
  ].join("\n");
}

function summary(rows: readonly Row[]): string[] {
  return installed.map(({ title }, index) => {
    const count = (reading: Reading) => rows.filter(({ cells }) => cells[index]?.reading === reading).length;
    const faulty = rows.filter(({ target }) => target.fault !== null).length;
    return `${title}: of ${faulty} faults names ${count("names the fault")}, shows a symptom of ${count("shows a symptom")}, says nothing of ${count("says nothing")}; of ${rows.length - faulty} healthy servers false alarm for ${count("false alarm")}. No result: ${count("no result")}.`;
  });
}

function cost({ seconds, connections, timedOut }: Cell): string {
  return `${seconds.toFixed(1)} s${timedOut ? "\\*" : ""}, ${connections}`;
}

function medianCost(rows: readonly Row[], index: number): string {
  const cells = rows.flatMap(({ cells }) => cells[index] ?? []);
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return `${median(cells.map(({ seconds }) => seconds)).toFixed(1)} s, ${median(cells.map(({ connections }) => connections))}`;
}

function shown(reading: Reading): string {
  switch (reading) {
    case "names the fault":
    case "false alarm":
      return `**${reading}**`;
    case "shows a symptom":
    case "says nothing":
    case "quiet":
    case "no result":
      return reading;
  }
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
