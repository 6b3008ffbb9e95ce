import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Draft } from "../../lambda/incidents/change.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../../lambda/report/record.ts";
import { subjectOf } from "../../lambda/tell/subject.ts";
import { summarize } from "../../lambda/tell/summary.ts";
import { arbitraryReport } from "../incidents/arbitrary-reports.ts";
import { certificateExpiring, chainIncomplete, connectionRecord, finding, report, runTime, use } from "./records.ts";

const now = new Date(runTime);
const policy = { ...defaultAlertPolicy, confirmations: 1 };

/** With one more, more than are told one by one. */
const eleven = Array.from({ length: 11 }, (_, index) => `o${index}.example.com`);

/** All drafts of a run in one, as they would be in a storm. */
function drafts(before: RunReport | null, run: RunReport, after = 27.2): readonly Draft[] {
  const earlier = new Date(now.getTime() - after * 3_600_000);
  const previous = before === null ? emptyState : step(null, before, earlier, policy).next;
  // What is over waits where all goes into one message.
  const alone = step(previous, run, now, policy).drafts;
  const over = alone.filter(
    ({ change: { resolved, gone, problems } }) => resolved.length + gone.length + problems.resolved.length > 0,
  );
  return over.length > 0 ? over : step(previous, run, now, policy, { asOne: true }).drafts;
}

function subject(before: RunReport | null, run: RunReport): string {
  const [draft] = drafts(before, run, 3);
  return subjectOf(summarize(draft!, run), draft!, run);
}

function broken(domain: string, changes: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return connectionRecord(domain, { verdict: "failing", findings: [chainIncomplete], ...changes });
}
function risky(domain: string): ConnectionRecord {
  return connectionRecord(domain, { verdict: "at-risk", findings: [certificateExpiring] });
}
const problem: RunProblem = {
  code: "out-of-time",
  scope: null,
  message: "Time was up.",
  remedy: "Give the run more time.",
};
const api = broken("api.example.com");
const mute = {
  distribution: null,
  origin: "api.example.com",
  code: null,
  until: "2026-12-01T00:00:00.000Z",
  reason: "is being replaced",
};
const half = connectionRecord("api.example.com", {
  verdict: "at-risk",
  findings: [
    finding("some-addresses-failing", { effect: "may", address: null, title: "1 of 2 addresses fails" }),
    finding("connection-refused", { effect: "may", title: "port 443 refuses connections" }),
  ],
});
const [shop, healthyApi] = [risky("shop.example.com"), connectionRecord("api.example.com")];

