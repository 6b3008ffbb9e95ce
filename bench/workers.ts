import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type AwsEndpoint, startAwsEndpoint } from "../test/sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, STATE_BUCKET, TOPIC_ARN } from "../test/sandbox/deployment.ts";
import { type DnsServer, startDnsServer } from "../test/sandbox/dns-server.ts";
import {
  type FaultyWorkers,
  faultyWorkers,
  fleetDistributions,
  type LoggedRun,
  loggedRun,
} from "../test/sandbox/fleet.ts";
import { type Assembly, synthesise } from "../test/sandbox/lambda/assembly.ts";
import { FunctionError, type LocalFunction } from "../test/sandbox/lambda/function.ts";
import { type BoxWorker, deployWorker } from "../test/sandbox/workers.ts";
import { machine, tableRow, writeSection } from "./benchmarks-page.ts";
import type { LoadOrigins } from "./load.ts";

/**
 * What a fleet costs: the function that watches and its workers as the stack deploys them, each in processes of its own, in
 * an account in a box, with origins on loopback. Writes its section of docs/benchmarks.md. Arguments: how many connections,
 * several for several rows. Every number is run with the same faults as the test of 2,000, and once without.
 *
 * Nothing here depends on how fast the machine is: on a busy one only the times are longer.
 */
const counts = process.argv.slice(2).map(Number);
if (counts.length === 0) counts.push(1_000, 10_000, 100_000);

const atOnce = 4;
const addresses = 400;
/** This machine has two cores for everything, so that a run takes longer than the five minutes that Lambda gives one. */
const timeoutMs = 3_600_000;

type Measured = {
  readonly count: number;
  readonly seconds: number;
  readonly hubCpuSeconds: number;
  readonly workerCpuSeconds: number;
  readonly hubMb: number;
  readonly workerMb: number;
  /** Connections without a result in the run with faults, all of them with a reason. */
  readonly outOfTime: number;
  readonly batches: number;
};

/** What all rows share. */
type Scene = {
  readonly origins: LoadOrigins;
  readonly assembly: Assembly;
  readonly dns: DnsServer;
  readonly caFile: string;
};

type Fleet = { readonly watch: LocalFunction; readonly worker: BoxWorker; readonly aws: AwsEndpoint };

/** One origin of a thousand has a certificate that nobody trusts. */
const isFailing = (index: number) => index % 1_000 === 500;
const failingOf = (count: number) => Array.from({ length: count }, (_, index) => index).filter(isFailing).length;
const nameOf = (index: number) => `o${index}.load.test`;

const where = await machine();
const origins = fork(join(import.meta.dirname, "load-origins.ts"), [String(addresses), "1"]);
const folder = mkdtempSync(join(tmpdir(), "origin-watch-workers-"));
try {
  const [started] = (await once(origins, "message")) as [LoadOrigins];
  const lines = page(await measureAll(started));
  writeSection("A fleet of workers", lines);
  process.stdout.write(`${lines.join("\n")}\nwritten to docs/benchmarks.md\n`);
} finally {
  origins.disconnect();
  rmSync(folder, { recursive: true });
}

async function measureAll(started: LoadOrigins): Promise<readonly Measured[]> {
  const caFile = join(folder, "root.pem");
  writeFileSync(caFile, started.rootPem);
  const assembly = await synthesise({ fleet: true, workerConcurrency: atOnce });
  const addressOf = (index: number) => {
    const all = isFailing(index) ? started.failing.addresses : started.healthy.addresses;
    return all[index % all.length] ?? "";
  };
  const zone = Array.from({ length: Math.max(...counts) }, (_, index) => [nameOf(index), { A: [addressOf(index)] }]);
  const dns = await startDnsServer(Object.fromEntries(zone));
  try {
    const rows: Measured[] = [];
    for (const count of counts) rows.push(await measure(count, { origins: started, assembly, dns, caFile }));
    return rows;
  } finally {
    await dns.close();
    assembly.remove();
  }
}

async function measure(count: number, { origins: { healthy, failing }, assembly, dns, caFile }: Scene) {
  const aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    distributions: fleetDistributions(
      Array.from({ length: count }, (_, index) => ({
        name: nameOf(index),
        port: isFailing(index) ? failing.port : healthy.port,
      })),
      "123456789012",
    ),
  });
  const additions = {
    DNS_SERVERS: dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: caFile,
  };
  const worker = deployWorker(assembly, aws, { region: "us-east-1", places: atOnce, additions });
  const watch = await deployFunction(assembly, FUNCTIONS.watch, aws, additions);
  try {
    return await measured(count, { worker, aws, watch });
  } finally {
    await Promise.all([watch.close(), worker.close(), aws.close()]);
  }
}

