import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Scope } from "../../lambda/configuration/scope.ts";
import type { Draft } from "../../lambda/incidents/change.ts";
import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, mostProblemsKept, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { RunProblem, RunReport } from "../../lambda/report/record.ts";
import { hourMs } from "../../lambda/text/instant.ts";
import { chainIncomplete, connectionRecord, report, runTime, scope as shop, use } from "../tell/records.ts";

const blog: Scope = { accountId: "444455556666", accountName: null, partition: "aws" };
const unknownAccount: Scope = { accountId: "777788889999", accountName: null, partition: "aws" };
const unknown: Scope = { accountId: null, accountName: null, partition: null };

const failing = (domain: string, ...scopes: readonly Scope[]) =>
  connectionRecord(domain, {
    uses: scopes.map((scope, index) => use(`E${index}`, { scope })),
    verdict: "failing",
    findings: [chainIncomplete],
  });
const problem = (code: RunProblem["code"], scope: Scope | null): RunProblem => ({
  code,
  scope,
  message: `${code} happened.`,
  remedy: "Repair it.",
});

/** The runs of a state, an hour apart, and what each of them tells. */
function runs(state: State = emptyState) {
  let current = state;
  let at = Date.parse(runTime);
  return (records: RunReport["records"], ...problems: readonly RunProblem[]) => {
    at += hourMs;
    const { next, drafts } = step(current, report(records, { problems }), new Date(at), policy);
    current = next;
    return drafts.flatMap(told);
  };
}

/** For example `opened inventory-failed 444455556666` or `gone shop.example.com`. */
function told({ event, change: { problems, gone, opened, resolved } }: Draft): readonly string[] {
  if (event !== "run-problem") {
    return [
      ...opened.map(({ domain }) => `opened ${domain}`),
      ...resolved.map(({ domain }) => `resolved ${domain}`),
      ...gone.map(({ finding }) => `gone ${finding.domain}`),
    ];
  }
  return Object.entries(problems).flatMap(
    ([how, list]: readonly [string, readonly { readonly code: string; readonly scope: Scope | null }[]]) =>
      list.map(({ code, scope }) => `${how} ${code} ${scope?.accountId ?? "run"}`),
  );
}

describe("an incident of several accounts, of which one cannot be read", () => {
  const shared = failing("shared.example.com", shop, blog);
  const ofShop = failing("shared.example.com", shop);
  const healed = connectionRecord("shared.example.com", { uses: [use("E0", { scope: shop })] });
  const play = (...all: readonly (readonly [RunReport["records"], ...RunProblem[]])[]) => {
    let [state, drafts]: [State, readonly Draft[]] = [emptyState, []];
    for (const [index, [records, ...problems]] of all.entries()) {
      const now = new Date(Date.parse(runTime) + (index + 1) * hourMs);
      const done = step(state, report(records, { problems }), now, policy);
      [state, drafts] = [done.next, done.drafts];
    }
    return { state, drafts };
  };

  test.each(["account-unreadable", "inventory-failed"] as const)(
    "keeps the use there, and tells that account of the end: %s",
    (code) => {
      const open = play([[shared]], [[ofShop], problem(code, blog)]);
      const [incident] = open.state.incidents;
      expect(incident).toMatchObject({ distributions: ["E0", "E1"], distributionCount: 2, scopeCount: 2 });
      expect(incident?.scopes.map(({ accountId }) => accountId)).toEqual([shop.accountId, blog.accountId]);
      const { drafts } = play([[shared]], [[ofShop], problem(code, blog)], [[healed]]);
      const [ended] = drafts.flatMap(({ change: { resolved } }) => resolved);
      expect(ended?.scopes.map(({ accountId }) => accountId)).toEqual([shop.accountId, blog.accountId]);
    },
  );

  test("forgets it where that account was read, and uses the origin no more", () => {
    const { state } = play([[shared]], [[ofShop], problem("account-unreadable", unknownAccount)]);
    expect(state.incidents).toMatchObject([{ distributions: ["E0"], scopeCount: 1 }]);
  });
});

