import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleCommand } from "../bin/package/bundle-command.ts";
import { customOrigin, distribution } from "../test/sandbox/distributions.ts";
import { busySeconds, machine, tableRow, writeSection } from "./benchmarks-page.ts";
import { comparison, type Fault } from "./detection-targets.ts";
import { type Output, type Reading, readingOf, type Tool, tools, versionOf } from "./detection-tools.ts";

/**
 * What a check of a fleet of origins costs, beside `openssl s_client` and sslscan over the same list with `xargs -P`, in
 * one run: writes its section of docs/benchmarks.md. Everything is on loopback, behind a relay that adds latency.
 */
const healthy = 450;
const forEachFault = 5;
const roundTripMs = 50;
/** For s_client, of which the fastest is what to compare with. */
const sClientAtOnce = [50, 200, 500] as const;
/** For sslscan, which makes many connections to each origin. */
const sslscanAtOnce = 50;
/** The aim is a wall time of no more than own CPU, the start of the process and so many round trips. */
const mostRoundTrips = 4;
const starts = 9;

export type FleetOrigin = {
  readonly domain: string;
  readonly address: string;
  readonly port: number;
  /** The code of its fault, null for a healthy one. */
  readonly code: string | null;
};

export type Fleet = {
  readonly origins: readonly FleetOrigin[];
  readonly dnsServer: string;
  readonly rootPem: string;
};

/** What the origins have had to do so far. */
export type Spent = { readonly connections: number; readonly cpuSeconds: number };

type Measured = Spent & {
  readonly seconds: number;
  /** Of the tool, with all processes that it took. */
  readonly ownCpuSeconds: number;
  /** Of whoever else was at work on this machine meanwhile. */
  readonly othersCpuSeconds: number;
  readonly readings: readonly Reading[];
};

type Contender = {
  readonly tool: Tool;
  readonly title: string;
  /** A line for bash, run in a folder with `fleet.json`, `root.pem` and `list` (address, port and name in each line). */
  readonly command: string;
  /** What it said of an origin, from what it left in that folder. */
  readonly outputOf: (origin: FleetOrigin) => Output;
};

const where = await machine();
const folder = mkdtempSync(join(tmpdir(), "origin-watch-fleet-"));
const origins = fork(join(import.meta.dirname, "fleet-process.ts"), [healthy, forEachFault, roundTripMs].map(String));
try {
  const [fleet] = (await once(origins, "message")) as [Fleet];
  await prepare(fleet);
  const faults = await faultsByCode();
  const rows: { readonly contender: Contender; readonly measured: Measured }[] = [];
  for (const contender of contenders(fleet)) {
    if (spawnSync(contender.tool.version[0] ?? "", contender.tool.version.slice(1)).error !== undefined) {
      process.stderr.write(`LEFT OUT: ${contender.tool.title} is not installed here, so the comparison lacks it\n`);
      continue;
    }
    process.stderr.write(`${contender.title} ...\n`);
    rows.push({ contender, measured: await measure(contender, fleet, faults) });
  }
  const lines = page(fleet, rows, startSeconds());
  writeSection("A fleet of origins", lines);
  process.stdout.write(`${lines.join("\n")}\nwritten to docs/benchmarks.md\n`);
} finally {
  origins.disconnect();
  rmSync(folder, { recursive: true });
}

async function prepare({ origins: all, rootPem }: Fleet): Promise<void> {
  await bundleCommand(join(folder, "command"));
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "root.pem"), rootPem);
  writeFileSync(
    join(folder, "list"),
    all.map(({ address, port, domain }) => `${address} ${port} ${domain}\n`).join(""),
  );
  // As many origins in a distribution as AWS's default quota allows, or fewer.
  const groups = [...Map.groupBy(all, (_, index) => Math.floor(index / 10)).values()];
  const items = groups.map((group, index) =>
    distribution(
      {
        id: `EFLEET${String(index).padStart(8, "0")}`,
        comment: "",
        origins: group.map(({ domain, port }) => customOrigin(domain, port)),
        defaultBehavior: { target: group[0]?.domain ?? "" },
        behaviors: group.slice(1).map(({ domain }) => ({ pathPattern: `/${domain}/*`, target: domain })),
      },
      "123456789012",
    ),
  );
  writeFileSync(join(folder, "fleet.json"), JSON.stringify({ DistributionList: { Items: items } }));
}