async function measured(count: number, fleet: Fleet): Promise<Measured> {
  const { watch, worker, aws } = fleet;
  const good = faultyWorkers(worker.invoke, () => null);
  aws.functions.set(worker.arn, good.invoke);
  const first = await following(count, "a run in which all goes well", good, () => watch.invoke({ timeoutMs }));
  const before = loggedRun(first.logs);
  expectAll(count, before, good);
  if (!about(aws, 0).some((subject) => subject.startsWith("[502]"))) throw new Error("nobody was told of what fails");
  const row = {
    count,
    seconds: first.ms / 1_000,
    hubCpuSeconds: first.cpuSeconds ?? Number.NaN,
    workerCpuSeconds: worker.cpuSeconds(),
    hubMb: first.peakMemoryMb ?? Number.NaN,
    workerMb: worker.peakMemoryMb() ?? Number.NaN,
    batches: good.calls(),
  };
  const told = aws.messages.length;
  await endedInTheMiddle(count, row.batches / 2, fleet);
  if (aws.messages.length > told) throw new Error("a run told something before it had looked");

  const faulty = faultyWorkers(worker.invoke);
  aws.functions.set(worker.arn, faulty.invoke);
  const second = await following(count, "the run after it, with faults", faulty, () => watch.invoke({ timeoutMs }));
  const run = loggedRun(second.logs);
  expectAll(count, run, faulty);
  faulty.release();
  const lost = before.incidents.length - run.incidents.length;
  if (lost > 0) throw new Error(`${lost} incidents fewer than before`);
  const unmet = Object.entries(faulty.met).filter(([, times]) => times === 0);
  if (unmet.length > 0) throw new Error(`no batch met these faults: ${unmet.map(([fault]) => fault).join(", ")}`);
  // What the first run did not get to opens in the second.
  const isMissing = before.incidents.length < failingOf(count);
  const isSlow = (before.verdicts["at-risk"] ?? 0) > 0;
  const mayOpen = (subject: string) =>
    subject.startsWith("[502]") ? isMissing : isSlow && !/^\[(?:FIXED|CLOSED)/.test(subject);
  const unexpected = about(aws, told).filter((subject) => !mayOpen(subject));
  if (unexpected.length > 0) throw new Error(`told of origins that are as they were: ${unexpected.join("; ")}`);
  return { ...row, outOfTime: run.outOfTime.length };
}

/** Ends the function once so many batches have been asked for. */
async function endedInTheMiddle(count: number, batches: number, { watch, worker, aws }: Fleet): Promise<void> {
  const halfway = Promise.withResolvers<void>();
  const dying = faultyWorkers(worker.invoke);
  aws.functions.set(worker.arn, async (event) => {
    const answer = await dying.invoke(event);
    if (dying.calls() > batches) halfway.resolve();
    return answer;
  });
  const killed = halfway.promise.then(() => watch.kill());
  const ended = await following(count, "a run that is ended in the middle", dying, () =>
    watch.invoke({ timeoutMs }).catch((error: unknown) => error),
  );
  await killed;
  dying.release();
  if (!(ended instanceof FunctionError)) throw new Error("the run was not ended in the middle");
}

/**
 * Every connection has a result or a reason and none has two, none that could not be observed has a result, what fails is
 * found where it was observed, and nothing counts as over.
 */
function expectAll(count: number, run: LoggedRun, workers: FaultyWorkers): void {
  const outOfTime = new Set(run.outOfTime);
  const { healthy = 0, failing = 0, unknown = 0, "at-risk": slow = 0, ...others } = run.verdicts;
  const seen = healthy + failing + slow;
  const toFail = failingOf(count);
  const times = [...workers.asked.values()];
  const failures = [
    ...(run.connections === count ? [] : [`${run.connections} connections in the record of the run`]),
    ...(new Set(run.keys).size === run.keys.length ? [] : ["a connection was logged twice"]),
    ...(run.healthyUnlogged + run.keys.length === count ? [] : [`${run.keys.length} records`]),
    ...(run.healthyUnlogged + seen + unknown === count ? [] : [`verdicts ${JSON.stringify(others)}`]),
    // On a busy machine an origin may take too long to answer or to shake hands, which is a result or a reason too.
    ...(unknown >= outOfTime.size ? [] : [`${unknown} unknown, ${outOfTime.size} without time`]),
    ...(failing <= toFail && failing + unknown + slow >= toFail ? [] : [`${failing} failing in place of ${toFail}`]),
    ...([...workers.lost].every((key) => outOfTime.has(key)) ? [] : ["a lost batch has results"]),
    ...(times.length === count ? [] : [`${times.length} connections were asked for`]),
    ...(times.every((tries) => tries <= 2) ? [] : ["a connection was asked for more than twice"]),
    ...(run.incidents.every((status) => status === "opened" || status === "open") ? [] : ["an incident ended"]),
  ];
  if (failures.length > 0) throw new Error(`${count} connections: ${failures.join("; ")}`);
}

/** Subjects of the messages after the first so many that are about origins. */
function about(aws: AwsEndpoint, after: number): readonly string[] {
  return aws.messages
    .slice(after)
    .map(({ subject }) => subject ?? "")
    .filter((subject) => !/^\[(?:PROBLEM|NOT CHECKED)\]|^\[[A-Z ]+\] Origin Watch\b/.test(subject));
}

/** Says how far a run is, while it runs. */
async function following<T>(count: number, what: string, workers: FaultyWorkers, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const say = () => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    process.stderr.write(`${count} connections, ${what}: ${workers.calls()} batches asked for, ${seconds} s\n`);
  };
  const over = new AbortController();
  const saying = (async () => {
    for (;;) {
      say();
      await sleep(30_000, undefined, { signal: over.signal });
    }
  })().catch(() => undefined);
  try {
    return await run();
  } finally {
    over.abort();
    await saying;
    say();
  }
}

