import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keepMemory, type MemoryStore, type Recalled, recall } from "../../lambda/memory/keep-memory.ts";
import {
  countsIn,
  edgeEntriesIn,
  emptyMemory,
  functionsIn,
  leftOutIn,
  type Memory,
  originDaysIn,
  unansweredIn,
} from "../../lambda/memory/memory.ts";
import { maxMemoryBytes, parseMemory, serializeMemory } from "../../lambda/memory/memory-format.ts";
import { remembered } from "../../lambda/memory/remember.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { fairShares, thatMayFit } from "../../lambda/text/fair-share.ts";
import type { EdgeEntry } from "../../lambda/witness/edge-history.ts";
import type { RememberedCount } from "../../lambda/witness/remembered-count.ts";
import { address, connectionRecord, connectionRefused, finding, report, runTime, scope, use } from "../tell/records.ts";

const account = "aws:111122223333";
const other = { ...scope, accountId: "444455556666" };
const outOfTime = finding("out-of-time", { effect: "unseen", address: null });
const timedOut = finding("connection-timed-out", { effect: "unseen", address: "203.0.113.7" });
/** Of which no certificate is to be remembered. */
const recordOf: typeof connectionRecord = (domain, changes) =>
  connectionRecord(domain, { observed: { addresses: [address(domain, { chain: [] })] }, ...changes });
const late = recordOf("late.example.com", { verdict: "unknown", findings: [outOfTime] });
const silent = recordOf("silent.example.com", { verdict: "unknown", findings: [timedOut] });
const healthy = recordOf("api.example.com");
/** Nothing of it is to be remembered: a bad day would be. */
const refused = recordOf("refused.example.com", { verdict: "unknown", findings: [connectionRefused] });
const memory: Memory = {
  schemaVersion: 1,
  storedAt: "2026-11-26T08:00:00.000Z",
  accounts: {
    [account]: { leftOut: [{ key: "late.example.com:443", runs: 1 }], unanswered: ["203.0.113.7 443"], origins: {} },
    "aws:444455556666": { leftOut: [{ key: "theirs", runs: 3 }], unanswered: [], origins: {} },
  },
};
const today = { answeredOn: runTime.slice(0, 10), passedOn: runTime.slice(0, 10) };

function keep(recalled: Recalled, about: RunReport, store: MemoryStore, withinMs: number) {
  return keepMemory(recalled, () => remembered(recalled.memory, about), about.finishedAt, store, withinMs);
}

