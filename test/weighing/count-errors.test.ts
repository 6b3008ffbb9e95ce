import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type FindingCode, ruleOf, rules } from "../../lambda/judge/catalogue.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import { openEffect } from "../../lambda/judge/open-effect.ts";
import { identity } from "../../lambda/report/identity.ts";
import { noPast } from "../../lambda/report/past.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { type CountInputs, countErrors } from "../../lambda/weighing/count-errors.ts";
import type { Asking, TrafficAnswer } from "../../lambda/witness/askings.ts";
import { afterAsking, type RememberedCount } from "../../lambda/witness/remembered-count.ts";
import type { Traffic } from "../../lambda/witness/traffic.ts";
import { connectionRecord, finding, report, scope, use } from "../tell/records.ts";

const findingCodes: readonly FindingCode[] = rules.map(({ code }) => code);
const now = Date.parse("2026-11-27T10:00:00Z");
const minute = 60_000;
const iso = (minutes: number) => new Date(now + minutes * minute).toISOString();

/** 1,000 requests of the quarter of an hour that a run now asks for, or of an earlier one. */
function counted(byStatus: Traffic["byStatus"], errors = 0, from = -20): Traffic {
  return { from: iso(from), until: iso(from + 15), minutes: 15, requests: 1_000, errors, byStatus };
}
const of504 = (count: number, from?: number) => counted({ "502": 0, "504": count }, count, from);
const of502 = (count: number, from?: number) => counted({ "502": count, "504": 0 }, count, from);

const dark = finding("origin-went-dark", { effect: "may", severity: "warning", mayAnswer: "504", address: null });
const darkOrigin = connectionRecord("dark.example.com", { verdict: "at-risk", findings: [dark] });
const failing = connectionRecord("expired.example.com", {
  verdict: "failing",
  findings: [finding("certificate-expired")],
});

type Changes = Partial<CountInputs> & { readonly traffic?: Traffic; readonly before?: RememberedCount };

/** A run that asks about E1EXAMPLE, which was asked a quarter of an hour ago. */
async function run(records: readonly ConnectionRecord[], { traffic, before, ...changes }: Changes) {
  const asked: Asking[] = [];
  const last = before ?? afterAsking(null, counted({ "502": 0, "504": 0 }, 0, -35));
  const answer: TrafficAnswer = {
    traffic: new Map(traffic === undefined ? [] : [["E1EXAMPLE", traffic]]),
    problem: null,
    denied: false,
  };
  const result = await countErrors(report(records), {
    pace: "every-run",
    read: async (askings) => {
      asked.push(...askings);
      return [{ ...answer, scope }];
    },
    readFunctions: async () => new Map(),
    functionsOf: () => [],
    most: 2_000,
    remembered: new Map([["E1EXAMPLE", last]]),
    failingSince: null,
    past: noPast,
    isMuted: () => false,
    now,
    ...changes,
  });
  const [record] = result.report.distributionRecords ?? [];
  const codes = record?.findings.map(({ code, effect }) => `${code} ${effect}`) ?? [];
  return { ...result, asked: asked.map(({ distributionId }) => distributionId), record, codes };
}

/** A past in which findings were first seen so many minutes ago. */
const seenAt = (minutes: number) => ({ ...noPast, firstSeen: () => iso(minutes) });

