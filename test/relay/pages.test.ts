import { describe, expect, it } from "vitest";
import { emptyState, type Incident, type State } from "../../lambda/incidents/state.ts";
import { alertEvent } from "../../lambda/pagerduty/alert-event.ts";
import type { RelayedIncident, RelayedNotice } from "../../lambda/relay/notice.ts";
import { mostResolves, mostTriggers, type Page, pagesOf } from "../../lambda/relay/pages.ts";
import { at, ended, noticeRow, openedAt, toldIncident } from "./notices.ts";

const where = {
  scope: { accountId: "111122223333", accountName: null, partition: "aws" },
  region: "eu-west-1",
};
const nothing: ReadonlySet<string> = new Set();

const id = "E1A2B3C4D5E6F7";
const incident = (name: string, changes: Partial<Incident> = {}) =>
  toldIncident(name, { distributions: [id], ...changes });
const row = (name: string, status = "opened", changes: Partial<RelayedIncident> = {}) =>
  noticeRow(name, status, { distributions: [id], ...changes });

function pages(
  state: Partial<State> | null,
  incidents: readonly RelayedIncident[],
  { leftOut = 0, resolved = nothing }: { leftOut?: number; resolved?: ReadonlySet<string> } = {},
) {
  const notice: RelayedNotice = { text: "", event: "opened", at, incidents, leftOut };
  return pagesOf(state === null ? null : { ...emptyState, ...state }, notice, resolved, where);
}

const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `o${from + index}`);
const keysOf = (all: readonly Page[]) => all.map((page) => alertEvent(page).dedup_key);
const triggers = (all: readonly Page[]) =>
  all.filter((page): page is Extract<Page, { action: "trigger" }> => page.action === "trigger");
const resolves = (all: readonly Page[]) => all.filter(({ action }) => action === "resolve");

describe("what is paged", () => {
  it("is what the state says of what a notice names", () => {
    const state = { incidents: [incident("a", { effect: "504", title: "see https://evil.example/\n now" })] };
    const { pages: found, someInDoubt } = pages(state, [row("a", "opened", { title: "all is well", effect: "may" })]);
    expect(someInDoubt).toBe(false);
    expect(found.map((page) => alertEvent(page))).toEqual([
      {
        event_action: "trigger",
        dedup_key: expect.stringMatching(/^origin-watch-[0-9a-f]{64}$/),
        client: "Origin Watch",
        links: [
          {
            href: "https://console.aws.amazon.com/cloudfront/v4/home?region=eu-west-1#/distributions/E1A2B3C4D5E6F7",
            text: "The distribution in the console",
          },
        ],
        payload: {
          summary: "[504] a.example.com:443: see evil.example/\\u{a} now",
          source: "a.example.com:443",
          severity: "critical",
          timestamp: openedAt,
          component: "CloudFront origin",
          group: "111122223333",
          class: "chain-incomplete",
          custom_details: {
            code: "chain-incomplete",
            effect: "504",
            openedAt,
            distributions: ["E1A2B3C4D5E6F7"],
          },
        },
      },
    ]);
  });

  it("may leave out every name and id but those in the link", () => {
    const title = "a.example.com is no name of the certificate";
    const all = [
      ...pages({ incidents: [incident("a", { title })] }, [row("a")]).pages,
      ...pages(
        null,
        names(30).map((name) => row(name, "opened", { title })),
      ).pages,
    ];
    for (const page of all) {
      const { links, dedup_key, ...event } = alertEvent(page, true);
      expect(JSON.stringify(event)).not.toMatch(/example|111122223333|E1A2B3C4D5E6F7/);
      expect([dedup_key, event.payload?.class]).toEqual([alertEvent(page).dedup_key, alertEvent(page).payload?.class]);
      expect(links).toEqual(alertEvent(page).links);
    }
    expect(alertEvent(all[0]!, true).payload?.summary).toBe("502: chain-incomplete");
  });

  it.each([
    ["502", "critical"],
    ["504", "critical"],
    ["may", "warning"],
  ] as const)("with effect %s is %s", (effect, severity) => {
    const { pages: found } = pages({ incidents: [incident("a", { effect })] }, [row("a")]);
    expect(found.map((page) => alertEvent(page).payload?.severity)).toEqual([severity]);
  });

  it("has one key while it is open, however often it is said, and the same at its end", () => {
    const told = pages({ incidents: [incident("a")] }, [row("a")]).pages;
    const worse = pages({ incidents: [incident("a", { effect: "504" })] }, [row("a", "worsened")]).pages;
    const reminded = pages({ incidents: [incident("a")] }, [row("a", "open")]).pages;
    const over = pages({ ended: [ended("a")] }, [row("a", "resolved")]).pages;
    expect(over).toMatchObject([{ action: "resolve" }]);
    expect(new Set([told, worse, reminded, over].flatMap(keysOf)).size).toBe(1);
    const others = [
      [incident("b"), row("b")],
      [incident("a", { code: "certificate-expired" }), row("a", "opened", { code: "certificate-expired" })],
      [incident("a", { openedAt: at }), row("a", "opened", { openedAt: at })],
    ] as const;
    const more = others.flatMap(([one, asked]) => keysOf(pages({ incidents: [one] }, [asked]).pages));
    expect(new Set([...keysOf(told), ...more]).size).toBe(4);
  });

  it("is one page for connections of an origin that share code and opening, until the last of them is over", () => {
    const twin = incident("a", { key: "tls a as www", effect: "may" });
    const both = pages({ incidents: [twin, incident("a")] }, [row("a"), row("a")]).pages;
    expect(both).toMatchObject([{ action: "trigger", effect: "502" }]);
    expect(pages({ incidents: [twin], ended: [ended("a")] }, [row("a", "resolved")]).pages).toEqual([]);
  });

  it("is never over because a notice says so", () => {
    for (const status of ["resolved", "gone"]) {
      expect(pages({ incidents: [incident("a")] }, [row("a", status), row("b", status)]).pages).toEqual([]);
      expect(pages(null, [row("a", status)]).pages).toEqual([]);
    }
  });

  it("is over by the state, whatever a notice says, and said again only where it is not known", () => {
    const state = { ended: [ended("a"), ended("b", { as: "gone" }), ended("c", { openedAt: null })] };
    const { pages: found } = pages(state, [row("a", "opened")]);
    expect(found).toMatchObject([{ action: "resolve" }, { action: "resolve" }]);
    const resolved = new Set(found.map(({ about }) => about));
    expect(pages(state, [], { resolved }).pages).toEqual([]);
  });

  it("does not include what nobody was told of", () => {
    expect(pages({ incidents: [incident("a", { tellings: 0, lastTold: null })] }, []).pages).toEqual([]);
  });

  it("is paged without the state's word too, and says so", () => {
    const asked = row("a", "opened", { title: "go to https://evil.example/" });
    const unknown = pages({}, [asked]);
    const unread = pages(null, [asked]);
    expect([unknown.someInDoubt, unread.someInDoubt]).toEqual([true, true]);
    for (const { pages: found } of [unknown, unread]) {
      expect(found.map((page) => alertEvent(page).payload)).toMatchObject([
        {
          summary: "Not confirmed: [502] a.example.com:443: go to evil.example/",
          severity: "critical",
          custom_details: { notConfirmed: expect.stringContaining("state") },
        },
      ]);
    }
    // The same key as of what the state knows, so that a late state makes no second alert.
    expect(keysOf(unknown.pages)).toEqual(keysOf(pages({ incidents: [incident("a")] }, [asked]).pages));
    const odd = pages(null, [row("a", "opened", { effect: null })]).pages;
    expect(odd.map((page) => alertEvent(page).payload?.severity)).toEqual(["error"]);
  });
});

