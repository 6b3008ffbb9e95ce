import { describe, expect, it } from "vitest";
import { originHistories } from "../../lambda/incidents/origin-histories.ts";
import { judge } from "../../lambda/judge/judge.ts";
import { type OriginHistory, stoppedAnswering } from "../../lambda/judge/origin-history.ts";
import { verdictOf } from "../../lambda/judge/verdict.ts";
import type { AddressOutcome, Observation } from "../../lambda/probe/observation.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { incident } from "../tell/records.ts";
import { connection } from "./checked.ts";

const now = Date.parse("2026-11-27T08:51:00Z");
const dark: AddressOutcome = { kind: "connect-timed-out", attempts: 1, timeoutMs: 1_000 };
const anchors = trustAnchors();
const answeredYesterday = { answeredOn: "2026-11-26", silentSince: null, openSince: null };

function judged(outcomes: readonly AddressOutcome[], history: OriginHistory | undefined) {
  const addresses = outcomes.map((outcome, index) => ({ address: `192.0.2.${index + 1}`, outcome, ms: 1 }));
  const dns = { kind: "answered", addresses: addresses.map(({ address }) => address) } as const;
  const observation: Observation = { dns, addresses, addressesLeftOut: 0 };
  const planned = { kind: "probe", connection: connection({ scheme: "http", port: 8080 }) } as const;
  const policy = { now, expiryWarningDays: 21, anchors, historyOf: () => history };
  const findings = judge(planned, [{ vantage: "here", observation }], policy);
  return { verdict: verdictOf(planned, findings), findings, codes: findings.map(({ code }) => code) };
}

describe("an origin that gives no answer", () => {
  it("stopped answering where it did so lately", () => {
    const { verdict, findings } = judged([dark, dark], answeredYesterday);
    expect(verdict).toBe("at-risk");
    expect(findings[0]).toMatchObject({
      code: "origin-went-dark",
      effect: "may",
      severity: "warning",
      address: null,
      title: "stopped answering on port 8080",
      cause:
        "192.0.2.1 and 192.0.2.2 give no answer on port 8080. It last answered on 2026-11-26; no answer since 2026-11-27 08:51 UTC.",
    });
  });

  it.each<[what: string, history: OriginHistory | undefined]>([
    ["nobody remembers it", undefined],
    ["it never answered", { answeredOn: null, silentSince: null, openSince: null }],
    ["it answered long ago", { ...answeredYesterday, answeredOn: "2026-11-18" }],
  ])("is not checked where %s", (_, history) => {
    expect(judged([dark], history)).toMatchObject({ verdict: "unknown", codes: ["connection-timed-out"] });
  });

  it.each<[what: string, other: AddressOutcome]>([
    ["answers at another address", { kind: "connected" }],
    ["refuses at another address", { kind: "connect-refused", attempts: 1 }],
    ["had no time for another address", { kind: "not-tried", reason: "deadline" }],
  ])("did not stop answering where it %s", (_, other) => {
    expect(judged([dark, other], answeredYesterday).codes).not.toContain("origin-went-dark");
  });

  it.each<[what: string, other: AddressOutcome]>([
    ["not reachable from here", { kind: "connect-unreachable", errno: "ENETUNREACH" }],
    ["private", { kind: "not-dialled", range: "private" }],
  ])("stopped answering where the other address is %s", (_, other) => {
    expect(judged([dark, other], answeredYesterday).codes).toContain("origin-went-dark");
  });
});

describe("when an origin stopped answering", () => {
  const since = (days: number) => new Date(Date.parse("2026-11-20T00:00:00Z") + days * 86_400_000).toISOString();
  const stopped = (history: Partial<OriginHistory>) =>
    stoppedAnswering({ answeredOn: "2026-11-19", silentSince: null, openSince: null, ...history }, now) !== null;

  it("counts from the end of the day on which it last answered to the first run without an answer", () => {
    expect(stopped({ silentSince: since(7) })).toBe(true);
    expect(stopped({ silentSince: since(7.01) })).toBe(false);
    expect(stopped({})).toBe(false);
    expect(stopped({ answeredOn: "2026-11-20" })).toBe(true);
  });

  it("needs nothing else where people are told already", () => {
    const told = { answeredOn: null, silentSince: null, openSince: since(0) };
    expect(stoppedAnswering(told, now)).toEqual({ since: since(0), answeredOn: null });
    expect(stopped({ answeredOn: "2026-01-01", openSince: since(0) })).toBe(true);
  });

  it("is never where a time cannot be read", () => {
    expect(stopped({ answeredOn: "soon" })).toBe(false);
    expect(stopped({ silentSince: "soon" })).toBe(false);
  });
});

describe("the history of an origin", () => {
  const open = incident({ code: "origin-went-dark", domain: "API.example.com", openedAt: "2026-11-23T03:12:40.000Z" });
  const origin = { domain: "api.example.com", port: 443 };
  const remembered = new Map([
    ["api.example.com:443", { answeredOn: "2026-11-22", silentSince: "2026-11-23T03:00:00.000Z" }],
  ]);

  it("is what is remembered and what people are told", () => {
    expect(originHistories(remembered, [open])(origin)).toEqual({
      answeredOn: "2026-11-22",
      silentSince: "2026-11-23T03:00:00.000Z",
      openSince: "2026-11-23T03:12:40.000Z",
      passedOn: null,
    });
    expect(originHistories(new Map(), [open])(origin)).toMatchObject({ openSince: "2026-11-23T03:12:40.000Z" });
  });

  it("is nothing of other origins, and nothing that other findings say", () => {
    const nothing = { answeredOn: null, silentSince: null, openSince: null, passedOn: null };
    expect(originHistories(remembered, [open])({ ...origin, port: 8443 })).toEqual(nothing);
    expect(originHistories(new Map(), [{ ...open, code: "connection-refused" }])(origin)).toEqual(nothing);
  });

  it("has the day on which it last passed, and none where nothing can be known", () => {
    const passed = new Map([["api.example.com:443", { answeredOn: "2026-11-22", passedOn: "2026-11-02" }]]);
    expect(originHistories(passed, [])(origin)?.passedOn).toBe("2026-11-02");
    expect(originHistories(null, [])(origin)).toEqual({ answeredOn: null, silentSince: null, openSince: null });
  });
});
