import { describe, expect, it } from "vitest";
import { isRaised as isRaisedBy, type RaisableFinding } from "../../lambda/witness/raised.ts";
import { afterAsking } from "../../lambda/witness/remembered-count.ts";
import type { Traffic } from "../../lambda/witness/traffic.ts";

const nine = "2026-11-27T09:00:00.000Z";
const quarterPast = "2026-11-27T09:15:00.000Z";

/** 1,000 requests of a quarter of an hour; without statuses where null is given. */
function traffic(from: string, byStatus: Traffic["byStatus"], errors = 1_000): Traffic {
  const until = new Date(Date.parse(from) + 900_000).toISOString();
  return { from, until, minutes: 15, requests: 1_000, errors, byStatus };
}

const of504 = (count: number, from = quarterPast) => traffic(from, { "502": 0, "504": count });
const finding = { answers: "504", firstSeen: "2026-11-27T08:51:00.000Z" } as const;

/** By what is remembered after one asking, or after two. */
function isRaised(about: RaisableFinding, last: Traffic | null, current: Traffic, explained: boolean) {
  return isRaisedBy(about, afterAsking(last && afterAsking(null, last), current), explained);
}

describe("a risk", () => {
  it.each<[what: string, last: Traffic | null, current: Traffic, raised: boolean]>([
    ["half of the requests with its status", null, of504(500), true],
    ["less than half", null, of504(499), false],
    ["5 % twice", of504(50, nine), of504(50), true],
    ["5 % once", of504(49, nine), of504(50), false],
    ["5 % twice, but not in a row", of504(50, "2026-11-27T08:59:00.000Z"), of504(50), false],
    ["as many with the other status", null, traffic(quarterPast, { "502": 900, "504": 20 }), false],
    ["as many of which the status is not known", null, traffic(quarterPast, null), false],
    ["a window before in which no status is known", traffic(nine, null), of504(50), false],
    ["none at all", of504(0, nine), of504(0), false],
  ])("is raised, or not, by %s", (_, last, current, raised) => {
    expect(isRaised(finding, last, current, false)).toBe(raised);
  });

  it("is not raised by what was counted before it was seen", () => {
    expect(isRaised({ ...finding, firstSeen: "2026-11-27T09:16:00.000Z" }, null, of504(900), false)).toBe(false);
    const between = { ...finding, firstSeen: "2026-11-27T09:01:00.000Z" };
    expect(isRaised(between, of504(50, nine), of504(50), false)).toBe(false);
    expect(isRaised(between, of504(50, nine), of504(500), false)).toBe(true);
    expect(isRaised({ ...finding, firstSeen: "soon" }, null, of504(900), false)).toBe(false);
  });

  it("is not raised where another origin explains it", () => {
    expect(isRaised(finding, null, of504(900), true)).toBe(false);
  });

  it("that may be a 502 is raised by 502 only", () => {
    const other = { ...finding, answers: "502" } as const;
    expect(isRaised(other, null, of504(900), false)).toBe(false);
    expect(isRaised(other, null, traffic(quarterPast, { "502": 500, "504": 0 }), false)).toBe(true);
  });
});
