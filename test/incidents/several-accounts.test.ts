import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Scope, scopeId } from "../../lambda/configuration/scope.ts";
import { usedBy } from "../../lambda/incidents/audiences.ts";
import { type Draft, incidentsOf } from "../../lambda/incidents/change.ts";
import type { MuteClaim } from "../../lambda/incidents/mute-claim.ts";
import { type AlertPolicy, defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import { identity } from "../../lambda/report/identity.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { hourMs } from "../../lambda/text/instant.ts";
import {
  connectionRecord,
  connectionTimedOut,
  finding,
  logGroup,
  place,
  region,
  report,
  use,
} from "../tell/records.ts";
import { countedErrors, countedFine, countOf } from "../tell/situations.ts";

// What each account of several is told, whatever the others do to the same origins.

const hub: Scope = { accountId: "999999999999", accountName: "hub", partition: "aws" };
const accounts = ["alpha", "bravo", "carol"].map((accountName, index): Scope => {
  return { accountId: String(index + 1).repeat(12), accountName, partition: "aws" };
});
const names = accounts.map(({ accountName }) => accountName ?? "");
const domains = ["rose.example.com", "teal.example.com", "grey.example.com"];
const start = Date.UTC(2026, 10, 2);

const kinds = {
  healthy: { verdict: "healthy", findings: [] },
  incomplete: { verdict: "failing", findings: [finding("chain-incomplete")] },
  refused: { verdict: "failing", findings: [finding("connection-refused")] },
  expiring: { verdict: "at-risk", findings: [finding("certificate-expiring", { effect: "may" })] },
  unseen: { verdict: "unknown", findings: [connectionTimedOut] },
  late: { verdict: "unknown", findings: [finding("out-of-time", { effect: "unseen", address: null })] },
} as const satisfies Record<string, { verdict: ConnectionRecord["verdict"]; findings: readonly Finding[] }>;
type Kind = keyof typeof kinds;

/** Two ways to reach each domain, each with the accounts whose distributions use it, by their places. */
type Ways = readonly (readonly number[])[];

type Run = {
  readonly gap: number;
  /** What is seen in each of the ways. */
  readonly seen: readonly Kind[];
  /** The account that cannot be read. */
  readonly hidden: number | null;
  /** The accounts whose distributions have errors by CloudFront's count. */
  readonly counted: readonly number[];
  readonly asOne: boolean;
};

type AskedMute = {
  /** Null is the settings. */
  readonly by: number | null;
  readonly selects: "origin" | "distribution" | "code";
  readonly domain: number;
  /** Runs. */
  readonly from: number;
  readonly hours: number;
};

type History = { readonly ways: Ways; readonly runs: readonly Run[]; readonly mutes: readonly AskedMute[] };

const someAccounts = fc.subarray([0, 1, 2]);
const histories = (disturbed: boolean): fc.Arbitrary<History> =>
  fc.record({
    ways: fc.array(someAccounts, { minLength: 6, maxLength: 6 }),
    runs: fc
      .array(
        fc.record({
          gap: fc.constantFrom(hourMs / 4, hourMs / 4, hourMs, 13 * hourMs, 25 * hourMs, 8 * 24 * hourMs),
          seen: fc.array(fc.constantFrom(...(Object.keys(kinds) as Kind[])), { minLength: 6, maxLength: 6 }),
          hidden: disturbed ? fc.option(fc.nat(2), { freq: 4 }) : fc.constant(null),
          counted: someAccounts,
          asOne: disturbed ? fc.nat(9).map((n) => n === 0) : fc.constant(false),
        }),
        // The same for a while, so that something is confirmed.
        { minLength: 1, maxLength: 8 },
      )
      .map((runs) => runs.flatMap((run) => [run, { ...run, gap: hourMs }])),
    mutes: fc.array(
      fc.record({
        by: fc.option(fc.nat(2), { freq: 3 }),
        selects: fc.constantFrom("origin", "distribution", "code"),
        domain: fc.nat(2),
        from: fc.nat(8),
        hours: fc.constantFrom(2, 30, 300),
      }),
      { maxLength: 5 },
    ),
  });

const idIn = (account: number, domain: number) => `E${names[account]}${domain}`.toUpperCase();

function reportOf({ ways, runs }: History, index: number, at: number): RunReport {
  const { seen, hidden, counted } = runs[index]!;
  const records = ways.flatMap((users, way) => {
    const domain = Math.floor(way / 2);
    const uses = users
      .filter((account) => account !== hidden)
      .map((account) =>
        use(idIn(account, domain), {
          scope: accounts[account]!,
          aliases: [`www.${names[account]}.example`],
          distributionDomain: `${names[account]}.cloudfront.net`,
        }),
      );
    const key = `https://${domains[domain]}:443 way ${way % 2}`;
    return uses.length === 0
      ? []
      : connectionRecord(domains[domain]!, { ...kinds[seen[way]!], uses, connection: { key } });
  });
  const distributionRecords = accounts.flatMap((scope, account) => {
    if (account === hidden) return [];
    const id = idIn(account, 0);
    const about = counted.includes(account) ? countedErrors(id, "5xx", [countOf(1000, 100)]) : countedFine(id);
    return { ...about, scope };
  });
  const scope = hidden === null ? null : accounts[hidden]!;
  const message = `Account ${scope?.accountName} could not be read.`;
  return report(records, {
    runId: `run-${index}`,
    startedAt: new Date(at - 30_000).toISOString(),
    finishedAt: new Date(at).toISOString(),
    distributionRecords,
    accounts: {
      watched: [hub, ...accounts],
      read: scope === null ? 4 : 3,
      unread: [],
      listedBefore: [],
      isComplete: true,
    },
    problems: scope === null ? [] : [{ code: "account-unreadable", scope, message, remedy: "Roll the role out." }],
  });
}

/** @param only the account whose mutes hold besides those of the settings; null is every one */
function policyAt({ mutes }: History, index: number, only: number | null): AlertPolicy {
  const until = ({ from, hours }: AskedMute) => new Date(start + (from * 24 + hours) * hourMs).toISOString();
  const inForce = mutes.filter(({ from, by }) => from <= index && (only === null || by === null || by === only));
  const of = (mute: AskedMute, account: number) => ({
    distribution: mute.selects === "distribution" ? idIn(account, mute.domain) : null,
    origin: mute.selects === "origin" ? domains[mute.domain]! : null,
    code: mute.selects === "code" ? "chain-incomplete" : null,
    until: until(mute),
  });
  return {
    ...defaultAlertPolicy,
    weeklyDigest: true,
    mutes: inForce.filter(({ by }) => by === null).map((mute) => ({ ...of(mute, mute.domain), reason: "settings" })),
    askedMutes: {
      claims: inForce.flatMap((mute): readonly MuteClaim[] => {
        if (mute.by === null) return [];
        const own = { ...of(mute, mute.by), code: null, reason: `because of ${names[mute.by]}` };
        const account = accounts[mute.by]!.accountId;
        const isTag = own.origin === null;
        const distribution = isTag ? idIn(mute.by, mute.domain) : null;
        return [{ ...own, distribution, source: isTag ? "tag" : "terminal", account }];
      }),
      tagsReadOf: new Set(accounts.flatMap((_, account) => domains.map((__, domain) => idIn(account, domain)))),
      fileRead: true,
    },
  };
}

/** Plays a history; `view` is what each run sees of it. */
function play(history: History, only: number | null, each: (draft: Draft, about: RunReport, run: number) => void) {
  let state: State = emptyState;
  let at = start;
  for (const [index, { gap, asOne }] of history.runs.entries()) {
    at += gap;
    const all = reportOf(history, index, at);
    const about = only === null ? all : asSeenBy(accounts[only]!, all);
    const { next, drafts } = step(state, about, new Date(at), policyAt(history, index, only), { asOne });
    const stored = parseState(serializeState(next));
    if (stored.kind !== "state") throw new Error(stored.problem);
    state = stored.state;
    for (const draft of drafts) each(draft, about, index);
  }
}

/** What a watch of this account alone would see. */
function asSeenBy(scope: Scope, all: RunReport): RunReport {
  const { accounts: _, ...about } = all;
  return {
    ...about,
    records: usedBy([scopeId(scope)], about.records),
    distributionRecords: (about.distributionRecords ?? []).filter((record) => record.scope === scope),
  };
}

function messageOf(draft: Draft, about: RunReport, scope: Scope) {
  return renderDraft(draft, about, { scope, region, logGroup, ...place }, []);
}

/** What a draft tells, in words that do not change with the run. */
function facts(draft: Draft): readonly string[] {
  const { event, change, distributions, notChecked, begunMutes = [] } = draft;
  return [
    ...[...change.opened, ...change.worsened].map((incident) => `open ${identity(incident)}`),
    ...change.resolved.map((incident) => `over ${identity(incident)}`),
    ...(distributions?.opened ?? []).map((incident) => `open ${identity(incident)}`),
    ...(distributions?.resolved ?? []).map((incident) => `over ${identity(incident)}`),
    ...(event === "unseen" || event === "checked-again" ? notChecked.map(({ domain }) => `${event} ${domain}`) : []),
    ...begunMutes.flatMap(({ mute, notChecked, distributions }) => [
      ...notChecked.map(({ domain }) => `muted ${mute.id} ${domain}`),
      ...distributions.map(({ distributionId }) => `muted ${mute.id} ${distributionId}`),
    ]),
  ];
}

describe("of three accounts with origins in common, whatever happens to them", () => {
  test("a message names nothing of an account that it is not for, and no origin that its own are not hit at", () => {
    fc.assert(
      fc.property(histories(true), (history) => {
        const hit = accounts.map(() => new Set<string>());
        let last = -1;
        play(history, null, (draft, report, run) => {
          for (; last < run; last += 1) {
            for (const [way, users] of history.ways.entries()) {
              const isHit = history.runs[last + 1]!.seen[way] !== "healthy";
              for (const account of isHit ? users : []) hit[account]!.add(domains[Math.floor(way / 2)]!);
            }
          }
          const { attributes, ...texts } = messageOf(draft, report, hub);
          const { accountIds } = attributes;
          const isOfRun = ["weekly", "started"].includes(draft.event);
          if (isOfRun) return expect(accountIds).toEqual([hub.accountId]);
          expect(accountIds.length).toBeGreaterThan(0);
          expect(new Set(accountIds).size).toBe(accountIds.length);
          const text = JSON.stringify([texts, attributes]);
          const isFor = accounts.map(({ accountId }) => accountIds.includes(accountId ?? ""));
          for (const [account, scope] of accounts.entries()) {
            if (isFor[account]) continue;
            expect(text).not.toContain(scope.accountId);
            expect(text.toLowerCase()).not.toContain(names[account]);
          }
          for (const domain of domains) {
            if (text.includes(domain)) {
              expect([domain, hit.some((own, account) => isFor[account] && own.has(domain))]).toEqual([domain, true]);
            }
          }
          // All that it is for are hit at all that it is about, unless it is about so much that it is one for everybody.
          const isForEverybody = accountIds.length === 3 && ["unseen", "checked-again", "muted"].includes(draft.event);
          if (isForEverybody || history.runs[run]!.asOne) return;
          const about = attributes.origins.map((origin) => origin.slice(0, -":443".length));
          for (const own of hit.filter((_, account) => isFor[account])) {
            expect(about.filter((domain) => !own.has(domain))).toEqual([]);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test("each account hears of everything that a watch of its own would tell it", () => {
    fc.assert(
      fc.property(histories(false), (history) => {
        const heard = accounts.map(() => new Set<string>());
        play(history, null, (draft, about) => {
          const { accountIds } = messageOf(draft, about, hub).attributes;
          for (const [account, { accountId }] of accounts.entries()) {
            if (!accountIds.includes(accountId ?? "")) continue;
            for (const fact of facts(draft)) heard[account]!.add(fact);
            for (const { scopes } of incidentsOf(draft.change)) expect(scopes.length).toBeGreaterThan(0);
          }
        });
        for (const account of accounts.keys()) {
          const alone = new Set<string>();
          play(history, account, (draft) => {
            for (const fact of facts(draft)) alone.add(fact);
          });
          expect([...alone].filter((fact) => !heard[account]!.has(fact))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
