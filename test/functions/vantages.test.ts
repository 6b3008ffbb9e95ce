import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionRecord, RunProblem } from "../../lambda/report/record.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { createAuthority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import type { BoxFunction } from "../sandbox/aws/lambda.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, TOPIC_ARN } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { type BoxWorker, deployWorker } from "../sandbox/workers.ts";

// Three origins, seen from us-east-1, where the function that watches is, and from two Regions with a worker each.

const [frankfurt, tokyo] = ["eu-central-1", "ap-northeast-1"] as const;
const names = ["same.geo.test", "moved.geo.test", "gone.geo.test"] as const;

let assembly: Assembly;
let folder: string;
let caFile: string;
let servers: readonly Listener[];
let aws: AwsEndpoint;
let zones: Readonly<Record<"home" | typeof frankfurt | typeof tokyo, DnsServer>>;
let deployWatch: (deployed?: Assembly) => Promise<LocalFunction>;
let watch: LocalFunction | undefined;
let workers: readonly BoxWorker[];

beforeAll(async () => {
  const [synthesised, authority] = await Promise.all([
    synthesise({ vantageRegions: [frankfurt, tokyo], reserveConcurrency: false }),
    createAuthority(),
  ]);
  assembly = synthesised;
  const leaf = await authority.leaf({ names: ["*.geo.test"] });
  const good = { chain: [leaf.certificatePem], keyPem: leaf.keyPem };
  const first = await startTlsOrigin(good);
  servers = [first, await startTlsOrigin({ ...good, address: "127.0.0.2", port: first.port })];
  folder = mkdtempSync(join(tmpdir(), "origin-watch-vantages-"));
  caFile = join(folder, "root.pem");
  writeFileSync(caFile, authority.certificatePem);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  assembly.remove();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  const [home, ...others] = await Promise.all([startDnsServer(), startDnsServer(), startDnsServer()]);
  zones = { home, [frankfurt]: others[0]!, [tokyo]: others[1]! };
  for (const zone of Object.values(zones)) for (const name of names) zone.set(name, { A: ["127.0.0.1"] });
  const rights = rightsOf(assembly, FUNCTIONS.watch);
  aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource, region) => isAllowed(rights, { action, resource, region }),
    distributions: names.map((name, index) =>
      distribution(
        {
          id: `E1GEO${index}`,
          comment: "",
          origins: [customOrigin(name, servers[0]!.port)],
          defaultBehavior: { target: name },
        },
        "123456789012",
      ),
    ),
  });
  const additions = (zone: DnsServer) => ({
    DNS_SERVERS: zone.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: caFile,
  });
  workers = [frankfurt, tokyo].map((region) =>
    deployWorker(assembly, aws, { region, places: 1, additions: additions(zones[region]) }),
  );
  deployWatch = (deployed = assembly) => deployFunction(deployed, FUNCTIONS.watch, aws, additions(zones.home));
  watch = undefined;
});
afterEach(() =>
  Promise.all([
    watch?.close(),
    aws.close(),
    ...workers.map((each) => each.close()),
    ...Object.values(zones).map((each) => each.close()),
  ]),
);

async function run() {
  watch ??= await deployWatch();
  const { logs } = await watch.invoke();
  const lines = logs.map((line) => JSON.parse(line) as { message?: string; problems?: unknown });
  const records = lines.filter(({ message }) => message === "connection") as unknown as ConnectionRecord[];
  const problems = lines.find(({ message }) => message === "run")?.problems as readonly RunProblem[];
  return {
    records: new Map(records.map((record) => [record.connection.domain, record])),
    verdicts: records.map(({ verdict }) => verdict),
    problems: problems.map(({ code, message }) => `${code}: ${message}`),
  };
}

const seenFrom = (record: ConnectionRecord | undefined) =>
  record?.observed.addresses
    .map(({ address, outcome, seenFrom: place }) => `${place} ${address} ${outcome}`)
    .toSorted();

