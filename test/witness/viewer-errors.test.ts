import { describe, expect, it } from "vitest";
import type { Traffic } from "../../lambda/witness/traffic.ts";
import { belowSince, isOver, type ViewerErrors, viewerErrors } from "../../lambda/witness/viewer-errors.ts";

type Counts = { requests?: number; errors?: number; bad?: number; late?: number };

/** What was counted from 9:00 on, in so many minutes; by status if either is given. */
function traffic(
  { requests = 1_000, errors = 0, bad, late }: Counts,
  from = "2026-11-27T09:00:00.000Z",
  minutes = 15,
): Traffic {
  const until = new Date(Date.parse(from) + minutes * 60_000).toISOString();
  const byStatus = bad === undefined && late === undefined ? null : { "502": bad ?? 0, "504": late ?? 0 };
  return { from, until, minutes, requests, errors, byStatus };
}

const next = "2026-11-27T09:15:00.000Z";
const quiet: ViewerErrors = { kind: "below", asksAgain: false };
const again: ViewerErrors = { kind: "below", asksAgain: true };
const others = (asksAgain: boolean): ViewerErrors => ({ kind: "other-errors", asksAgain });
const told = (effect: "502" | "504" | "5xx"): ViewerErrors => ({ kind: "viewers-get-errors", effect });

describe("the errors that viewers get", () => {
  it.each<[what: string, last: Counts | null, current: Counts, expected: ViewerErrors]>([
    ["none", { errors: 0 }, { errors: 0 }, quiet],
    ["a little less than 5 % twice", { errors: 49 }, { errors: 49 }, quiet],
    ["5 % once", { errors: 0 }, { errors: 50 }, again],
    ["5 % in the first asking of all", null, { errors: 50 }, again],
    ["5 % twice", { errors: 50 }, { errors: 50 }, told("5xx")],
    ["5 %, then less", { errors: 50 }, { errors: 49 }, quiet],
    ["5 % twice, 19 errors together", { requests: 180, errors: 9 }, { requests: 200, errors: 10 }, again],
    ["5 % twice, 20 errors together", { requests: 200, errors: 10 }, { requests: 200, errors: 10 }, told("5xx")],
    ["half of them at once", { errors: 0 }, { errors: 500 }, told("5xx")],
    ["a little less than half at once", { errors: 0 }, { errors: 499 }, again],
    ["half of them, but 19", { errors: 0 }, { requests: 38, errors: 19 }, again],
    ["half of them, and 20", { errors: 0 }, { requests: 40, errors: 20 }, told("5xx")],
    ["all of the only request", null, { requests: 1, errors: 1 }, again],
    ["no request at all", null, { requests: 0, errors: 0 }, quiet],
    ["502 twice", { errors: 50, bad: 50 }, { errors: 50, bad: 50 }, told("502")],
    [
      "502 and 504 that only together are enough",
      { errors: 60, bad: 30, late: 30 },
      { errors: 60, bad: 20, late: 40 },
      told("504"),
    ],
    ["500 only, where 502 and 504 are counted", { errors: 90, bad: 0 }, { errors: 90, bad: 1 }, others(false)],
    ["half 500 after an asking without errors", { errors: 0 }, { errors: 600, bad: 0 }, others(false)],
    ["half 500, where 502 and 504 are counted", null, { errors: 600, bad: 3, late: 4 }, others(false)],
    ["500 and now 5 % of 502", { errors: 90, bad: 0 }, { errors: 90, bad: 60 }, others(true)],
    ["502 after an asking without errors, in which no status was asked", { errors: 0 }, { errors: 60, bad: 60 }, again],
    ["502 that were counted by status only since", { errors: 60 }, { errors: 60, bad: 60 }, told("5xx")],
  ])("are judged: %s", (_, last, current, expected) => {
    expect(viewerErrors(last === null ? null : traffic(last), traffic(current, next))).toEqual(expected);
  });

  it("are not in a row where the askings do not adjoin", () => {
    const later = "2026-11-27T09:16:00.000Z";
    expect(viewerErrors(traffic({ errors: 50 }), traffic({ errors: 50 }, later))).toEqual(again);
  });
});

describe("the end of it", () => {
  it("is an hour below the threshold", () => {
    let since: string | null = null;
    const ends: boolean[] = [];
    for (let index = 0; index < 5; index++) {
      const from = new Date(Date.parse(next) + index * 15 * 60_000).toISOString();
      const current = traffic({ errors: index === 0 ? 50 : 49 }, from);
      since = belowSince(since, current);
      ends.push(isOver(since, current));
    }
    expect(ends).toEqual([false, false, false, false, true]);
    expect(since).toBe("2026-11-27T09:30:00.000Z");
  });

  it("is not put off by a time that a clock set back since wrote down", () => {
    expect(belowSince("2036-11-27T09:00:00.000Z", traffic({ errors: 1 }, next))).toBe(next);
  });

  it("may come with one asking of an hour", () => {
    const current = traffic({ errors: 3 }, next, 60);
    expect(isOver(belowSince(null, current), current)).toBe(true);
  });

  it("does not come while nobody asks or nothing is known", () => {
    const current = traffic({ requests: 0 }, next, 60);
    expect(belowSince(null, current)).toBeNull();
    expect(belowSince(next, current)).toBe(next);
  });

  it("begins anew where the share is at the threshold", () => {
    expect(belowSince(next, traffic({ errors: 50 }))).toBeNull();
    expect(belowSince(next, traffic({ errors: 90, bad: 25, late: 25 }))).toBeNull();
  });

  it("does not wait for errors of another kind where 502 and 504 are counted", () => {
    expect(belowSince(null, traffic({ errors: 900, bad: 0 }, next))).toBe(next);
  });
});
