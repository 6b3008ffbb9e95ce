import { describe, expect, test } from "vitest";
import type { Scope } from "../../lambda/configuration/scope.ts";
import { incidentUpdates } from "../../lambda/incidents/incident-update.ts";
import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, mostDistributionIncidents, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { chainIncomplete, connectionRecord, finding, report, runTime, use } from "../tell/records.ts";
import { accounts, full, largest, neighbour } from "./full-account.ts";

const failing = (domain: string, scope: Scope) =>
  connectionRecord(domain, { uses: [use("E1", { scope })], verdict: "failing", findings: [chainIncomplete] });
const healthy = ({ connection, uses }: ConnectionRecord) =>
  connectionRecord(connection.domain, { uses, connection: { key: connection.key } });

/** Runs of a state with so much room, a quarter of an hour apart: what each tells, as people get it. */
function runs(mostBytes: number | undefined, about: Partial<RunReport> = { accounts }) {
  let state: State = emptyState;
  let at = Date.parse(runTime);
  return {
    state: () => state,
    run: (...records: readonly ConnectionRecord[]) => {
      at += 15 * 60_000;
      const now = new Date(at);
      const seen = report(records, { ...about, finishedAt: now.toISOString() });
      const before = state;
      const { next, drafts, leftOut } = step(before, seen, now, policy, mostBytes === undefined ? {} : { mostBytes });
      state = next;
      // Whatever gives way, the next run can read what is left.
      expect(parseState(serializeState(next))).toEqual({ kind: "state", state: next });
      const updates = incidentUpdates(before, next, seen, leftOut?.identities);
      return { drafts, leftOut, updates, isUnchanged: next === before };
    },
  };
}

type Drafts = ReturnType<ReturnType<typeof runs>["run"]>["drafts"];
const opened = (drafts: Drafts) => drafts.flatMap(({ change }) => change.opened.map(({ domain }) => domain));
const over = (drafts: Drafts) =>
  drafts.flatMap(({ change }) => [...change.resolved, ...change.gone.map((each) => each.finding)]);
const ofNeighbour = ({ scopes }: { readonly scopes: readonly Scope[] }) =>
  scopes.some(({ accountId }) => accountId === neighbour.accountId);
const size = (state: State) => Buffer.byteLength(serializeState(state));

const many = largest(40);
const shop = failing("shop.example.com", neighbour);
const all = (() => {
  const { run, state } = runs(undefined);
  run(...many, shop);
  return size(state());
})();

describe("a state with room for everything but all details", () => {
  test("keeps every incident, those of the largest account with fewer details, and nothing is said of it", () => {
    const { run, state } = runs(all - 10_000);
    const { drafts, leftOut } = run(...many, shop);
    expect(leftOut).toBeUndefined();
    expect(opened(drafts)).toHaveLength(41);
    const [of, others] = [
      state().incidents.filter(ofNeighbour),
      state().incidents.filter((each) => !ofNeighbour(each)),
    ];
    expect(of).toMatchObject([{ title: chainIncomplete.title, distributions: ["E1"] }]);
    expect(others).toHaveLength(40);
    for (const { title, distributions, distributionCount } of others) {
      expect([title.length, distributions.length, distributionCount]).toEqual([80, 1, 50]);
    }
    expect(run(...many, shop)).toMatchObject({ drafts: [], isUnchanged: true });
  });

  test("tells with all details what it sees", () => {
    const { run } = runs(all - 10_000);
    const [draft] = run(...many, shop).drafts.filter(({ change }) => !change.opened.some(ofNeighbour));
    expect(draft?.change.opened[0]).toMatchObject({ title: "x".repeat(300), distributionCount: 50 });
  });
});