describe("a problem of the run", () => {
  const [inShop, inBlog] = [problem("policies-unreadable", shop), problem("policies-unreadable", blog)];

  test("opens and ends for each account by itself", () => {
    const run = runs();
    expect(run([], inShop)).toEqual(["opened policies-unreadable 111122223333"]);
    expect(run([], inShop, inBlog)).toEqual([
      "opened policies-unreadable 444455556666",
      "still policies-unreadable 111122223333",
    ]);
    expect(run([], inShop, inBlog)).toEqual([]);
    expect(run([], inBlog)).toEqual([
      "still policies-unreadable 444455556666",
      "resolved policies-unreadable 111122223333",
    ]);
    expect(run([])).toEqual(["resolved policies-unreadable 444455556666"]);
  });

  test("is told to its own account alone where runs watch several, and to many at once where they are many", () => {
    const scopes = Array.from({ length: 8 }, (_, index) => ({ ...shop, accountId: String(100_000_000_001 + index) }));
    const accounts = { watched: scopes, read: 8, unread: [], listedBefore: [], isComplete: true };
    const run = (state: State, hours: number, ...problems: readonly RunProblem[]) => {
      const now = new Date(Date.parse(runTime) + hours * hourMs);
      const { next, drafts } = step(state, report([], { problems, accounts }), now, policy);
      const apart = drafts.filter(({ event }) => event === "run-problem");
      return { next, told: apart.map((draft) => [draft.audience ?? "all", told(draft).join(", ")]) };
    };
    const denied = (count: number) => scopes.slice(0, count).map((scope) => problem("account-unreadable", scope));
    const first = run(emptyState, 0, ...denied(1), problem("out-of-time", null));
    expect(first.told).toEqual([
      [["aws:100000000001"], "opened account-unreadable 100000000001"],
      ["all", "opened out-of-time run"],
    ]);
    // The second one opens, and the first is no part of that.
    const second = run(first.next, 1, ...denied(2), problem("out-of-time", null));
    expect(second.told).toEqual([[["aws:100000000002"], "opened account-unreadable 100000000002"]]);
    const third = run(second.next, 2, ...denied(8), problem("out-of-time", null));
    expect(third.told).toEqual([
      [
        scopes.slice(2).map(({ accountId }) => `aws:${accountId}`),
        scopes
          .slice(2)
          .map(({ accountId }) => `opened account-unreadable ${accountId}`)
          .join(", "),
      ],
    ]);
    // Each is reminded of its own.
    expect(run(second.next, 24, ...denied(2)).told).toContainEqual([
      ["aws:100000000001"],
      "still account-unreadable 100000000001",
    ]);
  });

  test("of another account stands beside no incident where runs watch several", () => {
    const accounts = { watched: [shop, blog], read: 1, unread: [], listedBefore: [], isComplete: true };
    const problems = [problem("account-unreadable", blog), problem("out-of-time", null)];
    const about = report([failing("shop.example.com", shop)], { problems, accounts });
    const { drafts } = step(null, about, new Date(runTime), { ...policy, firstMessage: "now" });
    const [opened] = drafts.filter(({ event }) => event === "opened");
    expect(opened?.change.problems.still.map(({ code }) => code)).toEqual(["out-of-time"]);
    const [started] = drafts.filter(({ event }) => event === "started");
    expect(started?.change.problems.still).toHaveLength(2);
  });

  test("is the same whatever the account's name is", () => {
    const run = runs();
    run([], inShop);
    expect(run([], problem("policies-unreadable", { ...shop, accountName: "shop" }))).toEqual([]);
  });

  test("stays open while its own account cannot be listed, and no other one", () => {
    const run = runs();
    run([], inShop, inBlog, problem("out-of-time", null));
    expect(run([], problem("inventory-failed", blog))).toEqual([
      "opened inventory-failed 444455556666",
      "resolved policies-unreadable 111122223333",
    ]);
    expect(run([])).toEqual([
      "resolved inventory-failed 444455556666",
      "resolved out-of-time run",
      "resolved policies-unreadable 444455556666",
    ]);
  });

  test.each([
    ["no account", null],
    ["an account that is not known", unknown],
  ])("that is remembered with %s goes on as that of the first account that has it", (_, scope) => {
    const before = step(null, report([], { problems: [{ ...inShop, scope }] }), new Date(runTime), policy).next;
    const run = runs(before);
    expect(run([], inShop)).toEqual([]);
    expect(run([])).toEqual(["resolved policies-unreadable 111122223333"]);
    expect(runs(before)([], inShop, inBlog)).toContain("opened policies-unreadable 444455556666");
    expect(runs(before)([])).toHaveLength(1);
  });

  test("is kept for as many accounts as there may be, and the state can be read again", () => {
    const accounts = Array.from({ length: mostProblemsKept + 1 }, (_, index) => `${100_000_000_000 + index}`);
    const problems = accounts.map((accountId) => problem("inventory-failed", { ...shop, accountId }));
    const { next } = step(null, report([], { problems }), new Date(runTime), policy);
    expect(next.problems).toHaveLength(mostProblemsKept);
    expect(parseState(serializeState(next))).toEqual({ kind: "state", state: next });
  });
});