/** Puts something else in the place of a Region's worker. */
function replace(region: string, script: (real: BoxFunction, event: Buffer) => ReturnType<BoxFunction>): void {
  const [arn, real] = [...aws.functions].find(([name]) => name.includes(region))!;
  aws.functions.set(arn, (event) => script(real, event));
}

describe("a run with vantages in other Regions", () => {
  it("says of each what it saw: another address, an origin that it does not reach", async () => {
    zones[frankfurt].set("moved.geo.test", { A: ["127.0.0.2"] });
    // Nobody listens there.
    zones[tokyo].set("gone.geo.test", { A: ["127.0.0.3"] });
    const { records, problems } = await run();
    expect(problems).toEqual([]);
    expect(seenFrom(records.get("same.geo.test"))).toEqual([
      "ap-northeast-1 127.0.0.1 handshake completed",
      "eu-central-1 127.0.0.1 handshake completed",
      "us-east-1 127.0.0.1 handshake completed",
    ]);
    expect(seenFrom(records.get("moved.geo.test"))).toEqual([
      "ap-northeast-1 127.0.0.1 handshake completed",
      "eu-central-1 127.0.0.2 handshake completed",
      "us-east-1 127.0.0.1 handshake completed",
    ]);
    expect(seenFrom(records.get("gone.geo.test"))).toEqual([
      "ap-northeast-1 127.0.0.3 connection refused",
      "eu-central-1 127.0.0.1 handshake completed",
      "us-east-1 127.0.0.1 handshake completed",
    ]);
    expect(["same.geo.test", "moved.geo.test"].map((name) => records.get(name)?.verdict)).toEqual([
      "healthy",
      "healthy",
    ]);
    expect(records.get("gone.geo.test")?.findings).toMatchObject([{ code: "some-regions-failing", effect: "may" }]);
  });

  it("invokes exactly the workers that it may, and each writes its log and calls nobody", async () => {
    await run();
    const invoked = aws.calls.filter(({ action }) => action === "lambda:InvokeFunction");
    expect(invoked.map(({ resource, status }) => [resource, status])).toEqual(
      expect.arrayContaining(workers.map(({ arn }) => [arn, 200])),
    );
    expect(invoked).toHaveLength(2);
    const invoking = rightsOf(assembly, FUNCTIONS.watch).filter(({ actions }) =>
      actions.includes("lambda:InvokeFunction"),
    );
    expect(unusedActions(invoking, aws.calls)).toEqual([]);
    expect(invoking.flatMap(({ resources }) => resources).toSorted()).toEqual(workers.map(({ arn }) => arn).toSorted());
    for (const { logs } of workers) {
      expect(logs.map((line) => JSON.parse(line) as object)).toMatchObject([
        { message: "batch", connections: 3, answered: 3, version: expect.any(String) },
      ]);
    }
  });

  it("closes what only a Region saw that was taken out of the settings, and takes nothing for fixed", async () => {
    // Nobody listens there.
    zones[tokyo].set("gone.geo.test", { A: ["127.0.0.3"] });
    await run();
    await run();
    const subjects = () => aws.messages.map(({ subject = "" }) => subject).filter((each) => !each.includes("STARTED"));
    expect(subjects()).toEqual([expect.stringMatching(/^\[AT RISK\] gone\.geo\.test/)]);
    await watch?.close();
    const without = await synthesise({ vantageRegions: [frankfurt], reserveConcurrency: false });
    watch = await deployWatch(without);
    const { records } = await run();
    without.remove();
    expect(records.get("gone.geo.test")?.verdict).toBe("healthy");
    expect(subjects().slice(1)).toEqual([expect.stringMatching(/^\[CLOSED\] gone\.geo\.test/)]);
    expect(aws.messages.at(-1)?.message).toContain(
      "it was seen from ap-northeast-1 only, and Origin Watch does not check from there now.",
    );
    // Nor does the other one have anything to say of it.
    await run();
    expect(subjects()).toHaveLength(2);
  });

  it("has a problem where the stack of a Region goes before the setting, and nothing is taken for fixed by it", async () => {
    const subjects = () => aws.messages.map(({ subject = "" }) => subject).filter((each) => !each.includes("STARTED"));
    // Nobody listens there.
    zones[tokyo].set("gone.geo.test", { A: ["127.0.0.3"] });
    await run();
    await run();
    aws.functions.delete(workers[1]!.arn);
    const { problems } = await run();
    expect(problems).toEqual([expect.stringContaining("there is no function OriginWatch-worker-123456789012")]);
    await run();
    expect(subjects().slice(1)).toEqual([
      expect.stringMatching(/^\[PROBLEM\] Origin Watch: a Region does not observe/),
    ]);
    await watch?.close();
    const without = await synthesise({ vantageRegions: [frankfurt], reserveConcurrency: false });
    watch = await deployWatch(without);
    await run();
    await run();
    without.remove();
    expect(subjects().slice(2).toSorted()).toEqual([
      expect.stringMatching(/^\[CLOSED\] gone\.geo\.test/),
      expect.stringMatching(/^\[FIXED\] Origin Watch/),
    ]);
  });

  it.each<[string, (real: BoxFunction, event: Buffer) => ReturnType<BoxFunction>, RegExp]>([
    [
      "fails",
      async () => ({ payload: '{"errorType":"Runtime.OutOfMemory"}', failed: true }),
      /the worker failed \(Runtime\.OutOfMemory\)/,
    ],
    ["is throttled", async () => null, /Lambda throttled the call/],
    ["answers for another batch", answersWith({ batch: "9-9" }), /the answer to another batch/],
    ["is of another release", async () => ({ payload: '{"schemaVersion":2}' }), /its worker is of another release/],
  ])("judges by the others where a worker %s, and says so once", async (_, script, why) => {
    replace(tokyo, script);
    const { records, verdicts, problems } = await run();
    expect(verdicts).toEqual(["healthy", "healthy", "healthy"]);
    expect(seenFrom(records.get("same.geo.test"))).toEqual([
      "eu-central-1 127.0.0.1 handshake completed",
      "us-east-1 127.0.0.1 handshake completed",
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/^vantage-failed: 3 of 3 connections were not observed from ap-northeast-1: /),
    ]);
    expect(problems[0]).toMatch(why);
    expect(aws.messages.filter(({ subject }) => subject?.startsWith("[PROBLEM]"))).toHaveLength(1);
    await run();
    expect(aws.messages.filter(({ subject }) => subject?.startsWith("[PROBLEM]"))).toHaveLength(1);
  });

  it("takes nothing that is no answer to what it asked for a verdict, and costs no origin anything", async () => {
    type Answer = { readonly observations: readonly { readonly key: string; readonly observation: object }[] };
    type Fault = (of: BoxWorker, lastAnswer: string) => BoxFunction;
    const changed =
      (change: (answer: Answer) => object): Fault =>
      ({ invoke }) =>
      async (event) => {
        const answer = JSON.parse(String((await invoke(event))?.payload)) as Answer;
        return { payload: JSON.stringify({ ...answer, ...change(answer) }) };
      };
    const says =
      (payload: string): Fault =>
      () =>
      async () => ({ payload });
    // Would be an outage of all, if it were believed.
    const dead = { dns: { kind: "name-not-found" }, addresses: [], addressesLeftOut: 0 };
    const allDead = ({ observations }: Answer) => observations.map(({ key }) => ({ key, observation: dead }));
    const isForeign = /it has a connection twice, or one that was not asked for/;
    const faults: readonly (readonly [string, Fault, RegExp])[] = [
      ["garbage", says("\u0000<html>##[error]no"), /it is not JSON/],
      ["nothing", says(""), /it is not JSON/],
      ["6 MB", says(JSON.stringify("x".repeat(6 * 1024 * 1024 - 2))), /it is larger than 4194304 bytes/],
      ["an older schema", changed(() => ({ schemaVersion: 0 })), /its worker is of another release/],
      ["a key too many", changed(() => ({ verdict: "failing" })), /another form than the answer of a worker/],
      ["another Region", changed((answer) => ({ vantage: "sa-east-1", observations: allDead(answer) })), /Region/],
      ["the last run", (_, lastAnswer) => says(lastAnswer)(workers[0]!, ""), /it is of another run/],
      ["another batch", changed((answer) => ({ batch: "7-0", observations: allDead(answer) })), /to another batch/],
      ["each twice", changed(({ observations }) => ({ observations: [...observations, ...observations] })), isForeign],
      ["what is foreign", changed(() => ({ observations: [{ key: "foreign", observation: dead }] })), isForeign],
    ];
    const last = new Map<string, string>();
    for (const { arn, invoke } of workers) {
      aws.functions.set(arn, async (event) => {
        const answer = await invoke(event);
        last.set(arn, String(answer?.payload));
        return answer;
      });
    }
    expect((await run()).problems).toEqual([]);
    for (let n = 0; n < faults.length; n += 2) {
      const pair = faults.slice(n, n + 2);
      const what = pair.map(([name]) => name).join(", ");
      for (const [index, [, fault]] of pair.entries()) {
        const worker = workers[index]!;
        aws.functions.set(worker.arn, fault(worker, last.get(worker.arn) ?? ""));
      }
      const { records, verdicts, problems } = await run();
      expect(verdicts, what).toEqual(["healthy", "healthy", "healthy"]);
      expect(seenFrom(records.get("same.geo.test")), what).toEqual(["us-east-1 127.0.0.1 handshake completed"]);
      expect(problems, what).toHaveLength(1);
      for (const [index, region] of [frankfurt, tokyo].entries()) {
        expect(problems[0], what).toContain(`3 of 3 connections were not observed from ${region}: `);
        expect(problems[0], what).toMatch(pair[index]![2]);
      }
    }
    const told = aws.messages.map(({ subject = "" }) => subject).filter((each) => !each.startsWith("[STARTED]"));
    expect(told).toEqual([expect.stringMatching(/^\[PROBLEM\] /)]);
    for (const region of [frankfurt, tokyo]) {
      expect(aws.messages.at(-1)?.message).toContain(`not observed from ${region}`);
    }
    for (const { arn, invoke } of workers) aws.functions.set(arn, invoke);
    expect((await run()).problems).toEqual([]);
    expect(aws.messages.at(-1)?.subject).toMatch(/^\[FIXED\] Origin Watch/);
  });

  it("does not wait longer for a worker that hangs than for the run", async () => {
    replace(tokyo, () => new Promise(() => undefined));
    watch = await deployWatch();
    const { logs } = await watch.invoke({ remainingMs: 80_000 });
    const lines = logs.map(
      (line) => JSON.parse(line) as { message?: string; verdict?: string; problems?: RunProblem[] },
    );
    expect(lines.filter(({ message }) => message === "connection").map(({ verdict }) => verdict)).toEqual([
      "healthy",
      "healthy",
      "healthy",
    ]);
    expect(lines.find(({ message }) => message === "run")?.problems).toMatchObject([{ code: "vantage-failed" }]);
  });

  it("says what its role lacks where a worker is gone, or may not be invoked", async () => {
    aws.functions.delete(workers[1]!.arn);
    expect((await run()).problems).toEqual([
      expect.stringContaining("there is no function OriginWatch-worker-123456789012"),
    ]);
    aws.failNext("lambda:InvokeFunction", "access-denied", 2);
    expect((await run()).problems).toEqual([
      expect.stringContaining("lambda:InvokeFunction on OriginWatch-worker-123456789012"),
    ]);
  });
});

