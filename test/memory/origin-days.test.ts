import { describe, expect, test } from "vitest";
import { emptyMemory, type Memory, originDaysIn } from "../../lambda/memory/memory.ts";
import { parseMemory, serializeMemory } from "../../lambda/memory/memory-format.ts";
import { latestOf, type OriginDays, daysOf as theDaysOf } from "../../lambda/memory/origin-days.ts";
import { egressVantage } from "../../lambda/probe/observation.ts";
import { address, connectionRecord, finding, silentAddress } from "../tell/records.ts";

const at = "2026-11-27T23:59:00.000Z";
const today = "2026-11-27";
const id = "api.example.com:443";
const first = "203.0.113.7";
const second = "203.0.113.8";

function daysOf(...of: Parameters<typeof theDaysOf>): Readonly<Record<string, OriginDays>> {
  return Object.fromEntries(theDaysOf(...of));
}

function seen(findings: Parameters<typeof finding>[], addresses = [address("api.example.com")]) {
  const record = connectionRecord("API.example.com", {
    findings: findings.map((each) => finding(...each)),
    observed: { addresses },
  });
  return daysOf([record], {}, at)[id];
}

describe("of an origin", () => {
  const passed = { answeredOn: today, passedOn: today };
  const answered = { answeredOn: today };
  test.each([
    ["a healthy one", [], passed],
    ["a certificate that expires", [["certificate-expiring", { effect: "may" }]], passed],
    ["a function on its behavior", [["edge-function-may-reroute", { effect: "note", address: null }]], passed],
    ["a certificate for another name", [["certificate-name-mismatch"]], answered],
    ["the same, lowered for whatever reason", [["certificate-name-mismatch", { effect: "note" }]], answered],
    ["a reset", [["connection-reset", { effect: "may" }]], answered],
    ["what cannot be judged from here", [["origin-mtls", { effect: "unseen" }]], answered],
    ["a refusal", [["connection-refused"]], undefined],
    ["silence", [["connection-timed-out", { effect: "unseen" }]], undefined],
    ["an address that must not be dialled", [["dns-private-address", { effect: "504" }]], undefined],
    ["no route", [["ipv6-not-testable", { effect: "unseen" }]], undefined],
    ["no time", [["out-of-time", { effect: "unseen", address: null }]], undefined],
  ] as const)("%s", (_, findings, expected) => {
    expect(seen(findings.map(([code, changes]) => [code, changes]))).toEqual(expected);
  });

  test("one address is enough", () => {
    const addresses = [address("api.example.com"), silentAddress("connection timed out", { address: second })];
    const dark = ["some-addresses-dark", { effect: "may", address: null }] as const;
    const silent = ["connection-timed-out", { effect: "unseen", address: second }] as const;
    expect(seen([[...dark], [...silent]], addresses)).toEqual(passed);
    expect(seen([[...dark], [...silent], ["certificate-expired", { address: first }]], addresses)).toEqual(answered);
  });

  test("without an address nothing is known", () => {
    expect(seen([["dns-name-not-found", { address: null }]], [])).toBeUndefined();
  });
});

describe("of an origin that the fixed addresses of a VPC look at too", () => {
  const egress = egressVantage("vpc-0123456789abcdef0");
  const silent = silentAddress("connection timed out", { seenFrom: "us-east-1" });
  const inside = { ...address("api.example.com"), seenFrom: egress };
  const vantages = [
    { vantage: "us-east-1", got: "dns" },
    { vantage: egress, got: "certificate" },
  ] as const;
  const admitted = connectionRecord("api.example.com", { observed: { addresses: [silent, inside], vantages } });
  const timedOut = finding("connection-timed-out", { effect: "unseen" });
  const dark = (got: "dns" | "nothing") =>
    connectionRecord("api.example.com", {
      findings: [timedOut],
      observed: { addresses: [silent], vantages: [vantages[0], { vantage: egress, got }] },
    });
  const through = { answeredOn: today, through: "egress", passedOn: today };

  test("says where only these got an answer", () => {
    expect(daysOf([admitted], {}, at)[id]).toEqual(through);
    const outside = { ...address("api.example.com"), seenFrom: "us-east-1" };
    const open = connectionRecord("api.example.com", { observed: { addresses: [outside, inside], vantages } });
    expect(daysOf([open], {}, at)[id]).toEqual({ answeredOn: today, passedOn: today });
    expect(daysOf([admitted, open], {}, at)[id]).toEqual({ answeredOn: today, passedOn: today });
  });

  test("is silent only where these looked", () => {
    const known = { [id]: { answeredOn: today, through: "egress" as const } };
    expect(daysOf([dark("nothing")], known, at)).toEqual(known);
    expect(daysOf([dark("dns")], known, at)[id]).toEqual({ answeredOn: today, through: "egress", silentSince: at });
    const open = { [id]: { answeredOn: today } };
    expect(daysOf([dark("nothing")], open, at)[id]).toEqual({ answeredOn: today, silentSince: at });
  });

  test("forgets it on a later day on which others got one", () => {
    const known = { answeredOn: "2026-11-01", through: "egress" as const };
    expect(latestOf(known, { answeredOn: today })).toEqual({ answeredOn: today });
    expect(latestOf({ answeredOn: "2026-11-01" }, { ...known, answeredOn: today })).toMatchObject({
      through: "egress",
    });
  });

  test("survives being stored", () => {
    const accounts = { a: { leftOut: [], unanswered: [], origins: { [id]: through } } };
    const read = parseMemory(serializeMemory({ ...emptyMemory, accounts } as Memory));
    expect(read.kind === "memory" && originDaysIn(read.memory)).toEqual(new Map([[id, through]]));
  });
});

