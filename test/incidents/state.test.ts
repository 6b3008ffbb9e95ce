import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import { defaultTellingPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import { judge } from "../../lambda/judge/judge.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { connectionRecord as recordOf } from "../../lambda/report/connection-record.ts";
import { lateMessage, renderDraft } from "../../lambda/tell/message.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { apiBehavior, apiOrigin, apiSummary } from "../plan/api-answers.ts";
import { chainIncomplete, connectionRecord, region, report, runTime, scope } from "../tell/records.ts";
import { arbitraryReport } from "./arbitrary-reports.ts";

const policy = { ...defaultTellingPolicy, weeklyDigest: true };
const failing = report([connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] })]);
const { next, drafts } = step(null, failing, new Date(runTime), policy);
const notices = drafts.map((draft, index) => ({
  id: `run-1/${index}`,
  createdAt: runTime,
  ...renderDraft(draft, failing, { scope, region, logGroup: null }, []),
}));
const state: State = {
  ...next,
  problems: [
    {
      code: "out-of-time",
      message: "Some origins were not checked.",
      openedAt: runTime,
      lastTold: runTime,
      returns: 0,
      clearSince: null,
    },
  ],
  outbox: notices,
  lease: { holder: "a", until: runTime },
};

describe("parseState", () => {
  test("reads what serializeState wrote", () => {
    expect(parseState(serializeState(state))).toEqual({ kind: "state", state });
    expect(parseState(serializeState(emptyState))).toEqual({ kind: "state", state: emptyState });
  });

  test("reads every state that a step makes", () => {
    fc.assert(
      fc.property(fc.array(arbitraryReport, { minLength: 1, maxLength: 4 }), (reports) => {
        const last = reports.reduce<State>(
          (previous, run) => step(previous, run, new Date(runTime), policy).next,
          emptyState,
        );
        expect(parseState(serializeState(last))).toEqual({ kind: "state", state: last });
      }),
    );
  });

  test("reads a state that was made from hostile text", () => {
    const hostile = "\u0000\u202e\ud800".repeat(10_000);
    const record = connectionRecord(hostile, {
      connection: { key: "hostile" },
      verdict: "failing",
      findings: [{ ...chainIncomplete, title: hostile }],
    });
    const problem = { code: "out-of-time", scope: null, message: hostile, remedy: hostile } as const;
    const run = report([record, { ...record, connection: { ...record.connection, key: "b" }, verdict: "unknown" }], {
      runId: hostile,
      problems: [problem],
    });
    const stepped = step(null, run, new Date(runTime), policy);
    const outbox = stepped.drafts.map((draft) => ({
      id: "x",
      createdAt: runTime,
      ...renderDraft(draft, run, { scope, region, logGroup: hostile }, [hostile]),
    }));
    const late = outbox.map((notice) => ({ ...notice, ...lateMessage(notice) }));
    for (const kept of [outbox, late]) {
      expect(parseState(serializeState({ ...stepped.next, outbox: kept }))).toMatchObject({ kind: "state" });
    }
  });

  test("reads the state that any answer of CloudFront's API leads to", () => {
    const text = fc.oneof(fc.constantFrom("a.example.com", "{{p}}.example.com", "*"), fc.string({ unit: "binary" }));
    const value = fc.oneof(text, fc.double(), fc.integer(), fc.constantFrom(undefined, null, 70_000, -1, 443.5, []));
    const answer = fc
      .record({ domain: text, id: text, comment: value, aliases: fc.array(value, { maxLength: 3 }), port: value })
      .map(({ domain, id, comment, aliases, port }) =>
        apiSummary(id, {
          Comment: comment,
          Aliases: { Items: aliases },
          Origins: { Items: [apiOrigin(domain, {}, { HTTPPort: port, HTTPSPort: port, IpAddressType: comment })] },
          DefaultCacheBehavior: apiBehavior(domain, { PathPattern: comment, OriginRequestPolicyId: id }),
        }),
      );
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 3 }), (answers) => {
        const results = answers.map((each) => readDistribution(JSON.parse(JSON.stringify(each))));
        const distributions = results.flatMap((read) => (read.kind === "distribution" ? [read.distribution] : []));
        const records = plan(distributions, noPolicies).connections.map((planned) => {
          const findings = judge(planned, [], { now: 0, expiryWarningDays: 21, anchors: trustAnchors([]) });
          return recordOf(planned, [], findings);
        });
        const first = step(null, report(records), new Date(runTime), policy).next;
        const second = step(first, report(records), new Date(runTime), policy).next;
        expect(parseState(serializeState(second))).toEqual({ kind: "state", state: second });
      }),
    );
  });

  const broken = (change: object) => JSON.stringify({ ...state, ...change });
  const [incident] = state.incidents;
  const [notice] = notices;
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["another type", "[]"],
    ["null", "null"],
    ["a missing field", JSON.stringify({ ...state, problems: undefined })],
    ["an unknown field", broken({ muted: [] })],
    ["an unknown field in an incident", broken({ incidents: [{ ...incident, extra: 1 }] })],
    ["an effect that does not exist", broken({ incidents: [{ ...incident, effect: "note" }] })],
    ["a time that is none", broken({ incidents: [{ ...incident, openedAt: "yesterday" }] })],
    ["a code that is none", broken({ incidents: [{ ...incident, code: "Chain Incomplete" }] })],
    ["a stage that does not exist", broken({ incidents: [{ ...incident, stage: 4 }] })],
    ["the same incident twice", broken({ incidents: [incident, incident] })],
    ["a title of a megabyte", broken({ incidents: [{ ...incident, title: "x".repeat(1_000_000) }] })],
    ["a subject with a line break", broken({ outbox: [{ ...notice, subject: "a\nb" }] })],
    ["a subject of 100 characters", broken({ outbox: [{ ...notice, subject: "x".repeat(100) }] })],
    ["an empty text", broken({ outbox: [{ ...notice, text: "" }] })],
    ["a text that SNS would refuse", broken({ outbox: [{ ...notice, text: "x".repeat(300_000) }] })],
    ["a lease without an end", broken({ lease: { holder: "a" } })],
  ])("calls %s unreadable", (_, text) => {
    const parsed = parseState(text);
    expect(parsed.kind).toBe("unreadable");
    expect(parsed.kind === "unreadable" && parsed.problem).toMatch(/^.{5,300}$/);
  });

  test("names the version of a state that a newer function wrote", () => {
    const parsed = parseState(broken({ schemaVersion: 3 }));
    expect(parsed).toEqual({
      kind: "unreadable",
      problem: "its schemaVersion is 3, this version of the function reads 1 and 2",
    });
  });
});