describe("an incident whose connection is missing", () => {
  const before = [failing("shop.example.com", shop), failing("blog.example.com", blog)];

  test.each([
    ["inventory-failed", "gone shop.example.com"],
    ["policies-unreadable", "gone shop.example.com"],
  ] as const)("is hidden by %s of its own account only", (code, expected) => {
    const run = runs();
    run(before);
    expect(run([], problem(code, blog))).toEqual([`opened ${code} 444455556666`, expected]);
    expect(run([])).toEqual([`resolved ${code} 444455556666`, "gone blog.example.com"]);
  });

  test.each([
    ["of the run as a whole", null],
    ["of an account that is not known", unknown],
  ])("is hidden by a problem %s", (_, scope) => {
    const run = runs();
    run(before);
    expect(run([], problem("inventory-failed", scope))).toEqual(["opened inventory-failed run"]);
  });

  test("is hidden by a problem of any account that uses the connection", () => {
    const run = runs();
    run([failing("cdn.example.com", shop, blog)]);
    expect(run([], problem("inventory-failed", blog))).toEqual(["opened inventory-failed 444455556666"]);
  });

  test("is hidden by any problem where not all accounts that use it are known", () => {
    const many = Array.from({ length: 51 }, (_, index) => ({ ...shop, accountId: `${100_000_000_000 + index}` }));
    for (const scopes of [many, [shop, unknown]]) {
      const run = runs();
      run([failing("cdn.example.com", ...scopes)]);
      expect(run([], problem("inventory-failed", blog))).toEqual(["opened inventory-failed 444455556666"]);
    }
  });
});

test("a state of version 3 of 2026-11-27 goes on", () => {
  const parsed = parseState(readFileSync(new URL("state-version-3.json", import.meta.url), "utf8"));
  if (parsed.kind !== "state") throw new Error(parsed.problem);
  expect(parsed.state.problems.map(({ code }) => code)).toEqual([
    "distribution-unreadable",
    "mute-tag-unreadable",
    "out-of-time",
  ]);
  const run = runs(parsed.state);
  const records = [connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] })];
  const open = [
    problem("distribution-unreadable", shop),
    problem("mute-tag-unreadable", shop),
    problem("out-of-time", null),
  ];
  expect(run(records, ...open)).toEqual([]);
  expect(run(records)).toEqual([
    "resolved distribution-unreadable 111122223333",
    "resolved mute-tag-unreadable 111122223333",
    "resolved out-of-time run",
  ]);
});
