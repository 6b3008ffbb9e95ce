import { describe, expect, test } from "vitest";
import type { Mute } from "../../lambda/contract/mutes.ts";
import type { Draft } from "../../lambda/incidents/change.ts";
import { incidentUpdates } from "../../lambda/incidents/incident-update.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { DistributionRecord } from "../../lambda/report/distribution-record.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { incidentRecord } from "../../lambda/telemetry/incident-record.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { connectionRecord, report, runTime, use } from "../tell/records.ts";
import { countedErrors, countedFine, countOf, healthyShop, refusedLegacy } from "../tell/situations.ts";

const few = countOf(1000, 100);
const many = countOf(1000, 600);
const bad = countOf(1000, 100, { byStatus: { "502": 60, "504": 40 } });
const late = countOf(1000, 100, { byStatus: { "502": 40, "504": 60 } });
const failing = (id: string, count = few) => countedErrors(id, "5xx", [count]);
const start = Date.parse(runTime);

/** What a draft is about: its event, and which distributions are in which list. */
function told({ event, distributions }: Draft): readonly [string, Readonly<Record<string, readonly string[]>>] {
  const lists = Object.entries(distributions ?? {}).flatMap(([list, incidents]) =>
    incidents.length > 0 ? [[list, incidents.map(({ distributionId }) => distributionId)] as const] : [],
  );
  return [event, Object.fromEntries(lists)];
}

function history(mutes: readonly Mute[] = []) {
  let state: State = emptyState;
  let at = start;
  return {
    state: () => state,
    run: (records: readonly DistributionRecord[], after = hourMs / 4, changes: Partial<RunReport> = {}) => {
      at += after;
      const connection = connectionRecord("api.example.com", { uses: ["E1", "E2", "E3"].map((id) => use(id)) });
      const run = report([connection], { distributionRecords: records, ...changes });
      const { next, drafts } = step(state, run, new Date(at), { ...defaultAlertPolicy, mutes });
      state = next;
      return drafts.map(told);
    },
  };
}

const mute = (changes: Partial<Mute>): Mute => ({
  distribution: null,
  origin: null,
  code: null,
  until: new Date(start + hourMs).toISOString(),
  reason: "r",
  ...changes,
});