describe("an origin with Origin Shield", () => {
  // By what it is: the Region of its Origin Shield, from where nobody listens at its address, and what follows.
  const origins = [
    { name: "lost.geo.test", shield: tokyo, failsFrom: [tokyo] },
    { name: "kept.geo.test", shield: tokyo, failsFrom: ["home", frankfurt] },
    // AWS has it in us-east-1, where the function that watches is.
    { name: "near.geo.test", shield: "ca-central-1", failsFrom: ["home"] },
    // Nobody looks from there.
    { name: "few.geo.test", shield: "sa-east-1", failsFrom: [tokyo] },
    { name: "most.geo.test", shield: "sa-east-1", failsFrom: [tokyo, frankfurt] },
    { name: "dead.geo.test", shield: tokyo, failsFrom: ["home", tokyo, frankfurt] },
  ] as const;
  const subjects = () => aws.messages.map(({ subject = "" }) => subject).filter((each) => !each.includes("STARTED"));
  const email = (domain: string) => {
    const told = aws.messages.find(({ subject }) => subject?.includes(domain));
    return (JSON.parse(told?.message ?? '{"email":""}') as { email: string }).email.replaceAll(/\s+/g, " ");
  };

  beforeEach(() => {
    for (const { name, failsFrom } of origins) {
      for (const [place, zone] of Object.entries(zones)) {
        const fails = (failsFrom as readonly string[]).includes(place);
        zone.set(name, { A: [fails ? "127.0.0.3" : "127.0.0.1"] });
      }
    }
    aws.setDistributions(
      origins.map(({ name, shield }, index) => {
        const origin = {
          ...customOrigin(name, servers[0]!.port),
          OriginShield: { Enabled: true, OriginShieldRegion: shield },
        };
        const outline = { id: `E1SHIELD${index}`, comment: "", origins: [origin], defaultBehavior: { target: name } };
        return distribution(outline, "123456789012");
      }),
    );
  });

  it("is decided by the vantage in its Region, and by all where nobody looks from there", async () => {
    await run();
    const { records, problems } = await run();
    expect(problems).toEqual([]);
    const found = (domain: string) => [
      records.get(domain)?.verdict,
      ...(records.get(domain)?.findings.map(({ code, effect }) => `${code} ${effect}`) ?? []),
    ];
    expect(found("lost.geo.test")).toEqual(["failing", "connection-refused 502"]);
    expect(found("kept.geo.test")).toEqual(["healthy"]);
    expect(found("near.geo.test")).toEqual(["failing", "connection-refused 502"]);
    expect(found("few.geo.test")).toEqual(["at-risk", "some-regions-failing may"]);
    expect(found("most.geo.test")).toEqual(["failing", "connection-refused 502"]);
    // What the others saw is there to read all the same.
    expect(seenFrom(records.get("kept.geo.test"))).toEqual([
      "ap-northeast-1 127.0.0.1 handshake completed",
      "eu-central-1 127.0.0.3 connection refused",
      "us-east-1 127.0.0.3 connection refused",
    ]);
  });

  it("is told with the Region from which CloudFront connects, and not at all where that reaches it", async () => {
    await run();
    await run();
    expect(subjects()).toEqual([
      expect.stringMatching(/^\[502\] lost\.geo\.test/),
      expect.stringMatching(/^\[502\] near\.geo\.test/),
      expect.stringMatching(/^\[AT RISK\] few\.geo\.test.*1 of 3 Regions/),
      expect.stringMatching(/^\[502\] most\.geo\.test/),
      expect.stringMatching(/^\[502\] dead\.geo\.test/),
    ]);
    expect(email("lost.geo.test")).toContain(
      "Seen from ap-northeast-1, not from us-east-1 and eu-central-1, CloudFront connects from ap-northeast-1 (Origin Shield).",
    );
    expect(email("near.geo.test")).toContain("CloudFront connects from us-east-1 (Origin Shield).");
    expect(email("most.geo.test")).toContain(
      "Seen from eu-central-1 and ap-northeast-1, not from us-east-1. Do first:",
    );
    expect(email("few.geo.test")).toContain(
      "CloudFront connects from sa-east-1 (Origin Shield), which Origin Watch did not check from.",
    );
  });

  it("is at risk at most, and nothing is taken for fixed, where the vantage in its Region could not look", async () => {
    const tagsOf = (domain: string) =>
      subjects().flatMap((subject) => (subject.includes(domain) ? (/^\[.*?\]/.exec(subject)?.[0] ?? []) : []));
    await run();
    await run();
    replace(tokyo, async () => ({ payload: '{"errorType":"Runtime.OutOfMemory"}', failed: true }));
    await run();
    const { records } = await run();
    expect(["lost", "kept", "dead"].map((name) => records.get(`${name}.geo.test`)?.verdict)).toEqual([
      "healthy",
      "at-risk",
      "at-risk",
    ]);
    expect(tagsOf("lost.geo.test")).toEqual(["[502]"]);
    expect(tagsOf("dead.geo.test")).toEqual(["[502]"]);
    expect(tagsOf("kept.geo.test")).toEqual(["[AT RISK]"]);
    expect(email("kept.geo.test")).toContain("because it could not be checked from ap-northeast-1 (Origin Shield)");
  });
});