describe("a risk of an origin", () => {
  it("is raised by errors with its own status after it was first seen", async () => {
    const { report: weighed, codes } = await run([darkOrigin], { traffic: of504(600), past: seenAt(-21) });
    const [record] = weighed.records;
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ effect: "504", severity: "critical", facts: { confirmedBy: "count" } }],
      witness: { traffic: [{ distributionId: "E1EXAMPLE", requests: 1_000 }] },
    });
    expect(record?.findings[0]).not.toHaveProperty("mayAnswer");
    // It says what the count would say of the distribution.
    expect(codes).toEqual([]);
  });

  it.each<[what: string, traffic: Traffic, minutes: number | null]>([
    ["another status", of502(600), -21],
    ["no status at all", counted(null, 600), -21],
    ["a count that began before it was first seen", of504(600), -19],
    ["a count of the run that sees it for the first time", of504(600), null],
    ["too few", of504(49), -21],
  ])("stays one by %s", async (_, traffic, minutes) => {
    const past = minutes === null ? noPast : seenAt(minutes);
    const { report: weighed } = await run([darkOrigin], { traffic, past });
    expect(weighed.records[0]).toMatchObject({ verdict: "at-risk", findings: [{ effect: "may" }] });
  });

  it("stays one where another origin of the distribution may answer so, but not where one only expires", async () => {
    const others = (one: Finding) =>
      run([darkOrigin, connectionRecord("other.example.com", { verdict: "at-risk", findings: [one] })], {
        traffic: of504(600),
        past: seenAt(-21),
      });
    const effect = async (one: Finding) => (await others(one)).report.records[0]?.findings[0]?.effect;
    expect(await effect(finding("some-addresses-dark", { effect: "may", mayAnswer: "504" }))).toBe("may");
    expect(await effect(finding("vpc-origin", { effect: "unseen" }))).toBe("may");
    expect(await effect(finding("s3-website-over-https", { effect: "504" }))).toBe("may");
    expect(await effect(finding("certificate-expiring", { effect: "may", mayAnswer: "504" }))).toBe("504");
    expect(await effect(finding("connection-reset", { effect: "may" }))).toBe("504");
  });

  it("stays raised until the errors have been below for an hour, and no longer", async () => {
    const before = afterAsking(afterAsking(null, of504(600, -50)), of504(0, -35));
    const stays = await run([darkOrigin], { before, traffic: of504(0), past: seenAt(-60) });
    expect(stays.report.records[0]?.findings[0]?.effect).toBe("504");
    const over = { ...before, belowSince: iso(-65) };
    const ended = await run([darkOrigin], { before: over, traffic: of504(0), past: seenAt(-90) });
    expect(ended.report.records[0]?.findings[0]?.effect).toBe("may");
    expect(ended.record?.over).toEqual(["viewers-get-errors"]);
  });

  it("is not raised by a time that a clock set back since wrote down", async () => {
    const before = { ...afterAsking(null, of504(0, -35)), beyond: { "504": "2036-11-27T09:00:00.000Z" } };
    const { report: weighed } = await run([darkOrigin], { before, traffic: of504(0), past: seenAt(-60) });
    expect(weighed.records[0]?.findings[0]?.effect).toBe("may");
  });

  test.each(findingCodes)("%s is raised only where its rule says so", async (code) => {
    const one = finding(code, { effect: "may", severity: "warning", mayAnswer: "504", address: null });
    const record = connectionRecord("a.example.com", { verdict: "at-risk", findings: [one] });
    const { report: weighed } = await run([record], { traffic: of504(600), past: seenAt(-21) });
    const isRaised = weighed.records[0]?.findings[0]?.effect === "504";
    expect(isRaised).toBe(ruleOf(code).witness === "raises");
  });

  it("is one of four rules", () => {
    expect(findingCodes.filter((code) => ruleOf(code).witness === "raises").toSorted()).toEqual([
      "connection-reset",
      "handshake-timed-out",
      "origin-went-dark",
      "some-addresses-dark",
    ]);
  });
});

describe("viewers who get errors", () => {
  const key = identity({ key: failing.connection.key, code: "certificate-expired" });

  it("are told where nothing explains it", async () => {
    const { codes, record } = await run([connectionRecord("fine.example.com")], { traffic: of502(600) });
    expect(codes).toEqual(["viewers-get-errors 502"]);
    expect(record?.findings[0]?.inOrder).toEqual([{ domain: "fine.example.com", port: 443 }]);
  });

  it("are not told besides an error that began meanwhile, as long as it is there", async () => {
    const fresh = await run([failing], { traffic: of502(600), past: seenAt(-19) });
    expect(fresh.codes).toEqual([]);
    const before = { ...fresh.counts.get("E1EXAMPLE")!, last: of502(600, -35) };
    expect(before.errors?.heldBy).toEqual([key]);
    // It is older than these askings now.
    expect((await run([failing], { before, traffic: of502(600), past: seenAt(-90) })).codes).toEqual([]);
    const fixed = await run([connectionRecord("expired.example.com")], { before, traffic: of502(600) });
    expect(fixed.codes).toEqual(["viewers-get-errors 502"]);
    // A run that could not look does not know that it is fixed.
    const past = { ...noPast, isOpen: (id: string) => id === key };
    expect((await run([connectionRecord("b.example.com")], { before, traffic: of502(600), past })).codes).toEqual([]);
  });

  it("are told besides an older one, a muted one, and a risk", async () => {
    expect((await run([failing], { traffic: of502(600), past: seenAt(-40) })).codes).toHaveLength(1);
    expect((await run([failing], { traffic: of502(600), isMuted: () => true })).codes).toHaveLength(1);
    const { codes, record } = await run([darkOrigin], { traffic: of504(600), past: seenAt(-19) });
    expect(codes).toHaveLength(1);
    expect(record?.findings[0]?.possibleCauses).toMatchObject([{ code: "origin-went-dark", effect: "may" }]);
  });

  it("have an origin once among their possible causes, by what is known of it", async () => {
    const [unseen, other] = [finding("connection-timed-out", { effect: "unseen" }), "private.example.com"];
    const records = [
      { ...darkOrigin, findings: [unseen, dark] },
      connectionRecord(other, { verdict: "unknown", findings: [finding("vpc-origin", { effect: "unseen" })] }),
    ];
    const { record } = await run(records, { traffic: of504(600), past: seenAt(-19) });
    expect(record?.findings[0]?.possibleCauses.map(({ domain, code }) => [domain, code])).toEqual([
      ["dark.example.com", "origin-went-dark"],
      [other, "vpc-origin"],
    ]);
  });

  it("go on to be told once they are, whatever opens beside", async () => {
    const past = { ...seenAt(-1), viewersGetErrors: () => true };
    expect((await run([failing], { traffic: of502(600), past })).codes).toEqual(["viewers-get-errors 502"]);
  });

  it("are neither found nor over by a count in which nobody asked for anything", async () => {
    const before = afterAsking(null, of502(600, -35));
    const { codes, record } = await run([darkOrigin], { before, traffic: { ...of502(0), requests: 0 } });
    expect([codes, record?.over]).toEqual([["viewers-get-errors 502"], []]);
  });
});

