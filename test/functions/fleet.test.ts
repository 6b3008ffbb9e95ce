import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mostTenants } from "../../lambda/aws/tenants.ts";
import type { BatchEvent } from "../../lambda/observe/batch-event.ts";
import { isAllowed } from "../lib/iam.ts";
import { createAuthority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, TOPIC_ARN } from "../sandbox/deployment.ts";
import { distribution, s3Origin } from "../sandbox/distributions.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type FaultyWorkers, faultyWorkers, fleetDistributions, type LoggedRun, loggedRun } from "../sandbox/fleet.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { FunctionError, type LocalFunction } from "../sandbox/lambda/function.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { type BoxWorker, deployWorker } from "../sandbox/workers.ts";

// 2,000 origins, which workers beside the function that watches observe in its place, with every fault that a batch may meet.

const count = 2_000;
const region = "us-east-1";
/** Of every hundred origins one has a certificate that nobody trusts. */
const failing = count / 100;
/** Seconds for observing: what is late is given up on after half of it, and asked for again. */
const secondsToObserve = 40;

let assembly: Assembly;
let folder: string;
let servers: readonly Listener[];
let aws: AwsEndpoint;
let dns: DnsServer;
let watch: LocalFunction;
let worker: BoxWorker;

beforeAll(async () => {
  const [synthesised, authority, stranger] = await Promise.all([
    synthesise({ fleet: true, workerConcurrency: 4 }),
    createAuthority(),
    createAuthority({ name: "Stranger" }),
  ]);
  assembly = synthesised;
  const [leaf, untrusted] = await Promise.all(
    [authority, stranger].map((each) => each.leaf({ names: ["*.fleet.test"] })),
  );
  const [good, bad] = await Promise.all(
    [leaf, untrusted].map((each) =>
      startTlsOrigin({ chain: [each?.certificatePem ?? ""], keyPem: each?.keyPem ?? "" }),
    ),
  );
  if (good === undefined || bad === undefined) throw new Error("no origins");
  servers = [good, bad];
  folder = mkdtempSync(join(tmpdir(), "origin-watch-fleet-"));
  const caFile = join(folder, "root.pem");
  writeFileSync(caFile, authority.certificatePem);
  dns = await startDnsServer({ "*.fleet.test": { A: ["127.0.0.1"] } });
  const rights = rightsOf(assembly, FUNCTIONS.watch);
  aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    tenants: Array.from({ length: mostTenants + 1 }, (_, index) => ({
      Id: `dt_${index}`,
      DistributionId: "EMT",
      Domains: [{ Domain: `shop${index}.fleet.test`, Status: "active" as const }],
      Enabled: true,
    })),
    isAllowed: (action, resource, to) => isAllowed(rights, { action, resource, region: to }),
    distributions: fleetDistributions(
      Array.from({ length: count }, (_, index) => ({
        name: `o${index}.fleet.test`,
        port: index % 100 === 50 ? bad.port : good.port,
      })),
      "123456789012",
    ),
  });
  const additions = {
    DNS_SERVERS: dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: caFile,
  };
  worker = deployWorker(assembly, aws, { region, places: 4, additions });
  watch = await deployFunction(assembly, FUNCTIONS.watch, aws, additions);
});
afterAll(async () => {
  await Promise.all([watch.close(), worker.close(), aws.close(), dns.close(), ...servers.map((each) => each.close())]);
  assembly.remove();
  rmSync(folder, { recursive: true, force: true });
});

let told = 0;

const multiTenant: DistributionSummary = {
  ...distribution(
    {
      id: "EMT",
      comment: "",
      origins: [s3Origin("b.s3.amazonaws.com")],
      defaultBehavior: { target: "b.s3.amazonaws.com" },
    },
    "123456789012",
  ),
  ConnectionMode: "tenant-only",
};

/** Subjects of messages since the last call that are about origins. */
function subjectsOfOrigins(): readonly string[] {
  const all = aws.messages.slice(told).map(({ subject }) => subject ?? "");
  told = aws.messages.length;
  return all.filter((subject) => !/^\[(?:PROBLEM|NOT CHECKED)\]|^\[[A-Z ]+\] Origin Watch\b/.test(subject));
}

/**
 * A record for each connection, and a reason where there is no result: on a busy machine there may be more of those, and
 * origins that take too long.
 */
