import { describe, expect, it } from "vitest";
import type { EdgeAnswer } from "../../lambda/witness/edge-answer.ts";
import type { EdgeAsking } from "../../lambda/witness/edge-askings.ts";
import {
  type EdgeAsked,
  type EdgeEntry,
  edgeHistory,
  edgeHistoryAfter,
  withConfirmation,
} from "../../lambda/witness/edge-history.ts";

const start = Date.parse("2026-11-28T09:00:00Z");
const minute = 60_000;
const hour = 60 * minute;

function asking(changes: Partial<EdgeAsking> = {}): EdgeAsking {
  return {
    distributionId: "E1",
    domainName: "d1.cloudfront.net",
    originId: "api",
    pathPattern: "*",
    host: "www.example.com",
    method: "HEAD",
    path: "/origin-watch-check-t1",
    isNamedPath: false,
    reaches: "the-origin",
    settings: { errorPages: [], policyHeaders: new Set() },
    ...changes,
  };
}

function answer(whose: EdgeAnswer["whose"], changes: Partial<EdgeAnswer> = {}): EdgeAnswer {
  return {
    method: "HEAD",
    status: 404,
    whose,
    decidedBy: "x-cache: Miss from cloudfront",
    xCache: null,
    age: null,
    pop: "FRA56-P1",
    requestId: "id",
    requestIdMatches: null,
    layers: 1,
    wording: null,
    elapsedMs: 30,
    confirmed: false,
    ...changes,
  };
}

const reached = answer("reached-origin");
const refused = answer("edge-refused", { status: 403, decidedBy: "x-amzn-waf-action" });
const bad = answer("cloudfront-could-not-connect", { status: 502 });
const page = answer("cloudfront-could-not-connect", { status: 502, method: "GET", requestIdMatches: true });
const silent = answer("edge-answered", { status: 301 });

/** Runs a quarter of an hour apart, each with one answer; null where none came. */
function heard(answers: readonly (EdgeAnswer | null)[], apart = 15 * minute, before: readonly EdgeEntry[] = []) {
  let entries = before;
  for (const [index, each] of answers.entries()) {
    const method = each?.method ?? "HEAD";
    const asked: EdgeAsked = { asking: asking({ method }), answer: each, problem: each === null ? "no answer" : null };
    const now = start + index * apart;
    entries = edgeHistoryAfter(entries, [withConfirmation(asked, entries)], () => true, now);
  }
  return entries;
}

describe("what is remembered of answers", () => {
  it("is where and when the origin was last reached", () => {
    const [entry] = heard([reached]);
    expect(entry).toEqual({
      distributionId: "E1",
      originId: "api",
      pathPattern: "*",
      host: "www.example.com",
      reaches: "the-origin",
      last: "reached",
      askedAt: "2026-11-28T09:00:00.000Z",
      reached: { at: "2026-11-28T09:00:00.000Z", pop: "FRA56-P1", decidedBy: "x-cache: Miss from cloudfront" },
    });
  });

  it("changes once an hour where the answers are the same", () => {
    expect(heard([reached, reached, reached])).toEqual(heard([reached]));
    expect(heard([reached, reached, reached, reached, reached])[0]?.reached?.at).toBe("2026-11-28T10:00:00.000Z");
  });

  it("keeps when it was reached through answers that say nothing of it", () => {
    for (const other of [refused, silent, bad, null]) {
      const [entry] = heard([reached, other]);
      expect([entry?.last, entry?.reached?.at]).toEqual([
        expect.not.stringMatching("reached"),
        "2026-11-28T09:00:00.000Z",
      ]);
    }
  });

  it("is forgotten with the behavior, and after a week", () => {
    const entries = heard([reached]);
    expect(edgeHistoryAfter(entries, [], () => false, start)).toEqual([]);
    expect(edgeHistoryAfter(entries, [], () => true, start + 7 * 24 * hour)).toEqual(entries);
    expect(edgeHistoryAfter(entries, [], () => true, start + 9 * 24 * hour)).toEqual([]);
  });
});

describe("an error", () => {
  const waits = (entries: readonly EdgeEntry[], now = start) => edgeHistory(entries, now).waitsFor("E1", "*");

  it("takes a HEAD and the GET of a later run that agree", () => {
    const first = heard([bad]);
    expect([first[0]?.error, waits(first)]).toEqual([undefined, "www.example.com"]);
    const second = heard([bad, page]);
    expect(second[0]?.error).toMatchObject({ status: 502, since: "2026-11-28T09:15:00.000Z", pop: "FRA56-P1" });
    expect(waits(second)).toBeNull();
  });

  it.each<[what: string, get: EdgeAnswer]>([
    ["another status", { ...page, status: 504 }],
    ["an answer of the origin", { ...page, whose: "origin-answered-error" }],
    ["the page of another request", { ...page, requestIdMatches: false }],
    ["a page from a cache", { ...page, age: 3 }],
    ["a status of which no verdict speaks", { ...page, status: 503 }],
  ])("is not claimed by a GET with %s", (_, get) => {
    expect(heard([{ ...bad, status: get.status === 503 ? 503 : 502 }, get])[0]?.error).toBeUndefined();
  });

  it("is not claimed by a GET without a HEAD before it, nor by one a day later", () => {
    expect(heard([page])[0]?.error).toBeUndefined();
    expect(waits(heard([bad]), start + 25 * hour)).toBeNull();
  });

  it("lasts until the origin is reached, whatever else is answered, and says when it was last seen", () => {
    const open = heard([bad, page, silent, refused, null, bad]);
    expect(open[0]?.error).toMatchObject({ since: "2026-11-28T09:15:00.000Z", at: "2026-11-28T09:15:00.000Z" });
    const again = heard([bad, page, bad, page]);
    expect(again[0]?.error).toMatchObject({ since: "2026-11-28T09:15:00.000Z", at: "2026-11-28T09:45:00.000Z" });
    const long = edgeHistoryAfter(open, [], () => true, start + 30 * 24 * hour);
    expect(long[0]?.error).toBeDefined();
    expect(heard([bad, page, reached])[0]).not.toHaveProperty("error");
    const own = answer("origin-answered-error", { status: 502 });
    expect(heard([bad, page, own])[0]).not.toHaveProperty("error");
  });
});

describe("a refusal", () => {
  it("pauses the behavior for a day, whatever name was asked for, and says what refused", () => {
    const entries = heard([refused]);
    expect(entries[0]).toMatchObject({ last: "refused", refusedBy: "x-amzn-waf-action" });
    const isPaused = (now: number, pattern = "*") => edgeHistory(entries, now).isPaused("E1", pattern);
    expect([isPaused(start + minute), isPaused(start + 23 * hour), isPaused(start + 24 * hour)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isPaused(start, "/api/*")).toBe(false);
    // A clock that was set back.
    expect(isPaused(start - 48 * hour)).toBe(false);
  });

  it("is over with the next answer that is none", () => {
    expect(heard([refused, reached], 25 * hour)[0]).not.toHaveProperty("pausedUntil");
  });
});
