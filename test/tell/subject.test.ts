import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Scope } from "../../lambda/configuration/scope.ts";
import type { Draft } from "../../lambda/incidents/change.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../../lambda/report/record.ts";
import { originCounts } from "../../lambda/tell/footer.ts";
import { subjectOf } from "../../lambda/tell/subject.ts";
import { summarize } from "../../lambda/tell/summary.ts";
import { arbitraryReport } from "../incidents/arbitrary-reports.ts";
import {
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  finding,
  report,
  runTime,
  scope,
  use,
} from "./records.ts";
import { refusedAt, someFailing } from "./samples.ts";

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
  return subjectOf(summarize(draft!, run), draft!, run, scope);
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
    someFailing(["203.0.113.7"], 2, "connection-refused"),
    { ...refusedAt("203.0.113.7"), effect: "may", severity: "warning" },
  ],
});
const [shop, healthyApi] = [risky("shop.example.com"), connectionRecord("api.example.com")];

describe("subjectOf", () => {
  test.each<[string, RunReport | null, RunReport, string]>([
    [
      "one origin",
      null,
      report([api]),
      "[502] api.example.com: intermediate certificate missing (1 distribution, prod)",
    ],
    [
      "a risk",
      null,
      report([shop]),
      "[EXPIRES IN 6 DAYS] shop.example.com: certificate expires (1 distribution, prod)",
    ],
    [
      "a 504",
      null,
      report([
        broken("a.example.com", {
          findings: [finding("dns-private-address", { effect: "504", title: "resolves to 10.0.0.1" })],
        }),
      ]),
      "[504] a.example.com: resolves to 10.0.0.1 (1 distribution, prod)",
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
      "[502] api.example.com:8443: intermediate certificate missing (1 distribution, prod)",
    ],
    [
      "two findings of one origin",
      null,
      report([broken("api.example.com", { findings: [certificateExpiring, chainIncomplete] })]),
      "[502] api.example.com: intermediate certificate missing (1 distribution, 1 more finding, prod)",
    ],
    [
      "an origin that was at risk and fails now",
      report([{ ...api, verdict: "at-risk", findings: [{ ...chainIncomplete, effect: "may" }] }]),
      report([api]),
      "[502] api.example.com: intermediate certificate missing (1 distribution, prod)",
    ],
    [
      "one new origin beside old ones",
      report([broken("old.example.com")]),
      report([broken("old.example.com"), shop]),
      "[EXPIRES IN 6 DAYS] shop.example.com: certificate expires (1 distribution, 1 other failing, prod)",
    ],
    [
      "several origins",
      null,
      report([shop, api, broken("img.example.com")]),
      "[502] 3 origins: api.example.com, img.example.com, shop.example.com (2 failing, 1 at risk, prod)",
    ],
    [
      "several risks",
      null,
      report([shop, risky("cart.example.com")]),
      "[EXPIRES IN 6 DAYS] 2 origins: certificate expires (1 distribution, prod)",
    ],
    [
      "several new ones beside old ones, the widest first",
      report([broken("old.example.com")]),
      report([broken("old.example.com"), api, broken("img.example.com", { uses: [use("E1"), use("E2")] })]),
      "[502] 2 origins: intermediate certificate missing (3 distributions, 1 more failing, prod)",
    ],
    [
      "an incomplete run",
      null,
      report([api], { problems: [problem] }),
      "[502] api.example.com: intermediate certificate missing (1 distribution, run incomplete, prod)",
    ],
    [
      "a run problem alone",
      null,
      report([], { problems: [problem] }),
      "[PROBLEM] Origin Watch: not every origin is checked in time (prod)",
    ],
    [
      "the end of a run problem",
      report([], { problems: [problem] }),
      report([healthyApi]),
      "[FIXED] Origin Watch, was: not every origin is checked in time (3 hours, prod)",
    ],
    [
      "the end of a problem of another account",
      report([], { problems: [{ ...problem, scope: { ...scope, accountId: "444455556666", accountName: "shop" } }] }),
      report([healthyApi]),
      "[FIXED] Origin Watch, was: not every origin is checked in time (3 hours, shop)",
    ],
    [
      "a fixed origin",
      report([api]),
      report([healthyApi]),
      "[FIXED] api.example.com, was: intermediate certificate missing (3 hours, prod)",
    ],
    [
      "several fixed origins while one still fails",
      report([api, broken("z.example.com"), ...eleven.map((name) => broken(name))]),
      report([healthyApi, broken("z.example.com"), ...eleven.map((name) => connectionRecord(name))]),
      "[FIXED] 12 origins, was: intermediate certificate missing (3 hours, 1 other failing, prod)",
    ],
    [
      "one of two findings over",
      report([
        broken("api.example.com", {
          findings: [chainIncomplete, finding("certificate-expired", { title: "certificate expired" })],
        }),
      ]),
      report([api]),
      "[STILL 502] api.example.com: partly fixed, left: intermediate certificate missing (prod)",
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
      "[502] api.example.com: intermediate certificate missing (1 distribution, prod)",
    ],
    [
      "some addresses only, begun",
      null,
      report([half]),
      "[SOME 502] api.example.com: port 443 refuses connections (1 of 2 addresses, prod)",
    ],
    [
      "some addresses only, over",
      report([half]),
      report([healthyApi]),
      "[FIXED] api.example.com, was: 1 of 2 addresses fails (3 hours, prod)",
    ],
    [
      "a deleted origin",
      report([api]),
      report([shop].slice(1)),
      "[CLOSED] api.example.com, was: intermediate certificate missing (no longer used, prod)",
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
      "[CLOSED] api.example.com, was: intermediate certificate missing (reached in another way, prod)",
    ],
    [
      "an origin that is reached in another way and healthy now",
      report([api]),
      report([connectionRecord("api.example.com", { connection: { key: "api.example.com with TLS 1.2" } })]),
      "[FIXED] api.example.com, was: intermediate certificate missing (3 hours, prod)",
    ],
  ])("says the state first: %s", (_, before, run, expected) => {
    expect(subject(before, run)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(99);
  });

  test.each([
    ["all clear", report([healthyApi]), [], "[WEEKLY] all clear (next expiry in 36 days, prod)"],
    ["nothing but what is muted", report([api]), [mute], "[WEEKLY] all clear, 1 muted (next expiry in 36 days, prod)"],
    [
      "a run that could not look",
      report([], { problems: [problem] }),
      [],
      "[WEEKLY] nothing open (run incomplete, prod)",
    ],
    [
      "an incomplete run with something open",
      report([api], { problems: [problem] }),
      [],
      "[WEEKLY] 1 origin failing (run incomplete, next expiry in 36 days, prod)",
    ],
  ] as const)("says in a digest how far it is clear: %s", (_, run, mutes, expected) => {
    const before = step(emptyState, run, new Date(now.getTime() - 3_600_000), { ...policy, mutes: [...mutes] }).next;
    const [draft] = step(before, run, now, { ...policy, mutes: [...mutes], weeklyDigest: true }).drafts;
    expect(subjectOf(summarize(draft!, run), draft!, run, scope)).toBe(expected);
  });

  test("shortens the title and keeps the state, the origin and the extent", () => {
    const long = broken("api.example.com", {
      findings: [finding("certificate-name-mismatch", { title: `certificate is not for ${"very-".repeat(30)}long` })],
    });
    expect(subject(null, report([long]))).toMatch(
      /^\[502\] api\.example\.com: certificate is not for very-.*\.\.\. \(1 distribution, prod\)$/,
    );
  });

  test("names as many origins as have room, where they have no title in common", () => {
    const titles = ["certificate is self-signed", "port 443 refuses connections"];
    const many = Array.from({ length: 30 }, (_, index) =>
      broken(`origin-${index}.example.com`, {
        findings: [finding("certificate-self-signed", { title: titles[index % 2]! })],
      }),
    );
    expect(subject(null, report(many))).toBe(
      "[502] 30 origins: origin-0.example.com, origin-1.example.com, ... (1 distribution, prod)",
    );
  });

  const inAccounts = (...scopes: readonly Scope[]) =>
    report([broken("api.example.com", { uses: scopes.map((own, index) => use(`E${index}`, { scope: own })) })]);
  const partner: Scope = { accountId: "444455556666", accountName: null, partition: "aws" };

  test.each([
    ["an account without a name", [partner], "(1 distribution, 444455556666)"],
    ["several accounts", [scope, partner], "(2 distributions, 2 accounts)"],
    ["an account that nobody knows", [{ ...partner, accountId: null }], "(1 distribution, prod)"],
    ["a long name", [{ ...partner, accountName: "x".repeat(200) }], `(1 distribution, ${"x".repeat(27)}...)`],
  ])("says whose account it is: %s", (_, scopes, expected) => {
    expect(subject(null, inAccounts(...scopes))).toContain(expected);
  });

  test("keeps tag, place and account where there is no room for anything else", () => {
    const long = `${"long-label-".repeat(20)}.example.com`;
    const before = report([broken(long, { findings: [finding("certificate-expired", { title: "x".repeat(45) })] })]);
    const text = subject(before, report([]));
    expect(text).toMatch(/^\[CLOSED\] long-label-[a-z-]*\.\.\., was: x+\.\.\. .*prod\)$/);
    expect(text.length).toBeLessThanOrEqual(99);
  });

  test("counts like the message", () => {
    fc.assert(
      fc.property(arbitraryReport, arbitraryReport, (before, run) => {
        for (const draft of drafts(before, run)) {
          const { failing, "at risk": atRisk } = originCounts(draft, run);
          expect({ failing, atRisk }).toEqual(summarize(draft, run).open);
        }
      }),
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
            const text = subjectOf(summarize(draft, after), draft, after, scope);
            expect(text).toMatch(
              /^\[((STILL )?((SOME )?50[24]|AT RISK)|EXPIRES IN [A-Z0-9 ]+|FIXED|CLOSED|PROBLEM|NOT CHECKED|WEEKLY)\] [\x20-\x7e]+$/,
            );
            expect(text.length).toBeLessThanOrEqual(99);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