describe("remembered", () => {
  test("has what had no time, with the runs in a row, and what did not answer, for each account", () => {
    const theirs = recordOf("b.example.com", { uses: [use("E2", { scope: other })], findings: [outOfTime] });
    const first = remembered(emptyMemory, report([late, silent, healthy, theirs]));
    expect(first.accounts).toEqual({
      [account]: {
        leftOut: [{ key: "late.example.com:443", runs: 1 }],
        unanswered: ["203.0.113.7 443"],
        origins: { "api.example.com:443": today },
      },
      "aws:444455556666": { leftOut: [{ key: "b.example.com:443", runs: 1 }], unanswered: [], origins: {} },
    });
    const second = remembered(first, report([late, healthy]));
    expect(leftOutIn(second)).toEqual(new Map([["late.example.com:443", 2]]));
    expect(unansweredIn(second)).toEqual(new Set());
    const third = remembered(second, report([healthy])).accounts;
    expect(third).toEqual({ [account]: { leftOut: [], unanswered: [], origins: { "api.example.com:443": today } } });
    expect(remembered(emptyMemory, report([refused])).accounts).toEqual({});
  });

  test("knows whether several origins were reached, until a run reaches some again, and learns nothing without a network", () => {
    const several = ["a", "b", "c"].map((name) => recordOf(`${name}.example.com`));
    const first = remembered(emptyMemory, report(several));
    expect(first.reachedSeveral).toBe(true);
    const dark = remembered(first, report([silent]));
    expect(dark).toMatchObject({ reachedSeveral: true, accounts: { [account]: { unanswered: ["203.0.113.7 443"] } } });
    const problem = { code: "no-network", message: "", remedy: "", scope: null } as const;
    expect(remembered(first, report([silent], { problems: [problem] }))).toBe(first);
    expect(remembered(dark, report([healthy]))).not.toHaveProperty("reachedSeveral");
    const read = parseMemory(serializeMemory(first));
    if (read.kind !== "memory") throw new Error(read.kind);
    // Or each run would store what it has read.
    expect(serializeMemory(remembered(read.memory, report(several)))).toBe(serializeMemory(first));
  });

  test("has one text, in whatever order it was put together", () => {
    const all = {
      leftOut: [],
      unanswered: [],
      origins: { "api.example.com:443": today },
      renewals: [{ key: "api.example.com:443", certificates: [[1, 2] as const], share: null }],
      badDays: { "api.example.com:443": { "2026-11-26": "failing" as const } },
      edge: [],
      functions: { "arn:aws:cloudfront::111122223333:function/f": { readOn: "2026-11-26", code: "none" as const } },
      counts: {},
    };
    const backwards = Object.fromEntries(Object.entries(all).reverse()) as typeof all;
    const texts = [all, backwards].map((each) =>
      serializeMemory({ ...emptyMemory, accounts: { [account]: each } as never }),
    );
    expect(texts[0]).toContain("badDays");
    expect(texts[1]).toBe(texts[0]);
  });

  test("has what functions in use do, for the account of each, as long as somebody says so", () => {
    const theirs = connectionRecord("b.example.com", { uses: [use("E2", { scope: other })], findings: [outOfTime] });
    const reading = { readOn: "2026-11-23", code: "may-answer" } as const;
    const arn = (id: string) => `arn:aws:cloudfront::${id}:function/f`;
    const functions = new Map([arn("111122223333"), arn("444455556666"), "arn:none"].map((each) => [each, reading]));
    const next = remembered(emptyMemory, report([healthy, theirs]), functions);
    expect(next.accounts[account]?.functions).toEqual({ [arn("111122223333")]: reading });
    expect(functionsIn(next)).toEqual(
      new Map([
        [arn("111122223333"), reading],
        [arn("444455556666"), reading],
      ]),
    );
    expect(parseMemory(serializeMemory(next))).toEqual({ kind: "memory", memory: next });
    expect(functionsIn(remembered(next, report([healthy])))).toEqual(new Map());
    const later = {
      [account]: { ...memory.accounts[account]!, functions: { f: { readOn: "2026-11-23", code: "new" } } },
    };
    expect(functionsIn({ ...memory, accounts: later })).toEqual(new Map());
  });

  test("has what came of asking through distributions, for the account of each, as long as somebody asks", () => {
    const theirs = connectionRecord("b.example.com", { uses: [use("E2", { scope: other })], findings: [outOfTime] });
    const at = "2026-11-23T09:00:00.000Z";
    const entry = (distributionId: string): EdgeEntry => ({
      distributionId,
      originId: "api",
      pathPattern: "*",
      host: "www.example.com",
      reaches: "the-origin",
      askedAt: at,
      last: "refused",
      reached: { at, pop: "FRA56-P1", decidedBy: "server: nginx" },
      head: { status: 502, whose: "unknown", at },
      error: { status: 502, since: at, at, pop: null, requestId: "id", wording: null },
      pausedUntil: at,
      refusedBy: "x-amzn-waf-action",
    });
    const own = healthy.uses[0]?.distributionId ?? "";
    const next = remembered(emptyMemory, report([healthy, theirs]), new Map(), ["E2", own, "E9"].map(entry));
    expect(next.accounts[account]?.edge).toEqual([entry(own)]);
    expect(next.accounts["aws:444455556666"]?.edge).toEqual([entry("E2")]);
    expect(edgeEntriesIn(next)).toHaveLength(2);
    expect(parseMemory(serializeMemory(next))).toEqual({ kind: "memory", memory: next });
    expect(edgeEntriesIn(remembered(next, report([healthy, theirs])))).toEqual([]);
    // A word of a later version says nothing to this one.
    const later = serializeMemory(next).replaceAll('"refused"', '"postponed"');
    const read = parseMemory(later);
    expect(read.kind === "memory" && edgeEntriesIn(read.memory).map(({ last }) => last)).toEqual(["silent", "silent"]);
  });

  test("keeps its share where an account has asked through very much", () => {
    const long = "x".repeat(300);
    const place = { distributionId: long.slice(0, 100), originId: long, pathPattern: long, host: long };
    const entry: EdgeEntry = { ...place, reaches: "the-origin", askedAt: "2026-11-23T09:00:00.000Z", last: "silent" };
    const accounts = {
      a: { leftOut: [], unanswered: [], origins: {}, edge: Array.from({ length: 5_000 }, () => entry) },
    };
    const text = serializeMemory({ ...emptyMemory, accounts });
    expect(Buffer.byteLength(text)).toBeLessThan(400 * 1024);
    expect(parseMemory(text).kind).toBe("memory");
  });

  test("has what CloudFront counted for each distribution that is still there, and since when that fails", () => {
    const last = { from: runTime, until: runTime, minutes: 0, requests: 0, errors: 0, byStatus: null };
    const theirs = recordOf("b.example.com", { uses: [use("E2", { scope: other }), use("E3")], findings: [outOfTime] });
    const counts = new Map(["E1EXAMPLE", "E2", "E3", "E9"].map((id) => [id, { last }]));
    const all = { counts, failingSince: runTime };
    const next = remembered(emptyMemory, report([refused, theirs]), new Map(), [], all);
    expect(next.accounts[account]?.counts).toEqual({ E1EXAMPLE: { last }, E3: { last } });
    expect(next.accounts["aws:444455556666"]?.counts).toEqual({ E2: { last } });
    expect(next.countsFailSince).toBe(runTime);
    const read = parseMemory(serializeMemory(next));
    expect(read.kind === "memory" && [...countsIn(read.memory)]).toEqual([...countsIn(next)]);
    // Nobody asks any more.
    const off = remembered(next, report([refused, theirs]));
    expect([countsIn(off).size, off.countsFailSince]).toEqual([0, undefined]);
  });

  test("keeps its share of counts, those first whose loss would be told", () => {
    const last = { from: runTime, until: runTime, minutes: 0, requests: 0, errors: 0, byStatus: null };
    const ids = Array.from({ length: 20_000 }, (_, index) => `E${100_000 + index}`);
    const counts = new Map<string, RememberedCount>(ids.map((id) => [id, { last }]));
    counts.set("E119999", { last, errors: { effect: "502" } });
    const records = [
      recordOf("a.example.com", { uses: ids.map((id) => use(id)) }),
      recordOf("b.example.com", { uses: [use("E2", { scope: other })] }),
    ];
    counts.set("E2", { last });
    const next = remembered(emptyMemory, report(records), new Map(), [], { counts, failingSince: null });
    const text = serializeMemory(next);
    expect(Buffer.byteLength(text)).toBeLessThan(1.1 * 1024 * 1024);
    const read = parseMemory(text);
    if (read.kind !== "memory") throw new Error(read.kind);
    expect(countsIn(read.memory).size).toBeGreaterThan(5_000);
    for (const id of ["E119999", "E2"]) expect([id, countsIn(read.memory).has(id)]).toEqual([id, true]);
  });

  test("stays as it is for an account that could not be listed, and for all where nobody's could be", () => {
    const failed = { code: "inventory-failed", message: "m", remedy: "r" } as const;
    expect(remembered(memory, report([], { problems: [{ ...failed, scope: null }] }))).toBe(memory);
    const { accounts } = remembered(memory, report([refused], { problems: [{ ...failed, scope: other }] }));
    expect(accounts).toEqual({ "aws:444455556666": memory.accounts["aws:444455556666"] });
  });

  test("keeps what a later version remembers of an account that is still there", () => {
    const reached = { "api.example.com:443": "2026-11-26" };
    const later = { [account]: { leftOut: [], unanswered: [], origins: {}, reached } };
    const { accounts } = remembered({ ...memory, accounts: later }, report([refused]));
    expect(accounts).toEqual(later);
    expect(remembered({ ...memory, accounts: later }, report([])).accounts).toEqual({});
  });
});

