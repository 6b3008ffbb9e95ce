import { describe, expect, test } from "vitest";
import type { Scope } from "../../lambda/configuration/scope.ts";
import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, mostDistributionIncidents, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { DistributionRecord } from "../../lambda/report/distribution-record.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { runMetrics } from "../../lambda/telemetry/metrics.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { connectionRecord, report, runTime, scope, use } from "../tell/records.ts";

const code = "viewers-get-errors";
const other: Scope = { accountId: "444455556666", accountName: null, partition: "aws" };
const about = (id: string, changes: Partial<DistributionRecord> = {}): DistributionRecord => ({
  distributionId: id,
  scope,
  traffic: { kind: "unknown", reason: "nobody asked" },
  otherErrors: false,
  findings: [],
  over: [],
  ...changes,
});
const finding = { code, title: "viewers get errors", counted: [], possibleCauses: [], inOrder: [], functionErrors: [] };
const failing = (id: string, effect: "502" | "5xx" = "5xx", changes: Partial<DistributionRecord> = {}) =>
  about(id, { findings: [{ ...finding, effect }], ...changes });
const fine = (id: string) => about(id, { over: [code] });
const connection = connectionRecord("api.example.com", { uses: [use("E1"), use("E2")] });

/** The runs of a state, a quarter of an hour apart, which is written and read again between them. */
function history(state: State = emptyState) {
  let current = state;
  let at = Date.parse(runTime);
  return {
    state: () => current,
    run: (
      distributionRecords: readonly DistributionRecord[] | null,
      changes: Partial<RunReport> = {},
      after = hourMs / 4,
    ) => {
      at += after;
      const seen = report([connection], { ...(distributionRecords && { distributionRecords }), ...changes });
      const { next } = step(current, seen, new Date(at), policy);
      const parsed = parseState(serializeState(next));
      if (parsed.kind !== "state") throw new Error(parsed.problem);
      expect(parsed.state).toEqual(next);
      current = parsed.state;
      return current.distributionIncidents.map(({ distributionId, effect }) => `${distributionId} ${effect}`);
    },
  };
}

const problem = (of: Scope | null) => ({
  problems: [{ code: "inventory-failed", scope: of, message: "m", remedy: "r" } as const],
});

describe("an incident of a distribution", () => {
  test("opens by distribution and code, is kept with its account, and ends where the rule says that it is over", () => {
    const { run, state } = history();
    expect(run([failing("E2", "502"), failing("E1")])).toEqual(["E1 5xx", "E2 502"]);
    expect(state()).toMatchObject({
      incidents: [],
      distributionIncidents: [
        { kind: "distribution", key: "distribution E1", code, effect: "5xx", scope, stage: 0, tellings: 1 },
        { key: "distribution E2" },
      ],
    });
    expect(run([failing("E1", "502"), fine("E2")])).toEqual(["E1 502"]);
    expect(state().endedDistributionIncidents).toMatchObject([{ distributionId: "E2", as: "resolved", returns: 0 }]);
    expect(run([fine("E1")])).toEqual([]);
  });

  test("stands among the others in the object, told apart by its kind", () => {
    const { run, state } = history();
    run([failing("E1"), failing("E2")]);
    run([failing("E1"), fine("E2")]);
    const object = JSON.parse(serializeState(state()));
    expect(object.incidents).toMatchObject([{ kind: "distribution", distributionId: "E1" }]);
    expect(object.ended).toMatchObject([{ kind: "distribution", distributionId: "E2" }]);
    expect(Object.keys(object)).not.toContain("distributionIncidents");
  });

  test("stays where nobody asked, and where nobody says that it is over", () => {
    const { run } = history();
    run([failing("E1")]);
    expect(run(null)).toEqual(["E1 5xx"]);
    expect(run([about("E1")])).toEqual(["E1 5xx"]);
    expect(run([about("E1", { over: ["another-code"] })])).toEqual(["E1 5xx"]);
    expect(run([fine("E2")])).toEqual(["E1 5xx"]);
  });

  test("is closed where nobody asks any more, and stays where a run could not", () => {
    const { run, state } = history();
    run([failing("E1")]);
    expect(run(null)).toEqual(["E1 5xx"]);
    expect(run(null, { countsOff: true })).toEqual([]);
    expect(state().endedDistributionIncidents).toMatchObject([{ distributionId: "E1", as: "gone" }]);
  });

  test("is gone with its distribution, but not where its account could not be listed", () => {
    const { run, state } = history();
    run([failing("E9")]);
    expect(run([], problem(scope))).toEqual(["E9 5xx"]);
    expect(run([], problem(null))).toEqual(["E9 5xx"]);
    expect(run([], problem(other))).toEqual([]);
    expect(state().endedDistributionIncidents).toMatchObject([{ distributionId: "E9", as: "gone" }]);
  });

  test("that comes back within a day has to stay away for an hour, and does not count its return after that day", () => {
    const { run, state } = history();
    run([failing("E1")]);
    run([fine("E1")]);
    run([failing("E1")]);
    expect(state().endedDistributionIncidents).toEqual([]);
    expect(run([fine("E1")])).toEqual(["E1 5xx"]);
    expect(run([fine("E1")], {}, hourMs)).toEqual([]);
    run([failing("E1")], {}, 2 * dayMs);
    expect(state().distributionIncidents).toMatchObject([{ returns: 0 }]);
  });

  test("counts its time from now where the clock was ahead", () => {
    const { run, state } = history();
    run([failing("E1")], {}, 365 * dayMs);
    const back = history(state());
    back.run([failing("E1")]);
    expect(back.state().distributionIncidents).toMatchObject([
      { openedAt: new Date(Date.parse(runTime) + hourMs / 4).toISOString() },
    ]);
  });

  test("is no origin that fails, and no origin at all", () => {
    const metrics = (records: readonly DistributionRecord[]) =>
      runMetrics(report([connection], { distributionRecords: records }), { sent: 0, failures: 0 });
    expect(metrics([failing("E1", "502")])).toEqual(metrics([]));
  });

  test("of a form that this version does not know is kept as it is", () => {
    const later = { kind: "distribution", key: "distribution E1", code, effect: "403" };
    const text = JSON.stringify({ ...JSON.parse(serializeState(emptyState)), incidents: [later] });
    const parsed = parseState(text);
    expect(parsed).toMatchObject({
      kind: "state",
      state: { distributionIncidents: [], foreign: { incidents: [later] } },
    });
  });

  test("is one of no more than the state holds", () => {
    const records = Array.from({ length: mostDistributionIncidents + 1 }, (_, index) => failing(`E${index}`));
    expect(history().run(records)).toHaveLength(mostDistributionIncidents);
  });
});
