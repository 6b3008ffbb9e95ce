import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const file = join(import.meta.dirname, "..", "docs", "benchmarks.md");

const head = `# Benchmarks

Each section is written by a script, which measures everything in it in one run on one machine; do not edit. Absolute
times are those of that machine. Ratios say more, and are what to compare. What this check finds beside other tools is in
[detection.md](detection.md).
`;

/** The sections in the order of the page, by their headings. */
const sections = [
  "A fleet of origins",
  "Thousands of connections",
  "A fleet of workers",
  "The npm package",
  "The construct in CDK apps",
] as const;

/** Writes one section of docs/benchmarks.md, and leaves the others as they are. */
export function writeSection(heading: (typeof sections)[number], lines: readonly string[]): void {
  const page = existsSync(file) ? readFileSync(file, "utf8") : "";
  const bodies = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split("\n", 1)[0] ?? "", section.slice(section.indexOf("\n") + 1).trim()]),
  );
  bodies.set(heading, lines.join("\n").trim());
  const written = sections.flatMap((name) => {
    const body = bodies.get(name);
    return body === undefined ? [] : [`\n## ${name}\n\n${body}\n`];
  });
  writeFileSync(file, `${head}${written.join("")}`);
}

/**
 * What the measurements are to be seen against. To be asked before they begin, for it looks whether others are busy on
 * this machine, which makes all times longer.
 */
export async function machine(): Promise<string> {
  const before = busySeconds();
  await sleep(2_000);
  const share = (busySeconds() - before) / (2 * cpus().length);
  if (share > 0.2) process.stderr.write("BUSY: others use this machine, so times are too long\n");
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const kind = `${cpus().length} cores (${first?.model.trim() ?? "unknown"}), ${gigabytes} GB, ${process.platform} ${process.arch}`;
  return `${kind}, Node ${process.versions.node}, ${Math.round(share * 100)} % busy before the start`;
}

/** Seconds that the cores of this machine have worked since it was started, whoever for. */
export function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1_000;
}

export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