describe("the text of a memory", () => {
  test("says the same when it is read", () => {
    const added = { ...memory, askings: [{ at: "2026-11-26" }] };
    expect(parseMemory(serializeMemory(added))).toEqual({ kind: "memory", memory: added });
  });

  test("of the first version has no days of origins", () => {
    const text = `{"schemaVersion":1,"storedAt":null,"accounts":{"${account}":{"leftOut":[],"unanswered":[]}}}`;
    const accounts = { [account]: { leftOut: [], unanswered: [], origins: {} } };
    expect(parseMemory(text)).toEqual({ kind: "memory", memory: { ...emptyMemory, accounts } });
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no version", JSON.stringify({ ...memory, schemaVersion: undefined })],
    [
      "a key that is none",
      JSON.stringify({ ...memory, accounts: { a: { leftOut: [{ key: "", runs: 1 }], unanswered: [] } } }),
    ],
    [
      "a day that is none",
      JSON.stringify({
        ...memory,
        accounts: { a: { leftOut: [], unanswered: [], origins: { "a:443": { answeredOn: "2026-11-27T10:00" } } } },
      }),
    ],
    [
      "a share that is none",
      JSON.stringify({
        ...memory,
        accounts: { a: { leftOut: [], unanswered: [], renewals: [{ key: "a", certificates: [], share: 2 }] } },
      }),
    ],
    [
      "a count that is none",
      JSON.stringify({
        ...memory,
        accounts: { a: { leftOut: [], unanswered: [], counts: { E1: { last: { requests: -1 } } } } },
      }),
    ],
    ["a time that is none", JSON.stringify({ ...memory, storedAt: "yesterday" })],
    ["too much", `${JSON.stringify(memory)}${" ".repeat(maxMemoryBytes)}`],
  ])("is unreadable as %s", (_, text) => {
    expect(parseMemory(text)).toMatchObject({ kind: "unreadable", problem: expect.stringMatching(/^.{5,300}$/) });
  });

  test("is known for that of a later version", () => {
    expect(parseMemory('{"schemaVersion":2,"everything":"else"}')).toEqual({ kind: "later" });
  });

  test("fits, whatever one account has, and the others lose nothing by it", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => ({ key: `${index} ${"k".repeat(200)}`, runs: 1 }));
    const days = Object.fromEntries(many.map(({ key }) => [key, today]));
    const renewals = many.map(({ key }) => ({ key, certificates: [[1, 2] as const], share: 0.3333 }));
    const flood = { leftOut: many, unanswered: many.map(({ key }) => key.slice(0, 90)), origins: days, renewals };
    const own = { ...memory.accounts[account]!, origins: { "api.example.com:443": today } };
    const text = serializeMemory({ ...memory, accounts: { a: flood, z: own } });
    expect(Buffer.byteLength(text)).toBeLessThan(maxMemoryBytes);
    const parsed = parseMemory(text);
    if (parsed.kind !== "memory") throw new Error(parsed.kind);
    expect(parsed.memory.accounts.z).toEqual(own);
    const kept = parsed.memory.accounts.a;
    expect(kept?.leftOut.length).toBeGreaterThan(1_000);
    expect(kept?.leftOut).toEqual(many.slice(0, kept?.leftOut.length));
    const ids = Object.keys(kept?.origins ?? {});
    expect(ids.length).toBeGreaterThan(1_000);
    expect(ids).toEqual(many.slice(0, ids.length).map(({ key }) => key));
    expect(kept?.renewals?.length).toBeGreaterThan(5_000);
    expect(kept?.renewals).toEqual(renewals.slice(0, kept?.renewals?.length));
  });
});