describe("a state without room for what one account has", () => {
  const room = 20_000;

  test("has everything of the other account, and says to the first one how much of its own it leaves out", () => {
    const { run, state } = runs(room);
    const { drafts, leftOut } = run(...many, shop);
    const kept = state().incidents.filter((each) => !ofNeighbour(each)).length;
    expect(kept).toBeGreaterThan(5);
    expect(kept).toBeLessThan(30);
    expect(opened(drafts)).toHaveLength(kept + 1);
    expect(opened(drafts)).toContain("shop.example.com");
    expect(size(state())).toBeLessThan(room + 5_000);
    expect(leftOut?.problems).toMatchObject([{ code: "findings-left-out", scope: full }]);
    expect(leftOut?.problems[0]?.message).toContain(`The state has no room for ${40 - kept} of 40 findings: 000`);
    const problem = drafts.filter(({ event }) => event === "run-problem");
    expect(problem.map(({ audience }) => audience)).toEqual([[`aws:${full.accountId}`]]);
  });

  test("is silent in the next runs, in which nothing changed, and says it again a day later", () => {
    const { run } = runs(room);
    run(...many, shop);
    expect(run(...many, shop)).toMatchObject({ drafts: [], isUnchanged: true });
    for (let n = 2; n < 96; n++) expect(run(...many, shop).drafts).toEqual([]);
    const later = run(...many, shop).drafts;
    expect(later.filter(({ event }) => event === "run-problem")).toHaveLength(1);
    expect([opened(later), over(later)]).toEqual([[], []]);
  });

  test("tells what it left out once there is room, and of nothing twice", () => {
    const { run, state } = runs(room);
    const first = opened(run(...many, shop).drafts);
    const repaired = many.map((record) => (first.includes(record.connection.domain) ? healthy(record) : record));
    const { drafts } = run(...repaired, shop);
    expect(over(drafts).map(({ domain }) => domain)).toEqual(first.filter((domain) => domain !== "shop.example.com"));
    const second = opened(drafts);
    expect(second.length).toBeGreaterThan(5);
    expect(second.filter((domain) => first.includes(domain))).toEqual([]);
    const { drafts: last } = run(...many.map(healthy), shop);
    expect(over(last).map(({ domain }) => domain)).toEqual(second);
    expect(state().incidents.map(({ domain }) => domain)).toEqual(["shop.example.com"]);
    // What keeps nobody from anything any more is fixed, and said.
    const ends = last.flatMap(({ change }) => change.problems.resolved.map(({ code }) => code));
    expect(ends).toEqual(["findings-left-out"]);
  });

  test("gives way to what opens in another account, without a word of an end", () => {
    const { run, state } = runs(room);
    const first = opened(run(...many).drafts);
    const others = Array.from({ length: 10 }, (_, index) => failing(`n${index}.example.com`, neighbour));
    const { drafts, updates, leftOut } = run(...many, ...others);
    expect(opened(drafts).toSorted()).toEqual(others.map(({ connection }) => connection.domain).toSorted());
    expect(over(drafts)).toEqual([]);
    const kept = state().incidents.filter((each) => !ofNeighbour(each));
    expect(kept.length).toBeLessThan(first.length);
    expect(leftOut?.identities.size).toBe(40 - kept.length);
    expect(updates.filter(({ status }) => status === "resolved" || status === "gone")).toEqual([]);
    expect(run(...many, ...others)).toMatchObject({ drafts: [], isUnchanged: true });
  });

  test("confirms in the second run what may pass, where that is the other account's", () => {
    const refused = connectionRecord("shop.example.com", {
      uses: [use("E1", { scope: neighbour })],
      verdict: "failing",
      findings: [finding("connection-refused")],
    });
    const { run } = runs(room);
    expect(opened(run(...many, refused).drafts)).not.toContain("shop.example.com");
    expect(opened(run(...many, refused).drafts)).toEqual(["shop.example.com"]);
  });

  test("counts what several accounts share against the one that has the fewest", () => {
    const shared = many.map((record, index) =>
      index < 39 ? record : { ...record, uses: [...record.uses, use("E1", { scope: neighbour })] },
    );
    const { run } = runs(room);
    expect(opened(run(...shared).drafts)).toContain(shared.at(-1)?.connection.domain);
  });

  test("says it of the only account there is, and keeps what was told first", () => {
    const { run, state } = runs(room, {});
    const first = opened(run(...many.slice(20)).drafts);
    expect(run(...many)).toMatchObject({ leftOut: { problems: [{ code: "findings-left-out", scope: full }] } });
    expect(state().incidents.map(({ domain }) => domain)).toEqual(first);
  });
});

describe("as many entries of a kind as a state has", () => {
  test("are distributions of all accounts, whoever comes first", () => {
    const found = (id: string, scope: Scope) => ({
      kind: "distribution" as const,
      distributionId: id,
      scope,
      findings: [{ code: "viewers-get-errors", effect: "502" as const, title: "errors", counted: [] }],
      over: [],
    });
    const records = Array.from({ length: mostDistributionIncidents }, (_, index) => found(`E${index}`, full));
    const distributionRecords = [...records, found("ESHOP", neighbour)] as unknown as RunReport["distributionRecords"];
    const { run, state } = runs(undefined, { accounts, ...(distributionRecords && { distributionRecords }) });
    const { leftOut } = run();
    expect(state().distributionIncidents).toHaveLength(mostDistributionIncidents);
    expect(state().distributionIncidents.filter(({ scope }) => ofNeighbour({ scopes: [scope] }))).toHaveLength(1);
    expect(leftOut?.problems).toMatchObject([{ scope: full }]);
  });
});
