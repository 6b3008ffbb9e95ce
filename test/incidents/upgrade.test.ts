import { readFileSync } from "node:fs";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message, Ports } from "../../lambda/incidents/ports.ts";
import type { State } from "../../lambda/incidents/state.ts";
import { parseState } from "../../lambda/incidents/state-format.ts";
import { plan } from "../../lambda/plan/plan.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { hourMs } from "../../lambda/text/instant.ts";
import { apiOrigin, apiSummary } from "../plan/api-answers.ts";
import { chainIncomplete, connectionRecord, connectionRefused, finding, report, topicArn } from "../tell/records.ts";
import { deliver } from "./deliver.ts";
import { hasOldProgram, type OldProgram, oldCommit, oldProgram } from "./old-program.ts";
import { words } from "./words.ts";

/** Written by the program of `oldCommit`: an open incident, a suspicion, and an outbox with what SNS did not take. */
const fixture = readFileSync(new URL("state-version-2.json", import.meta.url), "utf8");

const start = Date.UTC(2026, 10, 26, 8);
const domains = { incomplete: "a.example.com", refused: "b.example.com", requested: "c.example.com" };
/** The keys are those that the plan makes of a distribution. */
const keys = new Map(
  Object.values(domains).flatMap((domain) => {
    const summary = apiSummary("E1EXAMPLE", { Origins: { Items: [apiOrigin(domain, { Id: "a.test" })] } });
    const read = readDistribution(JSON.parse(JSON.stringify(summary)));
    if (read.kind !== "distribution") throw new Error("no distribution");
    const { connections } = plan([read.distribution], noPolicies);
    return connections.flatMap(({ connection: { scheme, key } }) =>
      scheme === "https" ? [[domain, key] as const] : [],
    );
  }),
);
const of = (domain: string, changes: Parameters<typeof connectionRecord>[1] = {}) =>
  connectionRecord(domain, { ...changes, connection: { key: keys.get(domain) ?? "" } });
const incomplete = of(domains.incomplete, { verdict: "failing", findings: [chainIncomplete] });
const refused = of(domains.refused, { verdict: "failing", findings: [connectionRefused] });
const requested = of(domains.requested, {
  verdict: "at-risk",
  findings: [finding("client-certificate-requested", { effect: "may", title: "client certificate requested" })],
});

/** A world of one object and one topic, in which each run is a process of its own, an hour after the one before. */
let object: { text: string; etag: string } | null;
let messages: Message[];
let snsIsDown: boolean;
let runs: number;
beforeEach(() => {
  [object, messages, snsIsDown, runs] = [null, [], false, 0];
});
const ports: Ports = {
  readState: () => Promise.resolve(object === null ? { kind: "missing" } : { kind: "found", ...object }),
  writeState: (text, etag) => {
    if ((object?.etag ?? null) !== etag) return Promise.resolve({ kind: "conflict" });
    object = { text, etag: `${Number(etag ?? 0) + 1}` };
    return Promise.resolve({ kind: "written", etag: object.etag });
  },
  keepAside: () => Promise.resolve({ kind: "kept", location: "aside" }),
  publish: (message) => {
    if (snsIsDown) return Promise.resolve({ kind: "failed", error: "down", retryable: true });
    messages.push(message);
    return Promise.resolve({ kind: "sent", messageId: String(messages.length) });
  },
};

async function run(records: RunReport["records"], program?: OldProgram) {
  const at = start + runs * hourMs;
  runs += 1;
  const about = report(records, { runId: `run-${runs}`, finishedAt: new Date(at).toISOString() });
  const when = { report: about, policy: defaultAlertPolicy, clock: () => at, deadline: at + 300_000 };
  const memory = { holder: `process-${runs}`, unsaved: null };
  if (program === undefined) return deliver(when, ports, words, memory);
  const context = { topicArn, logGroup: null };
  const render = (draft: unknown, told: RunReport, remarks: readonly string[]) =>
    program.renderDraft(draft, told, context, remarks);
  return program.deliver(when, ports, { render, late: program.lateMessage }, memory);
}

