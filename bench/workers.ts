import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AwsEndpoint, startAwsEndpoint } from "../test/sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, STATE_BUCKET, TOPIC_ARN } from "../test/sandbox/deployment.ts";
import { startDnsServer } from "../test/sandbox/dns-server.ts";
import { type FaultyWorkers, faultyWorkers, fleetDistributions, loggedRun } from "../test/sandbox/fleet.ts";
import { type Assembly, synthesise } from "../test/sandbox/lambda/assembly.ts";
import { FunctionError, type LocalFunction } from "../test/sandbox/lambda/function.ts";
import { type BoxWorker, deployWorker } from "../test/sandbox/workers.ts";
import { machine, tableRow, writeSection } from "./benchmarks-page.ts";
import type { LoadOrigins } from "./load.ts";

/**
 * What a fleet costs: the function that watches and its workers as the stack deploys them, each in processes of its own, in
 * an account in a box, with origins on loopback. Writes its section of docs/benchmarks.md. Arguments: how many connections,
 * several for several rows. Every number is run with the same faults as the test of 2,000, and once without.
 */
const counts = process.argv.slice(2).map(Number);
if (counts.length === 0) counts.push(1_000, 10_000, 100_000);

const atOnce = 4;
const addresses = 400;
/** This machine has two cores for everything, so that a run takes longer than the five minutes that Lambda gives one. */
const timeoutMs = 3_600_000;
const initTimeoutMs = 120_000;

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

type Fleet = { readonly watch: LocalFunction; readonly worker: BoxWorker; readonly aws: AwsEndpoint };

const where = await machine();
const origins = fork(join(import.meta.dirname, "load-origins.ts"), [String(addresses), "1"]);
try {
  const [started] = (await once(origins, "message")) as [LoadOrigins];
  const rows: Measured[] = [];
  for (const count of counts) rows.push(await measure(count, started));
  const lines = page(rows);
  writeSection("A fleet of workers", lines);
  process.stdout.write(`${lines.join("\n")}\nwritten to docs/benchmarks.md\n`);
} finally {
  origins.disconnect();
}

async function measure(count: number, { rootPem, healthy, failing }: LoadOrigins): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-workers-"));
  const caFile = join(folder, "root.pem");
  writeFileSync(caFile, rootPem);
  const assembly = await synthesise({ fleet: true, workerConcurrency: atOnce });
  const isFailing = (index: number) => index % 1_000 === 500;
  const dns = await startDnsServer(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => {
        const all = isFailing(index) ? failing.addresses : healthy.addresses;
        return [`o${index}.load.test`, { A: [all[index % all.length] ?? ""] }];
      }),
    ),
  );
  const aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    distributions: fleetDistributions(
      Array.from({ length: count }, (_, index) => ({
        name: `o${index}.load.test`,
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
  const fleet = await deployed(assembly, aws, additions);
  try {
    return await measured(count, fleet);
  } finally {
    await Promise.all([fleet.watch.close(), fleet.worker.close(), aws.close(), dns.close()]);
    assembly.remove();
    rmSync(folder, { recursive: true });
  }
}

async function deployed(assembly: Assembly, aws: AwsEndpoint, additions: Record<string, string>): Promise<Fleet> {
  const worker = deployWorker(assembly, aws, { region: "us-east-1", places: atOnce, additions, initTimeoutMs });
  return { worker, aws, watch: await deployFunction(assembly, FUNCTIONS.watch, aws, additions) };
}

async function measured(count: number, { watch, worker, aws }: Fleet): Promise<Measured> {
  progress(count, "a run in which all goes well");
  const good = faultyWorkers(worker.invoke, () => null);
  aws.functions.set(worker.arn, good.invoke);
  const first = await watch.invoke({ timeoutMs });
  settled(count, first.logs, good);
  const row = {
    count,
    seconds: first.ms / 1_000,
    hubCpuSeconds: first.cpuSeconds ?? Number.NaN,
    workerCpuSeconds: worker.cpuSeconds(),
    hubMb: first.peakMemoryMb ?? Number.NaN,
    workerMb: worker.peakMemoryMb() ?? Number.NaN,
    batches: good.calls(),
  };

  progress(count, "a run that is ended in the middle");
  const halfway = Promise.withResolvers<void>();
  const dying = faultyWorkers(worker.invoke);
  aws.functions.set(worker.arn, async (event) => {
    const answer = await dying.invoke(event);
    if (dying.calls() > row.batches / 2) halfway.resolve();
    return answer;
  });
  const told = aws.messages.length;
  const killed = halfway.promise.then(() => watch.kill());
  const ended = await watch.invoke({ timeoutMs }).catch((error: unknown) => error);
  await killed;
  dying.release();
  if (!(ended instanceof FunctionError)) throw new Error("the run was not ended in the middle");
  if (aws.messages.length > told) throw new Error("a run told something before it had looked");

  progress(count, "the run after it, with faults");
  const faulty = faultyWorkers(worker.invoke);
  aws.functions.set(worker.arn, faulty.invoke);
  const second = await watch.invoke({ timeoutMs });
  faulty.release();
  const { outOfTime } = settled(count, second.logs, faulty);
  const about = aws.messages.slice(told).map(({ subject }) => subject ?? "");
  const unexpected = about.filter(
    (subject) => !/^\[(?:PROBLEM|NOT CHECKED)\]|^\[[A-Z ]+\] Origin Watch\b/.test(subject),
  );
  if (unexpected.length > 0) throw new Error(`told of origins that are as they were: ${unexpected.join("; ")}`);
  return { ...row, outOfTime };
}

/** Every connection has a result or a reason, and none is observed twice in the run. */
function settled(count: number, logs: readonly string[], workers: FaultyWorkers): { readonly outOfTime: number } {
  const run = loggedRun(logs);
  const lost = new Set(run.outOfTime);
  const failures = [
    ...(run.connections === count ? [] : [`${run.connections} connections in the record of the run`]),
    ...(new Set(run.keys).size === run.keys.length ? [] : ["a connection was logged twice"]),
    ...(run.healthyUnlogged + run.keys.length === count ? [] : [`${run.keys.length} records`]),
    ...([...workers.lost].every((key) => lost.has(key)) ? [] : ["a lost batch has results"]),
    ...(run.incidents.every((status) => status === "opened" || status === "open") ? [] : ["an incident ended"]),
  ];
  if (failures.length > 0) throw new Error(`${count} connections: ${failures.join("; ")}`);
  return { outOfTime: lost.size };
}

function progress(count: number, what: string): void {
  process.stderr.write(`${count} connections: ${what} ...\n`);
}

function page(rows: readonly Measured[]): readonly string[] {
  const perThousand = (seconds: number, { count }: Measured) => `${((seconds * 1_000) / count).toFixed(2)} s`;
  const [least, most] = [rows[0], rows.at(-1)];
  const growth =
    least === undefined || most === undefined || least === most
      ? []
      : [
          `From ${least.count} to ${most.count} connections the memory of the function that watches grows by`,
          `${(((most.hubMb - least.hubMb) * 1_024) / (most.count - least.count)).toFixed(2)} KB for each.`,
          "",
        ];
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
    "After that a run is ended in the middle, and the next one has faults: of every hundred batches one fails and one is late, and",
    "one gets the answer to another batch. Each connection then has a result or a reason, none has two, what was failing is still",
    "open, and nobody is told of an origin: the script ends with an error otherwise.",
  ];
}
