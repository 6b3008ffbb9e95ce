import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { snsClient, snsPublisher } from "../../lambda/aws/sns.ts";
import { s3Client, s3State } from "../../lambda/aws/state-s3.ts";
import { incidentUpdates } from "../../lambda/incidents/incident-update.ts";
import { type AlertPolicy, defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Ports } from "../../lambda/incidents/ports.ts";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import type { Incident } from "../../lambda/incidents/state.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { certificateExpiring, chainIncomplete, connectionRecord, report } from "../tell/records.ts";
import { deliver, newProcess } from "./deliver.ts";
import { words } from "./words.ts";

const topicArn = "arn:aws:sns:us-east-1:111122223333:origin-watch";
const healthy = connectionRecord("api.example.com");
const broken = connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] });

const open = (...incidents: readonly Incident[]) => ({ incidents, distributionIncidents: [] });

describe("the standings of a delivery", () => {
  let aws: AwsEndpoint;
  let ports: Ports;
  let now: number;
  beforeEach(async () => {
    now = Date.UTC(2026, 10, 23);
    aws = await startAwsEndpoint();
    for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
    const location = { bucket: "states", key: "state.json" };
    ports = { ...s3State(s3Client(), location), publish: snsPublisher(snsClient(topicArn), topicArn) };
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
  });

  /** What a run says of the incidents, an hour after the one before. */
  async function run(
    records: RunReport["records"],
    { policy = defaultAlertPolicy, memory = newProcess() }: { policy?: AlertPolicy; memory?: ProcessMemory } = {},
  ): Promise<[status: string, code: string][]> {
    now += 3_600_000;
    const at = now;
    const about = report(records, { runId: `run-${at}`, finishedAt: new Date(at).toISOString() });
    const through = { report: about, policy, clock: () => at, deadline: at + 300_000 };
    const { updates } = await deliver(through, ports, words, memory);
    return updates.map(({ status, incident }) => [status, incident.code]);
  }

  test("say what opened, what is open, and what is over, each once", async () => {
    expect(await run([healthy])).toEqual([]);
    expect(await run([broken])).toEqual([["opened", "chain-incomplete"]]);
    expect(await run([broken])).toEqual([["open", "chain-incomplete"]]);
    expect(await run([healthy])).toEqual([["resolved", "chain-incomplete"]]);
    expect(await run([healthy])).toEqual([]);
  });

  test("say so too of what is muted", async () => {
    const mute = {
      distribution: null,
      origin: "api.example.com",
      code: null,
      until: "2027-01-01T00:00:00.000Z",
      reason: "moved",
    };
    const policy = { ...defaultAlertPolicy, mutes: [mute] };
    expect(await run([broken], { policy })).toEqual([["opened", "chain-incomplete"]]);
    expect(await run([broken], { policy })).toEqual([["open", "chain-incomplete"]]);
    expect(await run([healthy], { policy })).toEqual([["resolved", "chain-incomplete"]]);
  });

  test("call gone what is no longer configured", async () => {
    await run([broken]);
    expect(await run([])).toEqual([["gone", "chain-incomplete"]]);
  });

  test("are what is remembered where nothing can be stored", async () => {
    const memory = newProcess();
    aws.failNext("s3:PutObject", "access-denied", 10);
    expect(await run([broken], { memory })).toEqual([["opened", "chain-incomplete"]]);
    expect(await run([broken], { memory })).toEqual([["open", "chain-incomplete"]]);
  });

  test("do not say that something changed when the change is neither recorded nor remembered", async () => {
    await run([healthy, connectionRecord("b.example.com", { verdict: "at-risk", findings: [certificateExpiring] })]);
    aws.failNext("s3:PutObject", "conflict", 10);
    const both = [broken, connectionRecord("b.example.com", { verdict: "at-risk", findings: [certificateExpiring] })];
    expect(await run(both)).toEqual([["open", "certificate-expiring"]]);
    aws.clearFaults();
    expect(await run(both)).toContainEqual(["opened", "chain-incomplete"]);
  });

  test("do not say so either when there was nothing to tell", async () => {
    const mute = {
      distribution: null,
      origin: "api.example.com",
      code: null,
      until: "2027-01-01T00:00:00.000Z",
      reason: "moved",
    };
    const policy = { ...defaultAlertPolicy, mutes: [mute] };
    const other = connectionRecord("b.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
    await run([healthy, other], { policy });
    aws.failNext("s3:PutObject", "conflict", 10);
    expect(await run([broken, other], { policy })).toEqual([["open", "certificate-expiring"]]);
    aws.clearFaults();
    expect(await run([broken, other], { policy })).toContainEqual(["opened", "chain-incomplete"]);
  });
});

describe("standingsOf", () => {
  const incident: Incident = {
    kind: "connection",
    key: "api.example.com:443",
    code: "certificate-expiring",
    effect: "may",
    title: "certificate expires in 6 days",
    domain: "api.example.com",
    port: 443,
    distributions: ["E1"],
    distributionCount: 1,
    scopes: [],
    scopeCount: 0,
    stage: 1,
    leaf: null,
    openedAt: "2026-11-23T00:00:00.000Z",
    lastSeen: "2026-11-23T00:00:00.000Z",
    lastTold: null,
    tellings: 0,
    toldEffect: "may",
    toldStage: 1,
    returns: 0,
    clearSince: null,
  };

  test.each([
    ["open", {}],
    ["open", { title: "certificate expires in 5 days", lastSeen: "2026-11-24T00:00:00.000Z" }],
    ["worsened", { stage: 2 }],
    ["open", { stage: 0 }],
    ["worsened", { effect: "502" as const }],
  ])("calls it %s after %j", (status, change) => {
    expect(incidentUpdates(open(incident), open({ ...incident, ...change }), report([healthy]))).toEqual([
      { status, incident: { ...incident, ...change } },
    ]);
  });

  test("calls an error that became a risk eased, and one error as bad as another", () => {
    const failing = { ...incident, effect: "502" as const };
    const status = (after: Incident) => incidentUpdates(open(failing), open(after), report([healthy]))[0]?.status;
    expect(status(incident)).toBe("eased");
    expect(status({ ...failing, effect: "504" })).toBe("open");
  });

  test.each([
    ["resolved", [healthy]],
    ["resolved", [connectionRecord("api.example.com", { verdict: "skipped", skipped: "http-only" })]],
    [
      "gone",
      [
        connectionRecord("api.example.com", {
          verdict: "skipped",
          skipped: "distribution-disabled",
          observed: { addresses: [] },
        }),
      ],
    ],
    ["gone", []],
  ])("calls what is over %s by what the run says of the connection", (status, records) => {
    expect(incidentUpdates(open(incident), open(), report(records))).toEqual([{ status, incident }]);
  });
});