describe("what is told of a distribution", () => {
  test("is that it opens, once, and that it is over", () => {
    const { run } = history();
    expect(run([failing("E1"), failing("E2")])).toEqual([
      ["opened", { opened: ["E1"] }],
      ["opened", { opened: ["E2"] }],
    ]);
    expect(run([failing("E1"), failing("E2")])).toEqual([]);
    expect(run([])).toEqual([]);
    expect(run([failing("E1"), countedFine("E2")])).toEqual([["resolved", { resolved: ["E2"] }]]);
    expect(run([failing("E1"), countedFine("E2")])).toEqual([]);
  });

  test("is that half of the requests get an error, and not twice", () => {
    const { run } = history();
    run([failing("E1")]);
    expect(run([failing("E1", many)])).toEqual([["worsened", { worsened: ["E1"] }]]);
    expect(run([failing("E1")])).toEqual([]);
    expect(run([failing("E1", many)])).toEqual([]);
  });

  test("is the status as soon as it is known, and not which of two is more frequent", () => {
    const { run } = history();
    run([failing("E1")]);
    expect(run([countedErrors("E1", "502", [bad])])).toEqual([["rejudged", { rejudged: ["E1"] }]]);
    expect(run([countedErrors("E1", "504", [late])])).toEqual([]);
    expect(run([countedErrors("E1", "502", [bad])])).toEqual([]);
    expect(run([failing("E1")])).toEqual([]);
  });

  test("is a reminder after a day, with what nobody asked about and what is due soon", () => {
    const { run } = history();
    run([failing("E1")]);
    run([failing("E1"), failing("E2")], 10 * hourMs);
    expect(run([failing("E1")], 14 * hourMs)).toEqual([["reminder", { still: ["E1"], frozen: ["E2"] }]]);
    expect(run([failing("E1")], hourMs)).toEqual([]);
  });

  test("is that it is there no more", () => {
    const { run } = history();
    run([failing("E9")]);
    expect(run([])).toEqual([["resolved", { gone: ["E9"] }]]);
  });

  test("is one message where it is more than ten, and where what is sent cannot be recorded", () => {
    const ids = Array.from({ length: 11 }, (_, index) => `E${index}`);
    expect(history().run(ids.map((id) => failing(id)))).toEqual([["digest", { opened: ids }]]);
    const run = report([healthyShop], { distributionRecords: [failing("E1"), failing("E2")] });
    const { drafts } = step(null, run, new Date(start), defaultAlertPolicy, { asOne: true });
    expect(drafts.map(told)).toEqual([["digest", { opened: ["E1", "E2"] }]]);
  });

  test("is no end that nobody could remember", () => {
    const { run, state } = history();
    run([failing("E1")]);
    const fine = report([], { distributionRecords: [countedFine("E1")] });
    const asOne = step(state(), fine, new Date(start + dayMs / 8), defaultAlertPolicy, { asOne: true });
    expect(asOne.drafts).toEqual([]);
    expect(asOne.next.distributionIncidents).toMatchObject([{ clearSince: new Date(start + dayMs / 8).toISOString() }]);
  });

  test.each([
    ["the distribution", mute({ distribution: "E1" })],
    ["the code", mute({ code: "viewers-get-errors" })],
    ["both", mute({ distribution: "E1", code: "viewers-get-errors" })],
  ])("is that it is muted while %s is, and then what is still so", (_, selected) => {
    const { run, state } = history([selected]);
    expect(run([failing("E1")])).toEqual([["muted", {}]]);
    expect(state().distributionIncidents).toMatchObject([{ tellings: 0, lastTold: null }]);
    expect(run([failing("E1")], hourMs)).toEqual([["opened", { opened: ["E1"] }]]);
  });

  test.each([
    ["another distribution", mute({ distribution: "E2" })],
    ["another code", mute({ code: "connection-refused" })],
    ["an origin of it", mute({ origin: "api.example.com" })],
  ])("is not muted by a mute of %s", (_, selected) => {
    expect(history([selected]).run([failing("E1")])).toEqual([["opened", { opened: ["E1"] }]]);
  });

  test("is never in a message about origins, which knows that it is open", () => {
    const run = report([refusedLegacy], { distributionRecords: [failing("E5OLD")] });
    const { drafts } = step(null, run, new Date(start), { ...defaultAlertPolicy, confirmations: 1 });
    expect(
      drafts.map(({ event, distributions, change }) => [event, distributions === null, change.opened.length]),
    ).toEqual([
      ["opened", true, 1],
      ["opened", false, 0],
    ]);
    expect(drafts.map(({ open, openDistributions }) => [open.length, openDistributions.length])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

test("the log has a record of each incident of a distribution in each run", () => {
  const open = report([], { distributionRecords: [failing("E1"), failing("E2"), failing("E9")] });
  const first = step(null, open, new Date(start), defaultAlertPolicy).next;
  const later = report([connectionRecord("api.example.com", { uses: [use("E1")] })], {
    distributionRecords: [failing("E1", many), countedFine("E2")],
  });
  const second = step(first, later, new Date(start + hourMs), defaultAlertPolicy).next;
  expect(incidentUpdates(emptyState, first, open).map(({ status }) => status)).toEqual(["opened", "opened", "opened"]);
  expect(incidentUpdates(first, second, later).map(incidentRecord)).toMatchObject([
    { status: "worsened", kind: "distribution", origin: null, effect: "5xx", distributions: 1, distributionIds: "E1" },
    { status: "resolved", distributionIds: "E2", key: "distribution E2" },
    { status: "gone", distributionIds: "E9" },
  ]);
});
