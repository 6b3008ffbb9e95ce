import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { snsClient, snsPublisher } from "../../lambda/aws/sns.ts";
import { s3Client, s3State } from "../../lambda/aws/state-s3.ts";
import type { Delivery } from "../../lambda/incidents/delivery.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { parseState } from "../../lambda/incidents/state-format.ts";
import { identity } from "../../lambda/report/identity.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { type AwsEndpoint, type Fault, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { certificateExpiring, chainIncomplete, connectionRecord, report } from "../tell/records.ts";
import { deliver } from "./deliver.ts";
import { words } from "./words.ts";

/** The real SDK against the account in a box, with as little patience as makes a hanging call end soon, and no other. */
const shortLimits = {
  maxAttempts: 2,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 1_000,
    throwOnRequestTimeout: true,
    socketTimeout: 1_000,
  },
};
const topicArn = "arn:aws:sns:us-east-1:111122223333:origin-watch";
const location = { bucket: "origin-watch-state", key: "state.json" };
const actions = ["s3:GetObject", "s3:PutObject", "sns:Publish"] as const;
const faults = ["throttle", "internal-error", "hang", "access-denied", "drop-after-success"] as const;

const a = (verdict: "failing" | "healthy") =>
  connectionRecord("a.example.com", { verdict, findings: verdict === "failing" ? [chainIncomplete] : [] });
const b = (verdict: "at-risk" | "healthy") =>
  connectionRecord("b.example.com", { verdict, findings: verdict === "at-risk" ? [certificateExpiring] : [] });

let aws: AwsEndpoint;
let at: number;
let runs: number;
beforeEach(async () => {
  aws = await startAwsEndpoint({ region: "us-east-1" });
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
  [at, runs] = [Date.UTC(2026, 10, 23), 0];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

/** A run in a process of its own, an hour after the one before. */
async function run(records: RunReport["records"], scene: string): Promise<Delivery> {
  at += 3_600_000;
  runs += 1;
  const here = { ...location, key: scene };
  const sns = snsClient(topicArn, shortLimits);
  const s3 = s3Client(shortLimits);
  try {
    return await deliver(
      {
        report: report(records, { runId: `run-${runs}`, finishedAt: new Date(at).toISOString() }),
        policy: defaultAlertPolicy,
        clock: () => at,
        deadline: at + 300_000,
      },
      { ...s3State(s3, here), publish: snsPublisher(sns, topicArn) },
      words,
      { holder: `p${runs}`, unsaved: null },
    );
  } finally {
    sns.destroy();
    s3.destroy();
  }
}

function stateOf(scene: string) {
  const parsed = parseState(aws.objects.versions(location.bucket, scene).at(-1)?.body.toString() ?? "");
  if (parsed.kind !== "state") throw new Error(parsed.problem);
  return parsed.state;
}

describe("each call to AWS in turn", () => {
  const moments = actions.flatMap((action) =>
    faults.flatMap((fault) => [1, 2, 3].map((nth) => [action, fault, nth] as const)),
  );

  // Twice in a row: the client's own second attempt meets the fault as well.
  test.each(moments)("%s meets %s from call %i on, for a run: nothing is lost", async (action, fault, nth) => {
    aws.failNext(action, "none", nth - 1);
    aws.failNext(action, fault, 2);
    const first = await run([a("failing"), b("at-risk")], "state");
    aws.clearFaults();
    await run([a("failing"), b("at-risk")], "state");
    await run([a("failing"), b("at-risk")], "state");
    const subjects = aws.messages.map(({ subject }) => subject ?? "");
    for (const domain of ["a.example.com", "b.example.com"]) {
      expect(subjects.some((subject) => subject.includes(domain))).toBe(true);
    }
    expect(subjects.join()).not.toContain("FIXED");
    expect(stateOf("state")).toMatchObject({ outbox: [], lease: null, incidents: [{}, {}] });
    // Two messages, or one for both; and what the fault made uncertain once more.
    expect(subjects.length).toBeLessThanOrEqual(fault === "drop-after-success" || fault === "hang" ? 5 : 4);
    for (const failure of first.failures) expect(failure.consequence).not.toBe("");

    const told = aws.messages.length;
    await run([a("failing"), b("at-risk")], "state");
    expect(aws.messages).toHaveLength(told);
    await run([a("healthy"), b("healthy")], "state");
    const ends = new Set(aws.messages.slice(told).map(({ subject }) => subject?.split(" ").slice(0, 2).join(" ")));
    expect(ends).toEqual(new Set(["[FIXED] a.example.com,", "[FIXED] b.example.com,"]));
  });
});

describe("histories of faults", () => {
  const fault = fc.record({
    action: fc.constantFrom(...actions),
    // Throttling and silence cost waits, so they are rarer.
    fault: fc.oneof(
      {
        weight: 10,
        arbitrary: fc.constantFrom<Fault>("internal-error", "access-denied", "drop-after-success", "conflict"),
      },
      { weight: 1, arbitrary: fc.constantFrom<Fault>("throttle", "hang") },
    ),
    times: fc.integer({ min: 1, max: 2 }),
  });
  const histories = fc.array(
    fc.record({ broken: fc.boolean(), risky: fc.boolean(), faults: fc.array(fault, { maxLength: 2 }) }),
    { minLength: 1, maxLength: 4 },
  );

  test("lose nothing, and tell the operator what could not be done", async () => {
    let scenes = 0;
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        scenes += 1;
        const scene = `state-${scenes}`;
        const before = aws.messages.length;
        for (const { broken, risky, faults: struck } of history) {
          for (const each of struck) aws.failNext(each.action, each.fault, each.times);
          const records = [a(broken ? "failing" : "healthy"), b(risky ? "at-risk" : "healthy")];
          const { failures, waiting } = await run(records, scene);
          aws.clearFaults();
          if (waiting > 0) expect(failures.length).toBeGreaterThan(0);
          for (const { error, consequence } of failures) expect(`${error} ${consequence}`).toMatch(/^[^\n]{10,}$/);
        }
        for (let n = 0; n < 2; n += 1) await run([a("failing"), b("at-risk")], scene);
        const subjects = aws.messages.slice(before).map(({ subject }) => subject ?? "");
        const { incidents, outbox, lease } = stateOf(scene);
        expect(incidents.map(identity)).toHaveLength(2);
        expect([outbox, lease]).toEqual([[], null]);
        for (const { domain, tellings } of incidents) {
          expect(tellings).toBeGreaterThan(0);
          expect(subjects.some((subject) => subject.includes(domain) && !subject.includes("[FIXED]"))).toBe(true);
        }
      }),
      { numRuns: Number(process.env.FAULT_HISTORIES ?? 60) },
    );
  });
});