describe("subjectOf", () => {
  test.each<[string, RunReport | null, RunReport, string]>([
    ["one origin", null, report([api]), "[502] api.example.com: intermediate certificate missing (1 distribution)"],
    ["a risk", null, report([shop]), "[502 RISK] shop.example.com: certificate expires in 6 days (1 distribution)"],
    [
      "a 504",
      null,
      report([
        broken("a.example.com", {
          findings: [finding("dns-private-address", { effect: "504", title: "a.example.com resolves to 10.0.0.1" })],
        }),
      ]),
      "[504] a.example.com: resolves to 10.0.0.1 (1 distribution)",
    ],
    [
      "another port",
      null,
      report([
        connectionRecord("api.example.com", {
          connection: { port: 8443 },
          verdict: "failing",
          findings: [chainIncomplete],
        }),
      ]),
      "[502] api.example.com:8443: intermediate certificate missing (1 distribution)",
    ],
    [
      "two findings of one origin",
      null,
      report([broken("api.example.com", { findings: [certificateExpiring, chainIncomplete] })]),
      "[502] api.example.com: intermediate certificate missing (1 distribution, 1 more finding)",
    ],
    [
      "an origin that was at risk and fails now",
      report([{ ...api, verdict: "at-risk", findings: [{ ...chainIncomplete, effect: "may" }] }]),
      report([api]),
      "[502] api.example.com: intermediate certificate missing (1 distribution)",
    ],
    [
      "one new origin beside old ones",
      report([broken("old.example.com")]),
      report([broken("old.example.com"), shop]),
      "[502 RISK] shop.example.com: certificate expires in 6 days (1 distribution, 1 other origin failing)",
    ],
    [
      "several origins",
      null,
      report([shop, api, broken("img.example.com")]),
      "[502] 2 origins failing, 1 at risk: api.example.com, img.example.com, shop.example.com",
    ],
    [
      "several risks",
      null,
      report([shop, risky("cart.example.com")]),
      "[502 RISK] 2 origins at risk: cart.example.com, shop.example.com",
    ],
    [
      "several new ones beside old ones, the widest first",
      report([broken("old.example.com")]),
      report([broken("old.example.com"), api, broken("img.example.com", { uses: [use("E1"), use("E2")] })]),
      "[502] 3 origins failing, 2 new: img.example.com, api.example.com",
    ],
    [
      "an incomplete run",
      null,
      report([api], { problems: [problem] }),
      "[502] api.example.com: intermediate certificate missing (1 distribution, run incomplete)",
    ],
    [
      "a run problem alone",
      null,
      report([], { problems: [problem] }),
      "[RUN PROBLEM] not every origin was checked in time",
    ],
    [
      "the end of a run problem",
      report([], { problems: [problem] }),
      report([healthyApi]),
      "[FIXED] the run checks everything again",
    ],
    [
      "a fixed origin",
      report([api]),
      report([healthyApi]),
      "[FIXED] api.example.com after 3 hours: intermediate certificate missing",
    ],
    [
      "several fixed origins while one still fails",
      report([api, broken("z.example.com"), ...eleven.map((name) => broken(name))]),
      report([healthyApi, broken("z.example.com"), ...eleven.map((name) => connectionRecord(name))]),
      "[FIXED] 12 origins: api.example.com, o0.example.com, o1.example.com, ...; 1 origin still failing",
    ],
    [
      "one of two findings over",
      report([
        broken("api.example.com", {
          findings: [chainIncomplete, finding("certificate-expired", { title: "certificate expired" })],
        }),
      ]),
      report([api]),
      "[STILL 502] api.example.com: partly fixed, left: intermediate certificate missing",
    ],
    [
      "the same on many connections of an origin",
      null,
      report(
        Array.from({ length: 100 }, (_, index) => ({
          ...api,
          connection: { ...api.connection, key: `alias ${index}` },
        })),
      ),
      "[502] api.example.com: intermediate certificate missing (1 distribution)",
    ],
    [
      "some addresses only, begun",
      null,
      report([half]),
      "[502 RISK] api.example.com: 1 of 2 addresses fails (1 distribution, 1 more finding)",
    ],
    [
      "some addresses only, over",
      report([half]),
      report([healthyApi]),
      "[FIXED] api.example.com after 3 hours: 1 of 2 addresses fails",
    ],
    [
      "a deleted origin",
      report([api]),
      report([shop].slice(1)),
      "[CLOSED] api.example.com: no longer used, had: intermediate certificate missing",
    ],
    [
      "an origin that is reached in another way, of which nothing can be said",
      report([api]),
      report([
        connectionRecord("api.example.com", {
          connection: { ...api.connection, key: "api.example.com with TLS 1.2" },
          verdict: "unknown",
          findings: [finding("connection-timed-out", { effect: "unseen" })],
        }),
      ]),
      "[CLOSED] api.example.com: reached in another way now, had: intermediate certificate missing",
    ],
    [
      "an origin that is reached in another way and healthy now",
      report([api]),
      report([connectionRecord("api.example.com", { connection: { key: "api.example.com with TLS 1.2" } })]),
      "[FIXED] api.example.com after 3 hours: intermediate certificate missing",
    ],
  ])("says the state first: %s", (_, before, run, expected) => {
    expect(subject(before, run)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(99);
  });

  test.each([
    ["all clear", report([healthyApi]), [], "[WEEKLY] all clear; next expiry in 36 days"],
    [
      "nothing but what is muted",
      report([api]),
      [mute],
      "[WEEKLY] all clear but 1 muted finding; next expiry in 36 days",
    ],
    ["a run that could not look", report([], { problems: [problem] }), [], "[WEEKLY] nothing open, run incomplete"],
    [
      "an incomplete run with something open",
      report([api], { problems: [problem] }),
      [],
      "[WEEKLY] 1 origin failing, 0 at risk, run incomplete; next expiry in 36 days",
    ],
  ] as const)("says in a digest how far it is clear: %s", (_, run, mutes, expected) => {
    const before = step(emptyState, run, new Date(now.getTime() - 3_600_000), { ...policy, mutes: [...mutes] }).next;
    const [draft] = step(before, run, now, { ...policy, mutes: [...mutes], weeklyDigest: true }).drafts;
    expect(subjectOf(summarize(draft!, run), draft!, run)).toBe(expected);
  });

  test("shortens the title and keeps the state, the origin and the extent", () => {
    const long = broken("api.example.com", {
      findings: [finding("certificate-name-mismatch", { title: `certificate is not for ${"very-".repeat(30)}long` })],
    });
    expect(subject(null, report([long]))).toMatch(
      /^\[502\] api\.example\.com: certificate is not for very-.*\.\.\. \(1 distribution\)$/,
    );
  });

  test("names as many origins as have room", () => {
    const many = Array.from({ length: 30 }, (_, index) => broken(`origin-${index}.example.com`));
    expect(subject(null, report(many))).toBe(
      "[502] 30 origins failing: origin-0.example.com, origin-1.example.com, origin-2.example.com, ...",
    );
  });

  test("is ASCII, at most 99 characters and without control characters, whatever the text", () => {
    const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.constant("\r\nBcc: x"), fc.constant(""));
    const hostile = fc.record({
      domain: anyText,
      title: anyText,
      count: fc.integer({ min: 1, max: 4 }),
      old: fc.boolean(),
    });
    fc.assert(
      fc.property(hostile, arbitraryReport, ({ domain, title, count, old }, other) => {
        const records = Array.from({ length: count }, (_, index) =>
          broken(`${domain}${index || ""}`, { findings: [finding("certificate-expired", { title })] }),
        );
        const run = report([...records, ...other.records], { problems: other.problems });
        for (const [before, after] of [
          [old ? other : null, run],
          [run, other],
          [run, run],
        ] as const) {
          for (const draft of drafts(before, after)) {
            const text = subjectOf(summarize(draft, after), draft, after);
            expect(text).toMatch(
              /^\[((STILL )?(50[24]|502 RISK)|FIXED|CLOSED|RUN PROBLEM|NOT CHECKED|WEEKLY)\] [\x20-\x7e]+$/,
            );
            expect(text.length).toBeLessThanOrEqual(99);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