test("fair shares give nobody more than is wanted, waste nothing, and favour nobody", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { maxLength: 20 }), fc.nat(5_000), (demands, total) => {
      const shares = fairShares(demands, total);
      const given = shares.reduce((sum, share) => sum + share, 0);
      const wanted = demands.reduce((sum, demand) => sum + demand, 0);
      for (const [index, share] of shares.entries()) expect(share).toBeLessThanOrEqual(demands[index]!);
      expect(given).toBeLessThanOrEqual(total);
      // What is left is less than one for each.
      if (given < wanted) expect(total - given).toBeLessThan(Math.max(demands.length, 1));
      const cut = shares.filter((share, index) => share < demands[index]!);
      if (cut.length > 0) expect(Math.max(...shares) - Math.min(...cut)).toBeLessThanOrEqual(1);
    }),
  );
});

test("what cannot have room is not made", () => {
  let made = 0;
  function* endless() {
    for (;;) yield `entry ${++made}`;
  }
  // Nine or ten bytes, with quotes and comma.
  expect([...thatMayFit(endless(), 35)]).toEqual(["entry 1", "entry 2", "entry 3"]);
  expect(made).toBe(4);
});

describe("from run to run", () => {
  function storeOf(text: string | null): MemoryStore & { text: () => string | null; writes: () => number } {
    let [kept, writes] = [text, 0];
    return {
      text: () => kept,
      writes: () => writes,
      read: () => Promise.resolve(kept === null ? { kind: "missing" } : { kind: "found", text: kept }),
      write: (next) => {
        [kept, writes] = [next, writes + 1];
        return Promise.resolve({ kind: "written" });
      },
    };
  }

  test("is stored when it changed, and not otherwise", async () => {
    const store = storeOf(null);
    const first = await recall(store, 1_000);
    expect(await keep(first, report([refused]), store, 10_000)).toEqual({ kind: "unchanged" });
    const kept = await keep(first, report([silent]), store, 10_000);
    expect(kept).toEqual({ kind: "stored", bytes: store.text()?.length });
    const second = await recall(store, 1_000);
    expect(second.memory.storedAt).toBe(report([]).finishedAt);
    expect(unansweredIn(second.memory)).toEqual(new Set(["203.0.113.7 443"]));
    expect(await keep(second, report([silent]), store, 10_000)).toEqual({ kind: "unchanged" });
    expect(store.writes()).toBe(1);
    const several = ["a", "b", "c"].map((name) => connectionRecord(`${name}.example.com`));
    expect(await keep(second, report(several), store, 10_000)).toMatchObject({ kind: "stored" });
    expect(await keep(await recall(store, 1_000), report(several), store, 10_000)).toEqual({ kind: "unchanged" });
  });

  test("is stored once a day where origins go on answering", async () => {
    const store = storeOf(null);
    const runs = Array.from({ length: 48 }, (_, index) => Date.parse("2026-11-25T00:10:00Z") + index * 3_600_000);
    for (const at of runs) {
      const run = report([healthy, silent], { finishedAt: new Date(at).toISOString() });
      await keep(await recall(store, 1_000), run, store, 10_000);
    }
    expect(store.writes()).toBe(2);
    const { memory: last } = await recall(store, 1_000);
    expect(originDaysIn(last)).toEqual(
      new Map([["api.example.com:443", { answeredOn: "2026-11-26", passedOn: "2026-11-26" }]]),
    );
  });

  test("gives way to a new one where it is damaged", async () => {
    const store = storeOf("{");
    const recalled = await recall(store, 1_000);
    expect(recalled).toEqual({ memory: emptyMemory, mayReplace: true, error: null });
    expect(await keep(recalled, report([silent]), store, 10_000)).toMatchObject({ kind: "stored" });
  });

  test("is left alone where a later version wrote it", async () => {
    const store = storeOf('{"schemaVersion":2}');
    const kept = await keep(await recall(store, 1_000), report([silent]), store, 10_000);
    expect([kept, store.writes()]).toEqual([{ kind: "unchanged" }, 0]);
  });

  test("is left alone where it could not be read, and the run knows why", async () => {
    const store = {
      ...storeOf(serializeMemory(memory)),
      read: () => Promise.resolve({ kind: "failed", error: "down" } as const),
    };
    const recalled = await recall(store, 1_000);
    expect(recalled.memory).toBe(emptyMemory);
    expect(await keep(recalled, report([silent]), store, 10_000)).toEqual({
      kind: "failed",
      error: "it could not be read: down",
    });
    expect(store.writes()).toBe(0);
  });

  test("never fails a run", async () => {
    const store = { ...storeOf(null), write: () => Promise.reject(new Error("no\nway")) };
    const recalled = await recall(store, 1_000);
    expect(await keep(recalled, report([silent]), store, 10_000)).toEqual({
      kind: "failed",
      error: "no\\u{a}way",
    });
    expect(await keep(recalled, report([silent]), store, 2_000)).toEqual({
      kind: "failed",
      error: "no time was left",
    });
  });
});