function contenders({ dnsServer }: Fleet): readonly Contender[] {
  const found = (title: string): Tool => {
    const tool = tools.find((each) => each.title === title);
    if (tool === undefined) throw new Error(`detection-tools.ts has no ${title}`);
    return tool;
  };
  const eachOf = (atOnce: number, command: string) =>
    `xargs -P ${atOnce} -L 1 sh -c '${command} </dev/null >"out/$2" 2>&1; echo "status $?" >>"out/$2"' <list`;
  const written = ({ domain }: FleetOrigin): Output => {
    const text = readFileSync(join(folder, "out", domain), "latin1");
    return { text, status: Number(/status (\d+)\n$/.exec(text)?.[1]), timedOut: false };
  };
  let records: ReadonlyMap<string, string> | null = null;
  return [
    {
      tool: found("this check"),
      title: "this check",
      command: `"${process.execPath}" command/command.js check config fleet.json --json --ca root.pem --allow-private --dns-server ${dnsServer} >out/records`,
      outputOf: ({ domain }) => {
        records ??= recordsByDomain();
        return { text: records.get(domain) ?? "null", status: null, timedOut: false };
      },
    },
    ...sClientAtOnce.map((atOnce) => ({
      tool: found("openssl s_client"),
      title: `openssl s_client, ${atOnce} at once`,
      command: eachOf(atOnce, "openssl s_client -connect $0:$1 -servername $2 -verify_hostname $2 -CAfile root.pem"),
      outputOf: written,
    })),
    {
      tool: found("sslscan"),
      title: `sslscan, ${sslscanAtOnce} at once`,
      command: eachOf(sslscanAtOnce, "sslscan --no-compression --show-certificate --sni-name=$2 $0:$1"),
      outputOf: written,
    },
  ];
}

function recordsByDomain(): ReadonlyMap<string, string> {
  const lines = readFileSync(join(folder, "out", "records"), "utf8")
    .split("\n")
    .filter(Boolean);
  return new Map(
    lines.map((line) => [(JSON.parse(line) as { connection: { domain: string } }).connection.domain, line]),
  );
}

async function faultsByCode(): Promise<ReadonlyMap<string, Fault>> {
  const { targets } = await comparison();
  return new Map(targets.flatMap(({ fault }) => (fault === null ? [] : [[fault.code, fault] as const])));
}

async function measure(
  { tool, command, outputOf }: Contender,
  fleet: Fleet,
  faults: ReadonlyMap<string, Fault>,
): Promise<Measured> {
  const before = await spent(origins);
  const busyBefore = busySeconds();
  const started = performance.now();
  // `times` prints what the shell itself took, and in the second line what its children took that have ended.
  const { stdout, stderr } = spawnSync("bash", ["-c", `${command}; times`], { cwd: folder, encoding: "utf8" });
  const seconds = (performance.now() - started) / 1_000;
  const busy = busySeconds() - busyBefore;
  const after = await spent(origins);
  const children = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout);
  if (children === null) throw new Error(`${tool.title}: ${stderr}`);
  const [, userMinutes = 0, user = 0, systemMinutes = 0, system = 0] = children.map(Number);
  const ownCpuSeconds = 60 * (userMinutes + systemMinutes) + user + system;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    seconds,
    ownCpuSeconds,
    othersCpuSeconds: Math.max(0, busy - ownCpuSeconds - cpuSeconds),
    connections: after.connections - before.connections,
    cpuSeconds,
    readings: fleet.origins.map((origin) =>
      readingOf(tool, outputOf(origin), origin.code === null ? null : (faults.get(origin.code) ?? null)),
    ),
  };
}

/** Seconds that the command takes to start and say how it is used: the median. */
function startSeconds(): number {
  const seconds = Array.from({ length: starts }, () => {
    const started = performance.now();
    spawnSync(process.execPath, ["command/command.js", "check", "--help"], { cwd: folder });
    return (performance.now() - started) / 1_000;
  });
  return seconds.toSorted((a, b) => a - b)[Math.floor(starts / 2)] ?? Number.NaN;
}

function aim({ seconds, ownCpuSeconds }: Measured, start: number): string {
  const most = ownCpuSeconds + start + (mostRoundTrips * roundTripMs) / 1_000;
  return `The aim: a wall time of no more than own CPU, the start of the process (${start.toFixed(2)} s) and ${mostRoundTrips} round trips, which is ${most.toFixed(2)} s. Measured: ${seconds.toFixed(2)} s.`;
}

async function spent(child: ChildProcess): Promise<Spent> {
  child.send("spent");
  const [answer] = (await once(child, "message")) as [Spent];
  return answer;
}

