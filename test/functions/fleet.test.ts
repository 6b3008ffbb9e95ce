import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isAllowed } from "../lib/iam.ts";
import { createAuthority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, TOPIC_ARN } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { type BoxWorker, deployWorker } from "../sandbox/workers.ts";

// 2,000 origins, which a worker beside the function that watches observes in its place.

const count = 2_000;
const region = "us-east-1";
/** One batch of four. */
const lost = 500;

let assembly: Assembly;
let folder: string;
let server: Listener;
let aws: AwsEndpoint;
let dns: DnsServer;
let watch: LocalFunction;
let worker: BoxWorker;

beforeAll(async () => {
  const [synthesised, authority] = await Promise.all([
    synthesise({ fleet: true, workerConcurrency: 2 }),
    createAuthority(),
  ]);
  assembly = synthesised;
  const leaf = await authority.leaf({ names: ["*.fleet.test"] });
  server = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
  folder = mkdtempSync(join(tmpdir(), "origin-watch-fleet-"));
  const caFile = join(folder, "root.pem");
  writeFileSync(caFile, authority.certificatePem);
  dns = await startDnsServer({ "*.fleet.test": { A: ["127.0.0.1"] } });
  const names = Array.from({ length: count }, (_, index) => `o${index}.fleet.test`);
  const rights = rightsOf(assembly, FUNCTIONS.watch);
  aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource, to) => isAllowed(rights, { action, resource, region: to }),
    distributions: Array.from({ length: count / 20 }, (_, index) => {
      const own = names.slice(index * 20, index * 20 + 20);
      return distribution(
        {
          id: `E1FLEET${index}`,
          comment: "",
          origins: own.map((name) => customOrigin(name, server.port)),
          defaultBehavior: { target: own[0] ?? "" },
          behaviors: own.slice(1).map((name) => ({ pathPattern: `/${name}`, target: name })),
        },
        "123456789012",
      );
    }),
  });
  const additions = {
    DNS_SERVERS: dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: caFile,
  };
  worker = deployWorker(assembly, aws, { region, places: 2, additions });
  watch = await deployFunction(assembly, FUNCTIONS.watch, aws, additions);
});
afterAll(async () => {
  await Promise.all([watch.close(), worker.close(), aws.close(), dns.close(), server.close()]);
  assembly.remove();
  rmSync(folder, { recursive: true, force: true });
});

it("has every origin observed by workers, once, and what a lost batch leaves out is out of time and blamed on none", async () => {
  const real = worker.invoke;
  const seen: string[] = [];
  aws.functions.set(worker.arn, async (event) => {
    const { batch, connections } = JSON.parse(event.toString("utf8")) as {
      batch: string;
      connections: { key: string }[];
    };
    // One batch never comes, however often it is asked for.
    if (batch === "0-0") return { payload: '{"errorType":"Runtime.ExitError"}', failed: true };
    seen.push(...connections.map(({ key }) => key));
    return real(event);
  });
  const { logs } = await watch.invoke();
  const lines = logs.map(
    (line) => JSON.parse(line) as { message?: string; verdict?: string; problems?: { code: string }[] },
  );
  const verdicts = lines.filter(({ message }) => message === "connection").map(({ verdict }) => verdict);
  expect(verdicts).toHaveLength(count);
  expect(verdicts.filter((verdict) => verdict === "healthy")).toHaveLength(count - lost);
  expect(verdicts.filter((verdict) => verdict === "unknown")).toHaveLength(lost);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toHaveLength(count - lost);
  const problems = lines.find(({ message }) => message === "run")?.problems?.map(({ code }) => code) ?? [];
  expect(problems.toSorted()).toEqual(["out-of-time", "vantage-failed"]);
  expect(
    aws.messages.map(({ subject }) => subject ?? "").filter((subject) => /^\[(502|504|MAY)/.test(subject)),
  ).toEqual([]);

  // The next run begins with what was left out.
  const first: boolean[] = [];
  aws.functions.set(worker.arn, async (event) => {
    const { batch, connections } = JSON.parse(event.toString("utf8")) as {
      batch: string;
      connections: { leftOut: boolean }[];
    };
    if (batch === "0-0") first.push(...connections.map(({ leftOut }) => leftOut));
    return real(event);
  });
  const next = await watch.invoke();
  const after = next.logs.map((line) => JSON.parse(line) as { message?: string; verdict?: string });
  expect(after.filter(({ message, verdict }) => message === "connection" && verdict === "healthy")).toHaveLength(count);
  expect(first).toEqual(Array.from({ length: lost }, () => true));
});