function answersWith(changes: object): (real: BoxFunction, event: Buffer) => ReturnType<BoxFunction> {
  return async (real, event) => {
    const answer = await real(event);
    return answer && { payload: JSON.stringify({ ...(JSON.parse(String(answer.payload)) as object), ...changes }) };
  };
}

describe("a worker", () => {
  const connection = {
    key: "k",
    scheme: "https",
    domain: "same.geo.test",
    port: 443,
    serverName: "same.geo.test",
    originSslProtocols: ["TLSv1.2"],
    ipAddressType: "ipv4",
    connectTimeoutMs: 10_000,
    connectAttempts: 1,
    alpn: [],
    share: [],
    leftOut: false,
  };
  const event = { schemaVersion: 1, runId: "r", batch: "0-0", nonce: "n", deadline: 0, connections: [connection] };
  const ask = async (changes: object) => {
    const [worker] = workers;
    const answer = await worker!.invoke(
      Buffer.from(JSON.stringify({ ...event, deadline: Date.now() + 90_000, ...changes })),
    );
    return JSON.parse(String(answer?.payload)) as {
      kind: string;
      why?: string;
      observations?: { observation: unknown }[];
    };
  };

  it("refuses what widens what it may do, and looks at nothing", async () => {
    const wider: readonly (readonly [string, object])[] = [
      [
        "more than 500 connections",
        { connections: Array.from({ length: 10_000 }, (_, n) => ({ ...connection, key: `k${n}` })) },
      ],
      ["port 25", { connections: [{ ...connection, port: 25 }] }],
      ["the address of the metadata service", { connections: [{ ...connection, domain: "169.254.169.254" }] }],
      ["leave to connect to private addresses", { allowPrivate: true }],
      ["where to connect to", { connectTo: "127.0.0.1" }],
      ["a bucket", { bucket: "origin-watch-state", reference: "state.json" }],
    ];
    for (const [what, changes] of wider) {
      expect(await ask(changes), what).toEqual({ schemaVersion: 1, kind: "refused", why: "not-a-batch" });
    }
    expect(zones[frankfurt].queries()).toEqual([]);
    expect(await ask({ schemaVersion: 2 })).toMatchObject({ kind: "refused", why: "other-release" });
  });

  it("connects to no private address that its environment does not name, whatever DNS says", async () => {
    zones[frankfurt].set("same.geo.test", { A: ["169.254.169.254", "10.0.0.1"] });
    const { observations } = await ask({});
    expect(observations?.map(({ observation }) => observation)).toMatchObject([
      { addresses: [{ outcome: { kind: "not-dialled" } }, { outcome: { kind: "not-dialled" } }] },
    ]);
  });

  it("answers at the deadline with what it has", async () => {
    zones[frankfurt].set("same.geo.test", { silent: true });
    const { observations } = await ask({ deadline: Date.now() + 500 });
    expect(observations).toMatchObject([{ key: "k", observation: { dns: { kind: "not-tried", reason: "deadline" } } }]);
  });
});