function expectEachOnce({ keys, connections, verdicts, outOfTime }: LoggedRun): void {
  expect(keys).toHaveLength(count);
  expect(new Set(keys).size).toBe(count);
  expect(connections).toBe(count);
  const { healthy = 0, failing: seen = 0, unknown = 0, "at-risk": slow = 0, ...others } = verdicts;
  expect(others).toEqual({});
  expect(unknown).toBeGreaterThanOrEqual(outOfTime.length);
  expect(healthy + seen + unknown + slow).toBe(count);
  expect(seen).toBeLessThanOrEqual(failing);
  expect(seen + unknown + slow).toBeGreaterThanOrEqual(failing);
}

/** Each was asked for, and observed as often as that: once, and once more where a try had no answer that counts. */
function expectEachAskedFor({ asked, observed }: FaultyWorkers): void {
  expect(asked.size).toBe(count);
  expect([...asked.values()].filter((times) => times > 2)).toEqual([]);
  expect([...observed].filter(([key, times]) => times > (asked.get(key) ?? 0))).toEqual([]);
}

/** How many incidents the runs so far have opened. */
let opened = 0;

/** All that were open still are. Only what no run got to before may have opened, and be told of. */
function expectNothingEnded({ incidents }: LoggedRun): void {
  expect(incidents.filter((status) => status !== "open" && status !== "opened")).toEqual([]);
  expect(incidents.filter((status) => status === "open")).toHaveLength(opened);
  const subjects = subjectsOfOrigins();
  expect(subjects.filter((subject) => !subject.startsWith("[502]"))).toEqual([]);
  if (incidents.length === opened) expect(subjects).toEqual([]);
  opened = incidents.length;
}

it("has every origin observed by workers, once", async () => {
  const workers = faultyWorkers(worker.invoke, () => null);
  aws.functions.set(worker.arn, workers.invoke);
  const run = loggedRun((await watch.invoke()).logs);
  expectEachOnce(run);
  expectEachAskedFor(workers);
  expectNothingEnded(run);
  expect(opened).toBe(run.verdicts.failing);
});

it("gives a result or a reason for each where batches fail, are late and get the answer to another one, and takes nothing for fixed", async () => {
  const workers = faultyWorkers(worker.invoke);
  aws.functions.set(worker.arn, workers.invoke);
  const { logs } = await watch.invoke({ remainingMs: 60_000 + secondsToObserve * 1_000 });
  workers.release();
  const run = loggedRun(logs);
  expectEachOnce(run);
  // Whether there is time for a second try, only the machine knows.
  for (const met of Object.values(workers.met)) expect(met).toBeGreaterThan(0);
  const outOfTime = new Set(run.outOfTime);
  expect([...workers.lost].filter((key) => !outOfTime.has(key))).toEqual([]);
  expect(run.problems).toEqual(["out-of-time", "vantage-failed"]);
  // Those of lost batches are still open.
  expectNothingEnded(run);
});

it("begins again with what was left out after a run that ended in the middle, and tells nothing twice", async () => {
  const halfway = Promise.withResolvers<void>();
  const dying = faultyWorkers(worker.invoke, () => null);
  aws.functions.set(worker.arn, async (event) => {
    const answer = await dying.invoke(event);
    // From the second batch on nobody is there any more who would take an answer.
    if (dying.calls() > 1) halfway.resolve();
    return answer;
  });
  const killed = halfway.promise.then(() => watch.kill());
  await expect(watch.invoke()).rejects.toBeInstanceOf(FunctionError);
  await killed;
  expect(aws.messages).toHaveLength(told);

  const workers = faultyWorkers(worker.invoke, () => null);
  const first: boolean[] = [];
  aws.functions.set(worker.arn, (event) => {
    const { batch, connections } = JSON.parse(event.toString("utf8")) as BatchEvent;
    if (batch === "0-0") first.push(...connections.map(({ leftOut }) => leftOut));
    return workers.invoke(event);
  });
  const run = loggedRun((await watch.invoke()).logs);
  expectEachOnce(run);
  expectEachAskedFor(workers);
  expect(first.every(Boolean)).toBe(true);
  expectNothingEnded(run);
});

it("reads more tenants than a function without a fleet does", async () => {
  aws.setDistributions([multiTenant]);
  const { problems } = loggedRun((await watch.invoke()).logs);
  const pages = aws.calls.filter(({ action }) => action === "cloudfront:ListDistributionTenants");
  expect([pages.length, problems]).toEqual([11, []]);
});
