import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import { judge } from "../../lambda/judge/judge.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { connectionRecord as recordOf } from "../../lambda/report/connection-record.ts";
import { lateMessage, renderDraft } from "../../lambda/tell/message.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { apiBehavior, apiOrigin, apiSummary } from "../plan/api-answers.ts";
import { chainIncomplete, connectionRecord, finding, place, region, report, runTime, scope } from "../tell/records.ts";
import { arbitraryReport } from "./arbitrary-reports.ts";

const policy = { ...defaultAlertPolicy, weeklyDigest: true };
const failing = report([connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] })]);
const { next, drafts } = step(null, failing, new Date(runTime), policy);
const notices = drafts.map((draft, index) => ({
  id: `run-1/${index}`,
  createdAt: runTime,
  ...renderDraft(draft, failing, { scope, region, logGroup: null, ...place }, []),
}));
const state: State = {
  ...next,
  problems: [
    {
      code: "out-of-time",
      scope: null,
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
/** As the object in S3 has it. */
const stored = JSON.parse(serializeState(state));

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
      ...renderDraft(draft, run, { scope, region, logGroup: hostile, ...place }, [hostile]),
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

  const broken = (change: object) => JSON.stringify({ ...stored, ...change });
  const [incident] = state.incidents;
  const [notice] = notices;
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["another type", "[]"],
    ["null", "null"],
    ["a missing field", broken({ problems: undefined })],
    ["an effect that cannot be one", broken({ incidents: [{ ...incident, effect: "no such effect" }] })],
    ["an incident without a kind", broken({ incidents: [{ ...incident, kind: undefined }] })],
    ["an account that is none", broken({ incidents: [{ ...incident, scopes: [{ ...scope, accountId: "1" }] }] })],
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

  test.each([1, 4])("names the version %i, which it does not read", (schemaVersion) => {
    expect(parseState(broken({ schemaVersion }))).toEqual({
      kind: "unreadable",
      problem: `its schemaVersion is ${schemaVersion}, this version of the function reads 2 and 3`,
    });
  });
});

describe("what a later version may have written", () => {
  const [known] = state.incidents;
  const distribution = { kind: "distribution", key: "distribution E1", code: "viewers-get-errors", effect: "5xx" };
  const otherEffect = { ...known, code: "connection-reset", effect: "5xx" };
  const otherTold = { ...known, code: "tls-not-spoken", toldEffect: "5xx" };
  const ended = { kind: "distribution", key: "distribution E2", code: "viewers-get-errors", endedAt: runTime };
  const later = (changes: object = {}) =>
    parsed(
      JSON.stringify({
        ...stored,
        incidents: [...state.incidents, distribution, otherEffect, otherTold],
        ended: [ended],
        ...changes,
      }),
    );

  test("is kept as it is, and written again", () => {
    const read = later();
    expect(read.incidents).toEqual(state.incidents);
    expect(read.foreign).toEqual({ incidents: [distribution, otherEffect, otherTold], ended: [ended] });
    const written = JSON.parse(serializeState(read));
    expect(written.incidents).toEqual([...state.incidents, distribution, otherEffect, otherTold]);
    expect(written.ended).toEqual([ended]);
    expect(written.foreign).toBeUndefined();
    expect(parsed(serializeState(read))).toEqual(read);
  });

  test("is neither told nor ended nor forgotten by a run, whatever the run sees", () => {
    fc.assert(
      fc.property(fc.array(arbitraryReport, { minLength: 1, maxLength: 4 }), (reports) => {
        let current = later();
        for (const [index, run] of reports.entries()) {
          const stepped = step(current, run, new Date(Date.parse(runTime) + index * 86_400_000), policy);
          const told = JSON.stringify(stepped.drafts);
          expect(told).not.toContain("viewers-get-errors");
          expect(told).not.toContain("5xx");
          current = parsed(serializeState(stepped.next));
        }
        expect(current.foreign.incidents).toContainEqual(distribution);
        expect(current.foreign.ended).toEqual([ended]);
      }),
    );
  });

  test("gives way where this version sees the same finding with an effect of its own", () => {
    const same = { ...known, effect: "5xx" };
    const read = later({ incidents: [same] });
    expect(read).toMatchObject({ incidents: [], foreign: { incidents: [same] } });
    const { next: seen } = step(read, failing, new Date(runTime), policy);
    const written = JSON.parse(serializeState(seen));
    expect(written.incidents).toMatchObject([{ key: known?.key, effect: "502" }]);
  });

  const added = { confirmedBy: { pop: "FRA56", at: runTime } };
  const everywhere = {
    incidents: state.incidents.map((entry) => ({ ...entry, ...added, leaf: { ...entry.leaf, ...added } })),
    suspicions: [{ key: "k", code: "connection-refused", sightings: [runTime], inARow: 1, ...added }],
    ended: [
      {
        kind: "connection",
        key: "e",
        code: "c",
        domain: "d",
        port: 1,
        openedAt: runTime,
        endedAt: runTime,
        returns: 0,
        as: "gone",
        ...added,
      },
    ],
    problems: state.problems.map((entry) => ({ ...entry, ...added })),
    blindSpots: [
      { domain: "x", port: 1, reason: "r", since: runTime, lastUnseen: runTime, runs: 2, told: true, ...added },
    ],
    mutes: [
      {
        id: "of a tag",
        firstSeen: runTime,
        until: runTime,
        announced: null,
        source: "tag",
        account: "111122223333",
        distribution: "E1",
        origin: null,
        code: null,
        reason: "is being moved",
        ...added,
      },
    ],
    outbox: notices.map((entry) => ({ ...entry, ...added, attributes: { ...entry.attributes, ...added } })),
    lease: { holder: "a", until: runTime, ...added },
    ...added,
  };

  test("in fields that are not known survives being read and written, in every entry", () => {
    const text = JSON.stringify({ ...stored, ...everywhere });
    expect(JSON.parse(serializeState(parsed(text)))).toEqual(JSON.parse(text));
  });

  test("of an end without the time of its beginning, which was kept later, is read", () => {
    const { openedAt: _, ...ended } = everywhere.ended[0]!;
    const read = later({ ...everywhere, ended: [ended] });
    expect(read.ended).toMatchObject([{ key: "e", openedAt: null, endedAt: runTime }]);
  });

  test("in fields that are not known survives a run that changes the entries", () => {
    const read = later({ ...everywhere, outbox: [], lease: null });
    const run = report(
      [
        connectionRecord("api.example.com", {
          verdict: "failing",
          findings: [{ ...chainIncomplete, title: "another" }],
        }),
        connectionRecord("x", {
          connection: { port: 1 },
          verdict: "unknown",
          findings: [finding("connection-timed-out")],
        }),
        connectionRecord("k", {
          connection: { key: "k" },
          verdict: "failing",
          findings: [finding("connection-refused")],
        }),
      ],
      { problems: [{ code: "out-of-time", message: "another", remedy: "r", scope: null }] },
    );
    const { next: after } = step(read, run, new Date(Date.parse(runTime) + 7_200_000), { ...policy, confirmations: 3 });
    const written = JSON.parse(serializeState(after));
    expect(written.incidents).toContainEqual(expect.objectContaining({ title: "another", ...added }));
    expect(written.suspicions).toMatchObject([{ inARow: 2, ...added }]);
    for (const name of ["ended", "problems", "blindSpots", "mutes"]) expect(written[name]).toMatchObject([added]);
    expect(written).toMatchObject(added);
  });

  test("keeps a problem of the run that it cannot see", () => {
    const problem = { ...state.problems[0], code: "of-a-later-version" };
    const read = later({ problems: [problem] });
    const { next: after, drafts: told } = step(read, report([]), new Date("2026-12-23T00:00:00Z"), policy);
    expect(after.problems).toEqual([problem]);
    expect(told.flatMap(({ change }) => change.problems.resolved)).toEqual([]);
  });

  test.each([
    ["an entry of another kind that is too large", { incidents: [{ ...distribution, text: "x".repeat(20_000) }] }],
    ["an entry of another kind without a key", { incidents: [{ kind: "distribution", code: "c" }] }],
    ["fields that are too large", { incidents: [{ ...known, text: "x".repeat(5_000) }] }],
    ["fields that are nested too deeply", { more: JSON.parse("[".repeat(30) + "]".repeat(30)) }],
    ["too many of them", { incidents: Array(20_001).fill(distribution) }],
  ])("is unreadable as %s", (_, changes) => {
    expect(parseState(JSON.stringify({ ...stored, ...changes })).kind).toBe("unreadable");
  });

  test("is unreadable where no program could write it again", () => {
    const text = JSON.stringify(stored).replace("{", `{"more":${"[".repeat(9_000)}${"]".repeat(9_000)},`);
    expect(parseState(text).kind).toBe("unreadable");
  });

  test("cannot reach the prototype of anything", () => {
    const text = JSON.stringify(stored).replace("{", '{"__proto__":{"polluted":1},');
    const read: object = parsed(text);
    expect(Reflect.get(read, "polluted")).toBeUndefined();
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

function parsed(text: string): State {
  const read = parseState(text);
  if (read.kind !== "state") throw new Error(read.problem);
  return read.state;
}