function page(rows: readonly Measured[]): readonly string[] {
  const perThousand = (seconds: number, { count }: Measured) => `${((seconds * 1_000) / count).toFixed(2)} s`;
  const growth = rows.slice(1).map((row, index) => growthBetween(rows[index], row));
  return [
    `Made by \`npm run bench:workers\` on ${where}.`,
    "",
    `The function that watches and its workers, ${atOnce} at once, as the stack deploys them with \`fleet\`: processes with 512 MB`,
    "each, the heap that the stack gives V8, and the Runtime API. CloudFront, S3, SNS, Lambda's Invoke, the name server and the",
    `origins are on the same cores: 20 origins a distribution, one in a thousand with a certificate that nobody trusts, on ${addresses}`,
    "addresses. CPU time and memory are of the first run, which logs every connection; memory is the peak of what was resident.",
    "",
    tableRow([
      "connections",
      "batches",
      "wall time",
      "per 1,000",
      "CPU of the hub per 1,000",
      "CPU of workers per 1,000",
      "memory of the hub",
      "memory of a worker",
      "without a result, with faults",
    ]),
    tableRow(["---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"]),
    ...rows.map((row) =>
      tableRow([
        String(row.count),
        String(row.batches),
        `${row.seconds.toFixed(0)} s`,
        perThousand(row.seconds, row),
        perThousand(row.hubCpuSeconds, row),
        perThousand(row.workerCpuSeconds, row),
        `${row.hubMb.toFixed(0)} MB`,
        `${row.workerMb.toFixed(0)} MB`,
        String(row.outOfTime),
      ]),
    ),
    "",
    ...growth,
    ...(growth.length === 0
      ? []
      : [
          "- The aim: CPU time that grows no faster than the connections, 1.5 KB of memory for each, and 320 MB for 100,000.",
          "",
        ]),
    "After that a run is ended in the middle, and the next one has faults: of every hundred batches one fails and one is late, and",
    "one gets the answer to another batch. Each connection then has a result or a reason, none has two, none of a lost batch has a",
    "result, what was failing is still open, and nobody is told of an origin: the script ends with an error otherwise.",
  ];
}

/** How much more the larger number takes, for each connection that it has more. */
function growthBetween(fewer: Measured | undefined, more: Measured): string {
  if (fewer === undefined) return "";
  const added = more.count - fewer.count;
  const kilobytes = ((more.hubMb - fewer.hubMb) * 1_024) / added;
  const cpu = ((more.hubCpuSeconds - fewer.hubCpuSeconds) * 1_000) / added;
  const workers = ((more.workerCpuSeconds - fewer.workerCpuSeconds) * 1_000) / added;
  return [
    `- From ${fewer.count} to ${more.count} connections the hub's memory grows by ${kilobytes.toFixed(2)} KB for each, its CPU time by`,
    `  ${cpu.toFixed(2)} s and that of the workers by ${workers.toFixed(2)} s for a thousand.`,
  ].join("\n");
}
