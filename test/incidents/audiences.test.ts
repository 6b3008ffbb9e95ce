import { describe, expect, test } from "vitest";
import type { Scope } from "../../lambda/configuration/scope.ts";
import { mostAudiences } from "../../lambda/incidents/audiences.ts";
import type { Draft } from "../../lambda/incidents/change.ts";
import { manyTogetherAbove } from "../../lambda/incidents/choose-messages.ts";
import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { summarize } from "../../lambda/tell/summary.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { chainIncomplete, connectionRecord, report, runTime, use } from "../tell/records.ts";

const account = (index: number): Scope => ({
  accountId: String(100_000_000_000 + index),
  accountName: `account ${index}`,
  partition: "aws",
});
const [a, b] = [account(1), account(2)];

/** Connections to one origin with other settings are connections of their own. */
function record(domain: string, settings: string, scopes: readonly Scope[], isFailing = true) {
  const made = connectionRecord(domain, {
    uses: scopes.map((scope, index) => use(`E${index}${scope.accountId}`, { scope })),
    verdict: isFailing ? "failing" : "healthy",
    findings: isFailing ? [chainIncomplete] : [],
  });
  return { ...made, connection: { ...made.connection, key: `https://${domain}:443 ${settings}` } };
}

/** The runs of a state, an hour apart: which messages each sends, for whom and of what. */
function runs(state: State = emptyState) {
  let current = state;
  let at = Date.parse(runTime);
  return (records: RunReport["records"], afterMs = hourMs) => {
    at += afterMs;
    const about = report(records);
    const { next, drafts } = step(current, about, new Date(at), policy);
    current = next;
    return drafts.map((draft) => told(draft, about));
  };
}

function told(draft: Draft, about: RunReport): string {
  const { fresh, fixed, closed, improved, still, others } = summarize(draft, about);
  const names = (label: string, list: readonly { readonly domain: string }[]) =>
    list.length === 0 ? [] : [`${label} ${list.length > 3 ? list.length : list.map(({ domain }) => domain).join(" ")}`];
  const whom = draft.audience?.map((id) => id.at(-1)).join("") ?? "all";
  const parts = [
    ...names("fresh", fresh),
    ...names("over", [...fixed, ...closed, ...improved]),
    ...names("still", still),
    ...names("others", others),
  ];
  return `${draft.event} to ${whom}: ${parts.join(", ")}`;
}

describe("a message of several accounts", () => {
  test("goes to nobody whose own use is not hit, though it is about an origin of theirs", () => {
    const run = runs();
    const healthy = record("api.test", "TLSv1.2", [a, b], false);
    expect(run([healthy, record("api.test", "TLSv1", [a])])).toEqual(["opened to all: fresh api.test"]);
    expect(run([healthy, record("blog.test", "TLSv1.2", [b]), record("api.test", "TLSv1", [a])])).toEqual([
      "opened to 2: fresh blog.test",
    ]);
  });

  test("about an origin of two accounts says nothing of what one of them alone has, at its beginning and at its end", () => {
    const run = runs();
    expect(run([record("api.test", "TLSv1.2", [b]), record("api.test", "TLSv1", [a])])).toEqual([
      "opened to 2: fresh api.test",
      "opened to 1: fresh api.test",
    ]);
    const over = run([record("api.test", "TLSv1.2", [b]), record("api.test", "TLSv1", [a], false)]);
    expect(over).toEqual(["resolved to 1: over api.test"]);
  });

  test("reminds each of its own", () => {
    const run = runs();
    const open = [record("api.test", "", [b]), record("shop.test", "", [a]), record("both.test", "", [a, b])];
    run(open);
    expect(run(open, dayMs).toSorted()).toEqual([
      "reminder to 12: still both.test",
      "reminder to 1: still shop.test, others both.test",
      "reminder to 2: still api.test, others both.test",
    ]);
  });

  test("is one for many origins of one account, and changes nothing for the others", () => {
    const many = Array.from({ length: manyTogetherAbove + 1 }, (_, index) => record(`o${index}.test`, "", [a]));
    expect(runs()([...many, record("api.test", "", [b])])).toEqual([
      "digest to 1: fresh 11",
      "opened to 2: fresh api.test",
    ]);
  });

  test("is one for all where so many accounts are hit at once that it is one event", () => {
    const hit = Array.from({ length: mostAudiences + 1 }, (_, index) => record(`o${index}.test`, "", [account(index)]));
    expect(runs()(hit.slice(1))).toHaveLength(mostAudiences);
    expect(runs()(hit)).toEqual([`digest to all: fresh ${mostAudiences + 1}`]);
  });

  test("is one for each account where there would be more than a run may send", () => {
    const accounts = Array.from({ length: mostAudiences }, (_, index) => account(index + 1));
    const records = accounts.flatMap((scope, place) =>
      Array.from({ length: manyTogetherAbove }, (_, index) => record(`n${index}-${place}.test`, "", [scope])),
    );
    const sent = runs()(records);
    expect(sent).toHaveLength(mostAudiences);
    for (const each of sent) expect(each).toMatch(/^digest to \d: fresh 10$/);
    // One of each is told by itself.
    expect(runs()(records.filter((_, index) => index % 10 === 0))).toHaveLength(mostAudiences);
  });
});