describe("from day to day", () => {
  const ok = connectionRecord("api.example.com");
  const failing = connectionRecord("api.example.com", { findings: [finding("certificate-expired")] });
  const old = { answeredOn: "2026-08-01", passedOn: "2026-08-01" };

  test("keeps the latest of each, whatever order the connections come in", () => {
    const both = { [id]: { answeredOn: today, passedOn: today } };
    expect(daysOf([ok, failing], { [id]: old }, at)).toEqual(both);
    expect(daysOf([failing, ok], { [id]: old }, at)).toEqual(both);
    expect(daysOf([failing], { [id]: old }, at)).toEqual({ [id]: { answeredOn: today, passedOn: "2026-08-01" } });
    const ahead = { answeredOn: "2026-11-28", passedOn: "2026-11-28" };
    expect(daysOf([ok], { [id]: ahead }, at)).toEqual({ [id]: ahead });
  });

  test("keeps an origin that is configured for ever, and another for 90 days, after those that are", () => {
    const silent = connectionRecord("silent.example.com", { findings: [finding("connection-timed-out")] });
    const days = daysOf(
      [silent, ok],
      {
        "a-gone.example.com:443": { answeredOn: "2026-08-29" },
        "a-long-gone.example.com:443": { answeredOn: "2026-08-28" },
        "silent.example.com:443": { answeredOn: "2020-01-01" },
      },
      at,
    );
    expect(Object.keys(days)).toEqual([id, "silent.example.com:443", "a-gone.example.com:443"]);
  });

  test("keeps since when it gives no answer, until it does", () => {
    const timedOut = finding("connection-timed-out", { effect: "unseen" });
    const silent = connectionRecord("api.example.com", { verdict: "unknown", findings: [timedOut] });
    const before = { [id]: { answeredOn: "2026-11-26" } };
    const since = { [id]: { answeredOn: "2026-11-26", silentSince: "2026-11-27T08:51:00.000Z" } };
    expect(daysOf([silent], before, "2026-11-27T08:51:00.000Z")).toEqual(since);
    expect(daysOf([silent], since, at)).toEqual(since);
    expect(daysOf([ok], since, at)).toEqual({ [id]: { answeredOn: today, passedOn: today } });
    const sameDay = { [id]: { answeredOn: today, silentSince: "2026-11-27T08:51:00.000Z" } };
    expect(daysOf([ok], sameDay, at)).toEqual({ [id]: { answeredOn: today, passedOn: today } });
    // One of its connections got an answer, one had no time, and one that never answered is not known.
    expect(daysOf([silent, ok], before, at)).toEqual({ [id]: { answeredOn: today, passedOn: today } });
    const late = { ...silent, findings: [timedOut, finding("out-of-time", { effect: "unseen", address: null })] };
    expect(daysOf([late], before, at)).toEqual(before);
    expect(daysOf([silent], {}, at)).toEqual({});
    // Nor does a run without an answer of DNS end it.
    const failed = finding("dns-lookup-failed", { effect: "unseen", address: null });
    expect(daysOf([{ ...silent, findings: [failed], observed: { addresses: [] } }], since, at)).toEqual(since);
  });

  test.each([
    ["the other saw an answer as late", { answeredOn: today, silentSince: at }, { answeredOn: today }, undefined],
    ["the other saw an answer later", { answeredOn: "2026-11-26", silentSince: at }, { answeredOn: today }, undefined],
    ["the other answered before", { answeredOn: today, silentSince: at }, { answeredOn: "2026-11-26" }, at],
    [
      "neither got an answer",
      { answeredOn: today, silentSince: "2026-11-27T08:00:00.000Z" },
      { answeredOn: today, silentSince: at },
      at,
    ],
  ] as const)("has the silence of several accounts where %s", (_, one, other, silentSince) => {
    for (const both of [latestOf(one, other), latestOf(other, one)]) expect(both.silentSince).toBe(silentSince);
  });

  test("has the latest of several accounts", () => {
    const nothing = { leftOut: [], unanswered: [] };
    const accounts = {
      a: { ...nothing, origins: { [id]: { answeredOn: "2026-11-20", passedOn: "2026-11-02" } } },
      b: { ...nothing, origins: { [id]: { answeredOn: "2026-11-03" } } },
    };
    const latest = new Map([[id, { answeredOn: "2026-11-20", passedOn: "2026-11-02" }]]);
    expect(originDaysIn({ ...emptyMemory, accounts })).toEqual(latest);
    expect(originDaysIn({ ...emptyMemory, accounts: { a: accounts.b, b: accounts.a } })).toEqual(latest);
  });
});
