import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyState, parseState, type State, serializeState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { chainIncomplete, connectionRecord, report, runTime } from "../tell/records.ts";
import { arbitraryReport } from "./arbitrary-reports.ts";

const failing = report([connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] })]);
const state: State = {
  ...step(null, failing, new Date(runTime)).next,
  problems: [{ code: "out-of-time", firstSeen: runTime, message: "Some origins were not checked." }],
  pending: { id: "run-1", createdAt: runTime, subject: "[502] api.example.com", body: "CloudFront answers 502.\n" },
};

describe("parseState", () => {
  test("reads what serializeState wrote", () => {
    expect(parseState(serializeState(state))).toEqual({ kind: "state", state });
    expect(parseState(serializeState(emptyState))).toEqual({ kind: "state", state: emptyState });
  });

  test("reads every state that a step makes", () => {
    fc.assert(
      fc.property(fc.array(arbitraryReport, { minLength: 1, maxLength: 4 }), (reports) => {
        const next = reports.reduce<State | null>((previous, run) => step(previous, run, new Date(runTime)).next, null);
        expect(parseState(serializeState(next ?? emptyState))).toEqual({ kind: "state", state: next });
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
    const problem = { code: "out-of-time", message: hostile, remedy: hostile } as const;
    const { next } = step(null, report([record], { problems: [problem] }), new Date(runTime));
    expect(parseState(serializeState(next)).kind).toBe("state");
  });

  const broken = (change: object) => JSON.stringify({ ...state, ...change });
  const [finding] = state.findings;
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["another type", "[]"],
    ["null", "null"],
    ["a missing field", JSON.stringify({ ...state, problems: undefined })],
    ["an unknown field", broken({ muted: [] })],
    ["an unknown field in a finding", broken({ findings: [{ ...finding, extra: 1 }] })],
    ["an effect that does not exist", broken({ findings: [{ ...finding, effect: "note" }] })],
    ["a time that is none", broken({ findings: [{ ...finding, firstSeen: "yesterday" }] })],
    ["a code that is none", broken({ findings: [{ ...finding, code: "Chain Incomplete" }] })],
    ["the same finding twice", broken({ findings: [finding, finding] })],
    ["a title of a megabyte", broken({ findings: [{ ...finding, title: "x".repeat(1_000_000) }] })],
    ["a subject with a line break", broken({ pending: { ...state.pending, subject: "a\nb" } })],
    ["a subject of 100 characters", broken({ pending: { ...state.pending, subject: "x".repeat(100) } })],
    ["an empty body", broken({ pending: { ...state.pending, body: "" } })],
    ["a body that SNS would refuse", broken({ pending: { ...state.pending, body: "x".repeat(300_000) } })],
  ])("calls %s unreadable", (_, text) => {
    const parsed = parseState(text);
    expect(parsed.kind).toBe("unreadable");
    expect(parsed.kind === "unreadable" && parsed.problem).toMatch(/^.{5,300}$/);
  });

  test("names the version of a state that a newer function wrote", () => {
    const parsed = parseState(broken({ schemaVersion: 2 }));
    expect(parsed).toEqual({
      kind: "unreadable",
      problem: "its schemaVersion is 2, this version of the function reads 1",
    });
  });
});