const subjects = () => messages.splice(0).map(({ subject }) => subject.replace(/ \(.*/, ""));
function state() {
  const parsed = parseState(object?.text ?? "");
  if (parsed.kind !== "state") throw new Error(parsed.problem);
  return parsed.state;
}

/** What the old program does before the fixture: the first incident is told, SNS fails, and so the rest waits. */
async function untilTheUpgrade(program: OldProgram) {
  await run([incomplete], program);
  snsIsDown = true;
  await run([incomplete, refused, requested], program);
  snsIsDown = false;
}

function outline(text: string) {
  const { schemaVersion, incidents, suspicions, outbox, lease } = JSON.parse(text) as State;
  return {
    fields: Object.keys(JSON.parse(text)),
    schemaVersion,
    incidents: incidents.map((incident) => [incident.code, incident.domain, incident.tellings, Object.keys(incident)]),
    suspicions: suspicions.map(({ code, sightings, inARow }) => [code, sightings, inARow]),
    outbox: outbox.map((notice) => [notice.id, notice.createdAt, Object.keys(notice)]),
    lease,
  };
}

describe("a state of version 2", () => {
  beforeEach(() => {
    [object, runs] = [{ text: fixture, etag: "3" }, 2];
  });

  test("goes on: the outbox is sent once, nothing opens anew, and nothing is called over", async () => {
    expect(JSON.parse(fixture)).toMatchObject({
      schemaVersion: 2,
      incidents: [{ code: "chain-incomplete" }, { code: "client-certificate-requested" }],
      suspicions: [{ code: "connection-refused" }],
      outbox: [{}],
    });
    const healthy = of(domains.refused);
    await run([incomplete, healthy, requested]);
    expect(subjects()).toEqual(["[502 RISK] c.example.com: client certificate requested"]);
    expect(state()).toMatchObject({ schemaVersion: 3, incidents: [{}, {}], outbox: [], lease: null });
    expect(JSON.parse(object?.text ?? "").schemaVersion).toBe(3);
    await run([incomplete, healthy, requested]);
    expect(subjects()).toEqual([]);
    await run([of(domains.incomplete), healthy, requested]);
    expect(subjects()).toEqual(["[FIXED] a.example.com, was: intermediate certificate missing"]);
  });

  test("goes on: a suspicion is one sighting already", async () => {
    await run([incomplete, refused, requested]);
    expect(subjects()).toEqual([
      "[502 RISK] c.example.com: client certificate requested",
      "[502] b.example.com: port 443 refuses connections",
    ]);
  });

  test("stays as it is where a run has nothing to change in it", async () => {
    const quiet = JSON.stringify({ ...JSON.parse(fixture), incidents: [], suspicions: [], outbox: [] });
    object = { text: quiet, etag: "3" };
    await run([of(domains.incomplete)]);
    expect(object.text).toBe(quiet);
  });
});

const available = hasOldProgram();
if (!available) {
  process.stderr.write(
    `\nNOT TESTED: going back to the program of ${oldCommit}. This clone has not that commit: git fetch --unshallow.\n\n`,
  );
}

describe.runIf(available)(`the program of ${oldCommit}`, () => {
  let program: OldProgram;
  beforeAll(async () => {
    program = await oldProgram();
  });

  test("writes the fixture", async () => {
    await untilTheUpgrade(program);
    // The words of the messages are those of these tests, and may be others by now.
    expect(outline(object?.text ?? "")).toEqual(outline(fixture));
  });

  test("sends one message on a state of version 3, is silent then, and so is the next upgrade", async () => {
    await untilTheUpgrade(program);
    await run([incomplete, refused, requested]);
    await run([incomplete, refused, requested]);
    subjects();
    await run([incomplete, refused, requested], program);
    expect(messages[0]?.text).toContain("The record of what was told before is damaged");
    expect(subjects()).toEqual(["[502] 2 origins failing, 1 at risk: a.example.com, b.example.com, c.example.com"]);
    await run([incomplete, refused, requested], program);
    await run([incomplete, refused, requested]);
    await run([incomplete, refused, requested]);
    expect(subjects()).toEqual([]);
  });

  test("sends one message on a state of version 3 with nothing in it", async () => {
    await run([incomplete]);
    await run([of(domains.incomplete)]);
    subjects();
    await run([of(domains.incomplete)], program);
    expect(subjects()).toEqual(["[RUN PROBLEM] the record of earlier messages could not be read"]);
    await run([of(domains.incomplete)], program);
    await run([of(domains.incomplete)]);
    expect(subjects()).toEqual([]);
  });
});