describe("parseState, with a state of version 1", () => {
  const saved = readFileSync(new URL("state-version-1.json", import.meta.url), "utf8");
  const parsed = parseState(saved);
  const migrated = parsed.kind === "state" ? parsed.state : emptyState;

  test("keeps what is open, since when, and the message that was left behind", () => {
    expect(migrated).toMatchObject({
      schemaVersion: 2,
      incidents: [
        {
          code: "certificate-expired",
          domain: "legacy.example.com",
          port: 8443,
          effect: "502",
          openedAt: "2026-10-30T12:00:00.000Z",
          lastTold: "2026-10-30T12:00:00.000Z",
          tellings: 1,
        },
        { code: "certificate-expiring", effect: "may", distributions: ["E1SHOP", "E2BLOG"] },
      ],
      problems: [{ code: "out-of-time", openedAt: "2026-11-01T00:00:00.000Z" }],
      outbox: [{ id: "8a4c", subject: "[502] legacy.example.com:8443: certificate expired (1 distribution)" }],
    });
    expect(parseState(serializeState(migrated))).toEqual({ kind: "state", state: migrated });
  });

  test("does not tell anew what version 1 told", () => {
    const gone = step(migrated, report([]), new Date("2026-11-01T01:00:00Z"), defaultTellingPolicy);
    expect(gone.drafts.flatMap(({ change }) => change.gone)).toHaveLength(2);
    expect(gone.drafts.flatMap(({ change }) => change.opened)).toEqual([]);
  });

  test.each([
    ["an unknown field", { extra: 1 }],
    ["a missing field", { findings: undefined }],
  ])("calls one with %s unreadable", (_, change) => {
    expect(parseState(JSON.stringify({ ...JSON.parse(saved), ...change })).kind).toBe("unreadable");
  });
});