describe("what is asked", () => {
  const hourly = { pace: "hourly", traffic: of502(0) } as const;
  const unseen = connectionRecord("vpc.example.com", {
    verdict: "unknown",
    findings: [finding("vpc-origin", { effect: "unseen", address: null })],
  });

  it.each<[what: string, record: ConnectionRecord, changes: Changes, asked: boolean]>([
    ["a risk that CloudFront may witness", darkOrigin, { past: seenAt(-60) }, true],
    ["an error that is new", failing, {}, true],
    ["an error that is known", failing, { past: seenAt(-60) }, false],
    ["what can never be seen from here", unseen, {}, false],
    ["what is in order", connectionRecord("a.example.com"), {}, false],
    [
      "what is open by the count",
      connectionRecord("a.example.com"),
      { past: { ...noPast, viewersGetErrors: () => true } },
      true,
    ],
    [
      "what was over the threshold once",
      connectionRecord("a.example.com"),
      { before: afterAsking(null, of502(60, -35)) },
      true,
    ],
  ])("in each run, or once an hour: %s", async (_, record, changes, asked) => {
    expect((await run([record], { ...hourly, ...changes })).asked).toEqual(asked ? ["E1EXAMPLE"] : []);
  });

  it("is nothing of distributions without viewers", async () => {
    const skipped = connectionRecord("a.example.com", { verdict: "skipped", skipped: "no-viewers" });
    const disabled = connectionRecord("a.example.com", { uses: [use("E1EXAMPLE", { enabled: false })] });
    for (const each of [skipped, disabled]) {
      const { asked, record } = await run([each], {});
      expect([asked, record]).toEqual([[], undefined]);
    }
  });

  it("is nothing in a partition of which nobody knows where its metrics are, which is said", async () => {
    const { report: weighed, ...rest } = await run([failing], { read: null });
    const reason = "it is not known where this partition of AWS keeps CloudFront's metrics";
    expect(weighed.distributionRecords).toMatchObject([
      { traffic: { kind: "unknown", reason }, findings: [], over: [] },
    ]);
    expect([weighed.problems, weighed.records, rest.failingSince]).toEqual([[], [failing], null]);
  });
});

test("whatever CloudFront is said to count, nothing that is told is told less", async () => {
  const some = [...findingCodes].map((code) => finding(code, { effect: "may" }));
  const traffic = fc.record({
    requests: fc.nat(2_000),
    errors: fc.nat(2_000),
    byStatus: fc.option(fc.record({ "502": fc.nat(2_000), "504": fc.nat(2_000) })),
  });
  const findings = fc.subarray([
    ...some,
    dark,
    finding("certificate-expired"),
    finding("vpc-origin", { effect: "unseen" }),
  ]);
  const open = (records: readonly ConnectionRecord[]) =>
    records.flatMap(({ verdict, findings: own }) =>
      own.flatMap(({ code, effect }) => (openEffect(verdict, effect) === null ? [] : [code])),
    );
  await fc.assert(
    fc.asyncProperty(findings, traffic, fc.nat(60), async (own, numbers, minutes) => {
      const effects = new Set(own.map(({ effect }) => effect));
      const verdict = effects.has("502") ? "failing" : effects.has("may") ? "at-risk" : "healthy";
      const before = connectionRecord("a.example.com", { verdict, findings: own });
      const { report: weighed } = await run([before], {
        traffic: { ...counted(null), ...numbers },
        past: seenAt(-minutes),
      });
      expect(open(weighed.records)).toEqual(open([before]));
      for (const [index, { effect }] of (weighed.records[0]?.findings ?? []).entries()) {
        expect(effect === own[index]?.effect || effect === "502" || effect === "504").toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test("the account of a distribution is that of its use", async () => {
  const { record } = await run([failing], { traffic: of502(0) });
  expect(record?.scope).toEqual(scope);
});
