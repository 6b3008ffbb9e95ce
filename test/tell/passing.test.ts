import { describe, expect, test } from "vitest";
import { type AlertPolicy, defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { logGroup, place, region, report, runTime, scope } from "./records.ts";
import * as given from "./situations.ts";

const now = new Date(runTime);
const policy: AlertPolicy = { ...defaultAlertPolicy, confirmations: 1 };

type Run = readonly [hoursAgo: number, records: readonly ConnectionRecord[]];

/** The reminder of the last run, after these. */
function reminder(runs: readonly Run[], last: readonly ConnectionRecord[]): string {
  const before = runs.reduce<State>(
    (state, [ago, records]) => step(state, report(records), new Date(now.getTime() - ago * 3_600_000), policy).next,
    emptyState,
  );
  const run = report(last);
  const draft = step(before, run, now, policy).drafts.find(({ event }) => event === "reminder");
  return draft === undefined ? "" : renderDraft(draft, run, { scope, region, logGroup, ...place }, []).text;
}

const { refusedLegacy, answeringLegacy, timedOutLegacy, brokenApi, fixedApi } = given;

describe("a reminder of what returned", () => {
  const returned: readonly Run[] = [
    [72, [refusedLegacy]],
    [71, [answeringLegacy]],
    [70, [refusedLegacy]],
    [48, [refusedLegacy]],
    [24, [refusedLegacy]],
  ];

  test("says that it passes, and for how long it must", () => {
    const text = reminder([...returned, [0.5, [answeringLegacy]]], [answeringLegacy]);
    expect(text).toMatch(
      /^Passed since 2026-11-23 02:42 UTC \(30 minutes\)\. It came back before, so it counts as fixed after 1 hour without it\.\n\nDo first: nothing, unless it comes back\.\n/,
    );
    expect(text).not.toMatch(/get 50|Unchanged|could not check|Not known/);
  });

  test("says of what could not be checked what it did", () => {
    for (const runs of [returned, [...returned, [0.5, [answeringLegacy]] as const]]) {
      const text = reminder(runs, [timedOutLegacy]);
      expect(text).toContain("Unchanged since");
      expect(text).toContain("Do first: see the first alert; this run could not check it.");
      expect(text).not.toContain("Passed since");
    }
  });

  test("does not count it as failing among others, which come first", () => {
    const runs = returned.map(([ago, records]): Run => [ago, [brokenApi, ...records]]);
    const text = reminder([...runs, [0.5, [brokenApi, answeringLegacy]]], [brokenApi, answeringLegacy]);
    expect(text).toContain("Cache misses to 1 origin get 502.\n- [502] api.example.com: ");
    expect(text).toMatch(/legacy\.example\.com:8443: .*; passed since 2026-11-23 02:42 UTC$/m);
    expect(text).toContain("Do first:\n1. Make the server send the full chain");
  });

  test("says of several that none is seen", () => {
    const runs = returned.map(([ago, records], index): Run => [ago, [index === 1 ? fixedApi : brokenApi, ...records]]);
    const text = reminder([...runs, [0.5, [fixedApi, answeringLegacy]]], [fixedApi, answeringLegacy]);
    expect(text).toMatch(/^Nothing of this was seen now at 2 origins\. \[FIXED\] follows when it stays away\.\n/);
    expect(text).toContain("Do first: nothing, unless it comes back.");
  });
});
