import { describe, expect, test } from "vitest";
import type { Scope } from "../../lambda/configuration/scope.ts";
import { mostAudiences, mostAudiencesApart } from "../../lambda/incidents/audiences.ts";
import type { Draft } from "../../lambda/incidents/change.ts";
import { manyTogetherAbove } from "../../lambda/incidents/choose-messages.ts";
import { accountsConcerned } from "../../lambda/incidents/concerned.ts";
import type { MuteClaim } from "../../lambda/incidents/mute-claim.ts";
import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { summarize } from "../../lambda/tell/summary.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { chainIncomplete, connectionRecord, connectionTimedOut, report, runTime, use } from "../tell/records.ts";

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

describe("what could not be checked", () => {
  const unseen = (domain: string, ...scopes: readonly Scope[]) => ({
    ...record(domain, "", scopes, false),
    verdict: "unknown" as const,
    findings: [connectionTimedOut],
  });
  const at = (hours: number) => new Date(Date.parse(runTime) + hours * hourMs);
  /** What so many accounts are told in the second run that could not look. */
  const second = (records: RunReport["records"], watched: readonly Scope[]) => {
    const accounts = { watched, read: watched.length, unread: [], listedBefore: [], isComplete: true };
    const about = report(records, { accounts });
    const { next } = step(null, about, at(0), policy);
    return { about, ...step(next, about, at(1), policy) };
  };
  const whom = ({ audience, notChecked }: Draft) => [
    (audience ?? []).map((id) => id.slice(-2)).join(" "),
    notChecked.map(({ domain }) => domain).join(" "),
  ];

  test("is one message for all of more than five groups of accounts, and for whoever filters by its own", () => {
    const watched = Array.from({ length: 7 }, (_, index) => account(index + 1));
    const [first, ...others] = watched.map((scope, index) => unseen(`n${index}.test`, scope));
    const apart = second([first!, ...others.slice(0, 4)], watched).drafts;
    expect(apart.map(whom)).toEqual(apart.map((_, index) => [`0${index + 1}`, `n${index}.test`]));
    expect(apart).toHaveLength(mostAudiencesApart);
    const { drafts, about } = second([first!, ...others], watched);
    expect(drafts.map(whom)).toEqual([
      ["01 02 03 04 05 06 07", "n0.test n1.test n2.test n3.test n4.test n5.test n6.test"],
    ]);
    expect(accountsConcerned(drafts[0]!, about)).toEqual(watched);
  });

  test("goes on for each account where an earlier version had one entry for all, and is not told again", () => {
    const { next, about } = second([unseen("both.test", a, b)], [a, b]);
    const ofEarlier = next.blindSpots.slice(0, 1).map((entry) => ({ ...entry, scope: undefined, lastTold: undefined }));
    const upgraded = { ...next, blindSpots: ofEarlier };
    expect(step(upgraded, about, at(30), policy).drafts).toEqual([]);
    const healthy = report([record("both.test", "", [a, b], false)], { accounts: about.accounts! });
    expect(step(upgraded, healthy, at(30), policy).drafts.map((draft) => [draft.event, ...whom(draft)])).toEqual([
      ["checked-again", "01 02", "both.test"],
    ]);
  });

  test("waits for the day of nobody else", () => {
    const { next, about } = second([unseen("a.test", a)], [a, b]);
    const more = { ...about, records: [...about.records, unseen("b.test", b), unseen("a2.test", a)] };
    const later = step(step(next, more, at(2), policy).next, more, at(3), policy);
    expect(later.drafts.map(whom)).toEqual([["02", "b.test"]]);
    expect(step(later.next, more, at(26), policy).drafts.map(whom)).toEqual([["01", "a.test a2.test"]]);
  });
});

test("a mute of the settings is told to each account in which it begins to hold something back, once", () => {
  const mutes = [{ distribution: null, origin: "both.test", code: null, until: "2027-12-31T00:00:00Z", reason: "r" }];
  const accounts = { watched: [a, b], read: 2, unread: [], listedBefore: [], isComplete: true };
  let state: State = emptyState;
  const run = (...scopes: readonly Scope[]) => {
    const about = report([record("both.test", "", scopes)], { accounts });
    const { next, drafts } = step(state, about, new Date(runTime), { ...policy, mutes });
    state = next;
    return drafts.map((draft) => [draft.event, accountsConcerned(draft, about).map(({ accountId }) => accountId)]);
  };
  expect(run(a)).toEqual([["muted", [a.accountId]]]);
  expect(run(a)).toEqual([]);
  expect(run(a, b)).toEqual([["muted", [b.accountId]]]);
  expect(run(a, b)).toEqual([]);
});

describe("a mute of one account", () => {
  const until = "2027-12-31T00:00:00Z";
  const muteOf = ({ accountId, accountName }: Scope): MuteClaim => {
    const selected = { distribution: null, origin: "both.test", code: null };
    return { ...selected, source: "terminal", account: accountId, until, reason: `because of ${accountName}` };
  };
  const rules = (...claims: readonly MuteClaim[]) => ({
    ...policy,
    askedMutes: { claims, tagsReadOf: new Set<string>(), fileRead: true },
  });
  const both = record("both.test", "", [a, b]);
  const accounts = { watched: [a, b], read: 2, unread: [], listedBefore: [], isComplete: true };

  test("is told to that one alone, with what it holds back there, and named in no message of another", () => {
    const about = report([both, record("a.test", "", [a])], { accounts });
    const { drafts } = step(null, about, new Date(runTime), rules(muteOf(a), muteOf(b)));
    expect(drafts.map(({ event, audience }) => [event, audience])).toEqual([
      ["opened", ["aws:100000000001"]],
      ["muted", ["aws:100000000001"]],
      ["muted", ["aws:100000000002"]],
    ]);
    for (const { audience, begunMutes = [], muted } of drafts) {
      const [own, other] = audience?.includes("aws:100000000001") === true ? [a, b] : [b, a];
      const said = JSON.stringify([begunMutes, muted.map(({ mutes }) => mutes)]);
      expect(said).toContain(`because of ${own.accountName}`);
      for (const theirs of [other.accountId, other.accountName]) expect(said).not.toContain(theirs);
    }
  });

  test("does not silence an origin for another one that cannot be read just now", () => {
    const open = step(null, report([both], { accounts }), new Date(runTime), policy).next;
    const ofA = record("both.test", "", [a]);
    const later = new Date(Date.parse(runTime) + dayMs);
    const hidden = { accounts: { ...accounts, read: 1, unread: [b.accountId ?? ""] } };
    const told = (about: RunReport) => step(open, about, later, rules(muteOf(a))).drafts.map(({ event }) => event);
    expect(told(report([ofA], hidden))).toEqual(["reminder"]);
    expect(told(report([ofA], { accounts }))).toEqual(["muted"]);
  });
});
