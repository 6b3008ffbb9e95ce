import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../lambda/judge/finding.ts";
import {
  chooseLog,
  type LogMemory,
  logMemoryAfter,
  logsConnection,
  logsOrigin,
  mostLoggedWhole,
} from "../../lambda/memory/logged.ts";
import { emptyMemory } from "../../lambda/memory/memory.ts";
import { parseMemory, serializeMemory } from "../../lambda/memory/memory-format.ts";
import { originsOf } from "../../lambda/report/origins.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { connectionRecord } from "../tell/records.ts";

const start = Date.parse("2026-11-23T03:00:00Z");
const quarter = 15 * 60_000;
const hour = 4 * quarter;
const usual = { version: "1.0.0", hash: (text: string) => hash("sha256", text, "base64url").slice(0, 8) } as const;
const large = { ...usual, connections: mostLoggedWhole + 1 } as const;
const isHealthy = (verdict: Verdict) => verdict === "healthy" || verdict === "skipped";

const base = connectionRecord("o.example.com");

/** Two connections to each origin. */
function recordOf(index: number, verdict: Verdict): ConnectionRecord {
  const domain = `o${index >> 1}.example.com`;
  return { ...base, verdict, connection: { ...base.connection, domain, key: `${domain} ${index}` } };
}

type Run = {
  readonly at: number;
  readonly records: readonly ConnectionRecord[];
  /** Whether its memory was stored. */
  readonly stored: boolean;
  readonly version?: string;
};
type Logged = { readonly id: string; readonly verdict: Verdict };
type Played = Run & {
  readonly everything: boolean;
  readonly logged: readonly Logged[];
  readonly seen: readonly Logged[];
};

/** What a history of runs logs, of connections and origins. */
function played(runs: readonly Run[]): readonly Played[] {
  let memory: LogMemory | undefined;
  return runs.map((run) => {
    const { at, records, stored, version = large.version } = run;
    const choice = chooseLog(memory, { ...large, at, version });
    const connections = records.map((record) => ({
      id: record.connection.key,
      verdict: record.verdict,
      isLogged: logsConnection(choice, record),
    }));
    const origins = originsOf(records).map((origin) => ({
      id: origin.domain,
      verdict: origin.verdict,
      isLogged: logsOrigin(choice, origin),
    }));
    const seen = [...connections, ...origins];
    if (stored) memory = afterStoring(logMemoryAfter(memory, choice, records, { ...usual, at, version }));
    return { ...run, everything: choice.kind === "everything", logged: seen.filter(({ isLogged }) => isLogged), seen };
  });
}

function afterStoring(logged: LogMemory | undefined): LogMemory | undefined {
  const parsed = parseMemory(serializeMemory(logged === undefined ? emptyMemory : { ...emptyMemory, logged }));
  if (parsed.kind !== "memory") throw new Error(JSON.stringify(parsed));
  return parsed.memory.logged;
}

/** Whoever reads the latest record of each, sees as healthy what is, and as not healthy what is not. */
function expectLatestIsRight(runs: readonly Played[]): void {
  const latest = new Map<string, Verdict>();
  for (const { logged, seen } of runs) {
    for (const { id, verdict } of logged) latest.set(id, verdict);
    for (const { id, verdict } of seen) {
      const known = latest.get(id);
      if (known !== undefined) expect([id, isHealthy(known)]).toEqual([id, isHealthy(verdict)]);
      if (!isHealthy(verdict)) expect(known).toBe(verdict);
    }
  }
}

const verdict = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Verdict>("healthy", "skipped") },
  { weight: 2, arbitrary: fc.constantFrom<Verdict>("failing", "at-risk", "unknown") },
);