describe("many at once", () => {
  const manyTogether = (count: number) => ({ incidents: names(count).map((name) => incident(name)) });

  it("are twenty pages, the worst and what is confirmed first, and one for the rest", () => {
    const risks = names(12).map((name) => incident(name, { effect: "may" }));
    const failing = names(18, 12).map((name) => incident(name));
    const asked = [...names(5, 90), ...names(30)].map((name) => row(name));
    const { pages: found } = pages({ incidents: [...risks, ...failing] }, asked);
    expect(found).toHaveLength(mostTriggers + 1);
    const effects = triggers(found).map(({ effect, doubt, code }) => [effect, doubt === null, code]);
    expect(effects.slice(0, 18)).toEqual(Array(18).fill(["502", true, "chain-incomplete"]));
    expect(effects.slice(18, 20)).toEqual(Array(2).fill(["may", true, "chain-incomplete"]));
    expect(triggers(found).at(-1)).toMatchObject({
      code: "many-together",
      source: "account 111122223333",
      summary: "15 more findings at 15 origins in the same message",
      doubt: "5 of them are not confirmed by the stored state.",
    });
  });

  it("are no more than twenty and one without the state's word", () => {
    expect(
      pages(
        null,
        names(500).map((name) => row(name)),
      ).pages,
    ).toHaveLength(mostTriggers + 1);
  });

  it("count what a notice had no room for", () => {
    const state = manyTogether(30);
    const asked = names(6).map((name) => row(name));
    expect(pages(state, asked).pages).toHaveLength(6);
    const { pages: found } = pages(state, asked, { leftOut: 24 });
    expect(found).toHaveLength(mostTriggers + 1);
    expect(triggers(found).at(-1)?.summary).toBe("10 more findings at 10 origins in the same message");
    const before = manyTogether(30).incidents.map((each) => ({ ...each, lastTold: "2026-11-23T03:00:00.000Z" }));
    expect(pages({ incidents: before }, asked, { leftOut: 24 }).pages).toHaveLength(6);
  });

  it("end the page for the rest when twenty are left, each of which has a page then", () => {
    const all = names(30);
    const begun = pages(
      manyTogether(30),
      all.map((name) => row(name)),
    ).pages;
    const sharedKey = keysOf(begun).at(-1);
    const left = (count: number) => ({
      incidents: all.slice(0, count).map((name) => incident(name)),
      ended: all.slice(count).map((name) => ended(name)),
    });
    const still = pages(left(21), [row("o29", "resolved")]).pages;
    expect(triggers(still)).toEqual([]);
    expect(keysOf(still)).not.toContain(sharedKey);
    const over = pages(left(20), [row("o20", "resolved")]).pages;
    expect(keysOf(resolves(over))).toContain(sharedKey);
    expect(
      triggers(over)
        .map(({ source }) => source)
        .toSorted(),
    ).toEqual(
      all
        .slice(0, 20)
        .map((name) => `${name}.example.com:443`)
        .toSorted(),
    );
    const resolved = new Set(resolves(over).map(({ about }) => about));
    expect(pages(left(20), [row("o20", "resolved")], { resolved }).pages).toEqual([]);
  });

  it("are resolved eighty at a time, the newest first", () => {
    const state = {
      ended: names(100).map((name, index) => ended(name, { endedAt: new Date(Date.parse(at) + index).toISOString() })),
    };
    const first = pages(state, []).pages;
    expect(first).toHaveLength(mostResolves);
    expect(first.some(({ about }) => about.includes("o99.example.com"))).toBe(true);
    const rest = pages(state, [], { resolved: new Set(first.map(({ about }) => about)) }).pages;
    // And the page that so many may have shared.
    expect([rest.length, first.length + rest.length]).toEqual([21, 101]);
  });
});