function page(
  { origins: all }: Fleet,
  rows: readonly { readonly contender: Contender; readonly measured: Measured }[],
  start: number,
): readonly string[] {
  const failing = all.filter(({ code }) => code !== null).length;
  const ours = rows.find(({ contender }) => contender.tool.title === "this check")?.measured;
  const times = (value: number, reference: number | undefined) =>
    reference === undefined ? "" : ` (${(value / reference).toFixed(value / reference < 10 ? 1 : 0)}x)`;
  const fastest = rows
    .filter(({ contender }) => contender.tool.title === "openssl s_client")
    .toSorted((a, b) => a.measured.seconds - b.measured.seconds)[0];
  const cells = ({ contender: { title }, measured }: (typeof rows)[number]) => {
    const count = (...wanted: readonly Reading[]) => measured.readings.filter((each) => wanted.includes(each)).length;
    const { seconds, ownCpuSeconds, othersCpuSeconds, connections, cpuSeconds } = measured;
    return tableRow([
      title,
      `${seconds.toFixed(1)} s${times(seconds, ours?.seconds)}`,
      `${ownCpuSeconds.toFixed(1)} s${times(ownCpuSeconds, ours?.ownCpuSeconds)}`,
      `${connections}${times(connections, ours?.connections)}`,
      `${cpuSeconds.toFixed(1)} s`,
      `${othersCpuSeconds.toFixed(1)} s`,
      `${count("names the fault")} of ${failing}`,
      `${count("shows a symptom")}`,
      `${count("says nothing", "no result")}`,
      `${count("false alarm")}`,
    ]);
  };
  const codes = [...new Set(all.flatMap(({ code }) => code ?? []))];
  const left = ["this check", "openssl s_client", "sslscan"].filter(
    (title) => !rows.some(({ contender }) => contender.tool.title === title),
  );
  return [
    `Made by \`npm run bench:fleet\` on ${where}.`,
    "",
    `${all.length} origins, ${all.length - failing} healthy and ${failing} that fail for ${codes.length} reasons, ${forEachFault} each:`,
    `${codes.map((code) => `[${code}](findings.md#${code})`).join(", ")}.`,
    `Each has an address of its own on loopback, behind a relay that adds ${roundTripMs} ms to a round trip, half in each`,
    "direction; the round trip of TCP's own handshake is added to the first bytes of a client. A port that refuses does so",
    `without delay. This check reads a saved configuration and asks a name server for`,
    `each name, which takes ${roundTripMs} ms too; the others are told the addresses. In brackets stands the ratio to this check.`,
    "",
    tableRow([
      "",
      "wall time",
      "CPU time",
      "connections",
      "CPU of the origins",
      "CPU of others",
      "names the fault",
      "shows a symptom",
      "says nothing",
      "false alarms",
    ]),
    tableRow(["---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"]),
    ...rows.map(cells),
    "",
    ...(ours === undefined ? [] : [`- ${aim(ours, start)}`]),
    ...(ours === undefined || fastest === undefined
      ? []
      : [
          `- Beside the fastest of s_client (${fastest.contender.title}) this check takes ${(ours.seconds / fastest.measured.seconds).toFixed(2)} of`,
          `  the wall time and ${(ours.ownCpuSeconds / fastest.measured.ownCpuSeconds).toFixed(2)} of the CPU time.`,
        ]),
    "- CPU time is that of the tool with all its processes. The origins and their relays run in a process of their own on the",
    "  same cores: where that was busy for most of the wall time, the tool waited for it. What others took meanwhile shows",
    "  how far the wall time can be trusted.",
    "- What a tool finds is read from what it writes by the rules of [detection.md](detection.md#how-it-is-counted).",
    "- The tools do not do the same. sslscan lists every suite and group that a server accepts, which takes many connections;",
    "  s_client makes one handshake and leaves at once, before a refusal of TLS 1.3 comes. This check makes one handshake with",
    "  a healthy origin, and further hellos only where it fails, to find out why.",
    ...rows.map(
      ({ contender: { tool, title, command } }) =>
        `- ${title} (${versionOf(tool)}): \`${command
          .replace(process.execPath, "node")
          .replace(/ --dns-server \S+/, " --dns-server ADDRESS")
          .replace('"node" command/command.js', "origin-watch")}\``,
    ),
    ...left.map((title) => `- **${title} was not installed where this page was made, and is left out.**`),
  ];
}