describe("what a run of many connections logs", () => {
  it("is everything up to 5,000 connections, of which nothing is remembered", () => {
    const before = logMemoryAfter(undefined, { kind: "everything", isLarge: true }, [], { ...usual, at: start });
    for (const connections of [0, mostLoggedWhole]) {
      const choice = chooseLog(before, { ...usual, connections, at: start + quarter });
      expect(choice).toEqual({ kind: "everything", isLarge: false });
      expect(logMemoryAfter(before, choice, [recordOf(0, "failing")], { ...usual, at: start })).toBeUndefined();
    }
  });

  it("is what is not healthy, in every run, and what is healthy again, once", () => {
    const verdicts: readonly (readonly Verdict[])[] = [
      ["healthy", "healthy", "skipped", "unknown"],
      ["failing", "healthy", "skipped", "unknown"],
      ["failing", "healthy", "skipped", "unknown"],
      ["healthy", "healthy", "skipped", "at-risk"],
      ["healthy", "healthy", "skipped", "skipped"],
      ["healthy", "healthy", "skipped", "skipped"],
    ];
    const runs = played(
      verdicts.map((each, index) => ({
        at: start + index * quarter,
        records: each.map((of, n) => recordOf(n, of)),
        stored: true,
      })),
    );
    expect(
      runs.map(({ logged }) => logged.map(({ id, verdict: of }) => `${id.replace(".example.com", "")} ${of}`)),
    ).toEqual([
      ["o0 0 healthy", "o0 1 healthy", "o1 2 skipped", "o1 3 unknown", "o0 healthy", "o1 unknown"],
      ["o0 0 failing", "o1 3 unknown", "o0 failing", "o1 unknown"],
      ["o0 0 failing", "o1 3 unknown", "o0 failing", "o1 unknown"],
      ["o0 0 healthy", "o1 3 at-risk", "o0 healthy", "o1 at-risk"],
      ["o1 3 skipped", "o1 skipped"],
      [],
    ]);
  });

  it.each([
    ["of another release", { version: "1.0.1" }, {}],
    ["a day old", { at: start + 23 * hour }, {}],
    ["from the future", { at: start - 1 }, {}],
    ["of a run before the last one, which could not store its own", { at: start + 2 * quarter }, { gapMs: quarter }],
    ["missing", {}, null],
  ])("is everything where the memory is %s", (_, run, memory) => {
    const before = { everythingAt: new Date(start).toISOString(), ranAt: new Date(start).toISOString() };
    const known = memory === null ? undefined : { ...before, version: "1.0.0", notHealthy: [], ...memory };
    expect(chooseLog(known, { ...large, at: start + quarter, ...run }).kind).toBe("everything");
    const inOrder = { ...before, version: "1.0.0", notHealthy: [], gapMs: quarter };
    expect(chooseLog(inOrder, { ...large, at: start + quarter }).kind).toBe("not-healthy");
  });

  it("is everything where too much is not healthy to be remembered", () => {
    const memoryOf = (count: number) => {
      const records = Array.from({ length: count }, (_, index) => recordOf(2 * index, "failing"));
      return logMemoryAfter(undefined, chooseLog(undefined, { ...large, at: start }), records, {
        ...usual,
        at: start,
      });
    };
    // A connection and its origin each.
    expect(memoryOf(10_000)?.notHealthy).toHaveLength(20_000);
    expect(memoryOf(10_001)).toBeUndefined();
    const stored = serializeMemory({ ...emptyMemory, logged: memoryOf(10_000) });
    expect(Buffer.byteLength(stored)).toBeLessThan(256 * 1024);
  });

  it("keeps what a later version remembers of it", () => {
    const later = { ...emptyMemory, logged: { ...memory(), notHealthy: ["abc"], levels: ["x"] }, spare: 1 };
    const parsed = parseMemory(serializeMemory(later));
    if (parsed.kind !== "memory") throw new Error(parsed.kind);
    expect(parsed.memory).toEqual(later);
    const choice = chooseLog(parsed.memory.logged, { ...large, at: start + quarter });
    const next = logMemoryAfter(parsed.memory.logged, choice, [], { ...usual, at: start + quarter });
    expect(next).toMatchObject({ levels: ["x"], notHealthy: ["abc"] });
  });
});

function memory(): LogMemory {
  const at = new Date(start).toISOString();
  return { everythingAt: at, ranAt: at, version: "1.0.0", notHealthy: [] };
}

describe("over any history of runs, one every 15 minutes", () => {
  const connections = 6;
  const runs = 120;
  const histories = fc.array(fc.array(verdict, { minLength: connections, maxLength: connections }), {
    minLength: runs,
    maxLength: runs,
  });

  it("never leaves out what is not healthy, tells once what recovered, and has all of it once in 24 hours", () => {
    fc.assert(
      fc.property(histories, fc.nat(runs - 1), (history, newRelease) => {
        const all = played(
          history.map((verdicts, index) => ({
            at: start + index * quarter,
            records: verdicts.map((of, each) => recordOf(each, of)),
            stored: true,
            version: index < newRelease ? "1.0.0" : "1.0.1",
          })),
        );
        expectLatestIsRight(all);
        expect(all[newRelease]?.everything).toBe(true);
        for (const [index, { logged, everything }] of all.entries()) {
          if (everything) continue;
          // What is healthy is there because it was not in the run before, and for no other reason.
          const earlier = new Map(all[index - 1]?.seen.map(({ id, verdict: of }) => [id, of]));
          const healthy = logged.filter(({ verdict: of }) => isHealthy(of)).map(({ id }) => id);
          const recovered = all[index]?.seen.filter(
            ({ id, verdict: of }) => isHealthy(of) && !isHealthy(earlier.get(id) ?? "healthy"),
          );
          expect(healthy).toEqual(recovered?.map(({ id }) => id));
        }
        for (const { at } of all.slice(0, -24 * 4)) {
          const day = all.filter((run) => run.at >= at && run.at < at + 24 * hour);
          const ids = new Set(day.flatMap(({ logged }) => logged.map(({ id }) => id)));
          expect(ids.size).toBe(connections * 1.5);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("shows no failure that is over, although accounts cannot be read, and runs end before they stored a memory", () => {
    const absent = fc.array(fc.boolean(), { minLength: runs, maxLength: runs });
    fc.assert(
      fc.property(histories, absent, fc.array(fc.integer({ min: 3, max: 9 })), (history, unread, pauses) => {
        const lost = new Set(pauses.map((_, index) => 1 + pauses.slice(0, index + 1).reduce((a, b) => a + b)));
        // The one that logs everything after that is of all accounts: of two faults at a time one day's log may be wrong.
        const isUnread = (index: number) => unread[index] === true && !lost.has(index - 1);
        const all = played(
          history.map((verdicts, index) => ({
            at: start + index * quarter,
            records: verdicts.map((of, each) => recordOf(each, of)).slice(0, isUnread(index) ? 2 : connections),
            stored: !lost.has(index),
          })),
        );
        expectLatestIsRight(all);
      }),
      { numRuns: 15 },
    );
  });
});
