import { describe, expect, it } from "vitest";
import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import {
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionTimedOut,
  finding,
  report,
  runTime,
  silentAddress,
} from "../tell/records.ts";
import { samples } from "../tell/samples.ts";

// What CloudFront itself answers may keep reminders quiet and be an incident; it ends none but its own.

const atOnce = { ...policy, confirmations: 1 };
const silent = { addresses: [silentAddress("no answer")] };
const [reached] = samples["seen-through-cloudfront"]();
const [answersError] = samples["cloudfront-answers-error"]();
const gotThrough = { gotThrough: true } as const;

const healthy = connectionRecord("api.example.com");
const expiring = connectionRecord("api.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
const broken = connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] });
/** Not seen from here, and healthy because CloudFront got through. */
const seen = connectionRecord("api.example.com", {
  verdict: "healthy",
  findings: [connectionTimedOut, reached!],
  observed: silent,
  witness: gotThrough,
});
const refused = connectionRecord("api.example.com", {
  verdict: "at-risk",
  findings: [finding("connection-refused", { effect: "may" }), reached!],
  observed: silent,
  witness: gotThrough,
});
const failing = connectionRecord("api.example.com", { verdict: "failing", findings: [answersError!] });

function run(records: readonly ConnectionRecord[], state: State | null, hours: number, by = atOnce) {
  const now = new Date(Date.parse(runTime) + hours * hourMs);
  const { next, drafts } = step(state, report(records, { finishedAt: now.toISOString() }), now, by);
  return { state: next, events: drafts.map(({ event }) => event), codes: next.incidents.map(({ code }) => code) };
}

describe("what is healthy by CloudFront's answer only", () => {
  it.each([
    ["an expiring certificate", expiring, "certificate-expiring"],
    ["a broken chain", broken, "chain-incomplete"],
  ])("ends no incident of %s, which nobody saw", (_, before, code) => {
    const first = run([before], emptyState, 0);
    const second = run([seen], first.state, 1);
    expect([second.events, second.codes]).toEqual([[], [code]]);
    expect(run([healthy], second.state, 2).events).toEqual(["resolved"]);
  });

  it("is no origin that could not be checked", () => {
    expect(run([seen], emptyState, 0).events).toEqual([]);
    const unknown = { ...seen, verdict: "unknown" as const };
    expect(run([unknown], emptyState, 0).events).toEqual(["unseen"]);
  });
});

describe("reminders", () => {
  it("of a risk about reachability pause as long as the last request got through, and come when it did not", () => {
    const told = run([refused], emptyState, 0);
    expect(told.events).toEqual(["opened"]);
    let state = told.state;
    for (const hours of [25, 8 * 24, 20 * 24]) {
      const quiet = run([refused], state, hours);
      expect(quiet.events).toEqual([]);
      state = quiet.state;
    }
    const { witness: _, ...unasked } = refused;
    expect(run([unasked], state, 20 * 24 + 1).events).toEqual(["reminder"]);
  });

  it("of anything else come when they are due", () => {
    for (const before of [expiring, broken]) {
      const told = run([{ ...before, witness: gotThrough }], emptyState, 0);
      expect(run([{ ...before, witness: gotThrough }], told.state, 8 * 24).events).not.toEqual([]);
    }
    const dark = { ...refused, findings: [finding("connection-refused")], verdict: "failing" as const };
    const told = run([dark], emptyState, 0);
    expect(run([dark], told.state, 25).events).toEqual(["reminder"]);
  });
});

describe("CloudFront's own error", () => {
  it("is told at once, and over only when an answer comes from behind CloudFront", () => {
    const told = run([failing], emptyState, 0, policy);
    expect([told.events, told.codes]).toEqual([["opened"], ["cloudfront-answers-error"]]);
    for (const nothing of [healthy, expiring]) {
      expect(run([nothing], told.state, 1, policy).codes).toContain("cloudfront-answers-error");
    }
    const over = run([{ ...healthy, witness: gotThrough }], told.state, 1, policy);
    expect([over.events, over.codes]).toEqual([["resolved"], []]);
  });

  it("is closed, and not fixed, where nobody has asked for a week", () => {
    const told = run([failing], emptyState, 0, policy);
    const later = run([healthy], told.state, (8 * dayMs) / hourMs, policy);
    expect(later.codes).toEqual([]);
  });
});
