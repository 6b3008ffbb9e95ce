import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MetricSeries, nextWindow, type TrafficSeries, trafficOf } from "../../lambda/witness/traffic.ts";

const minute = 60_000;
const start = Date.parse("2026-11-27T09:00:00Z");
const window = { from: start, until: start + 5 * minute };

/** A value for each minute from the start; those that are undefined were not given. */
function series(...values: readonly (number | undefined)[]): MetricSeries {
  const given = values.flatMap((value, index) =>
    value === undefined ? [] : [[start + index * minute, value] as const],
  );
  return { times: given.map(([time]) => time), values: given.map(([, value]) => value) };
}

function counted(requests: MetricSeries, errorRate: MetricSeries, byStatus: TrafficSeries["byStatus"] = null) {
  return trafficOf({ requests, errorRate, byStatus }, window);
}

describe("traffic", () => {
  it("is summed minute by minute, so that a quiet minute weighs little", () => {
    const traffic = counted(series(1_000, 1, 1, 1, 1), series(1, 100, 100, 100, 100));
    expect(traffic).toEqual({
      from: "2026-11-27T09:00:00.000Z",
      until: "2026-11-27T09:05:00.000Z",
      minutes: 5,
      requests: 1_004,
      errors: 14,
      byStatus: null,
    });
  });

  it("has whole requests, whatever the share was rounded to", () => {
    expect(counted(series(3, 3), series(33.333333, 66.67)).errors).toBe(3);
  });

  it.each<[what: string, requests: number | undefined, rate: number | undefined]>([
    ["no requests", undefined, 50],
    ["no share", 100, undefined],
    ["NaN requests", Number.NaN, 50],
    ["a share that is NaN", 100, Number.NaN],
    ["negative requests", -5, 50],
    ["a negative share", 100, -1],
    ["a share over 100", 100, 100.5],
    ["endless requests", Number.POSITIVE_INFINITY, 50],
  ])("does not know a minute with %s", (_, requests, rate) => {
    expect(counted(series(10, requests, 10), series(10, rate, 10))).toMatchObject({
      minutes: 2,
      requests: 20,
      errors: 2,
    });
  });

  it("leaves out what lies outside of its window, the future too, or between minutes", () => {
    const times = [start - minute, start, start + 1, window.until, start + 1e9];
    const values = times.map(() => 10);
    expect(counted({ times, values }, { times, values })).toMatchObject({ minutes: 1, requests: 10, errors: 1 });
  });

  it("survives more times than values", () => {
    const times = [start, start + minute];
    expect(counted({ times, values: [7] }, series(0, 0))).toMatchObject({ minutes: 1, requests: 7 });
  });

  it("counts a minute once that came twice", () => {
    expect(counted({ times: [start, start], values: [7, 7] }, series(0))).toMatchObject({ minutes: 1, requests: 7 });
  });

  it("counts 502 and 504 where each minute with errors has them", () => {
    const byStatus = { "502": series(8, 0, undefined), "504": series(1, 5, undefined) };
    expect(counted(series(100, 100, 100), series(10, 5, 0), byStatus).byStatus).toEqual({ "502": 8, "504": 6 });
  });

  it("does not know 502 and 504 where a minute with errors lacks one of them", () => {
    const byStatus = { "502": series(8, 5), "504": series(1, undefined) };
    expect(counted(series(100, 100), series(10, 5), byStatus).byStatus).toBeNull();
  });

  it("is finite and no more than the requests, whatever CloudWatch gives", () => {
    const any = fc.array(fc.tuple(fc.integer({ min: -2, max: 8 }), fc.double()), { maxLength: 20 }).map((pairs) => ({
      times: pairs.map(([index]) => start + index * minute),
      values: pairs.map(([, value]) => value),
    }));
    fc.assert(
      fc.property(any, any, any, any, (requests, errorRate, bad, late) => {
        const traffic = counted(requests, errorRate, { "502": bad, "504": late });
        expect(traffic.minutes).toBeLessThanOrEqual(5);
        for (const each of [traffic.requests, traffic.errors, traffic.byStatus?.["502"] ?? 0]) {
          expect(Number.isFinite(each) && each >= 0).toBe(true);
        }
        expect(traffic.errors).toBeLessThanOrEqual(Math.ceil(traffic.requests));
      }),
    );
  });
});

describe("the next window", () => {
  const now = start + 7 * minute + 30_000;
  const until = start + 2 * minute;

  it("begins where the last one ended, and ends five minutes ago", () => {
    expect(nextWindow(start - 10 * minute, now)).toEqual({ from: start - 10 * minute, until });
  });

  it("adjoins over a day of runs, without a gap and without a minute twice", () => {
    let asked: number | null = null;
    let first: number | null = null;
    let minutes = 0;
    for (let run = 0; run < 96; run++) {
      const next = nextWindow(asked, now + run * 15 * minute + ((run * 7_919) % 40_000));
      if (next === null) continue;
      if (asked !== null) expect(next.from).toBe(asked);
      minutes += (next.until - next.from) / minute;
      asked = next.until;
      first ??= next.from;
    }
    expect(minutes).toBe(((asked ?? 0) - (first ?? 0)) / minute);
    expect(minutes).toBeGreaterThan(24 * 60);
  });

  it.each<[what: string, asked: number | null]>([
    ["lost", null],
    ["no time", Number.NaN],
    ["of a clock that was ahead", now + minute],
  ])("begins an hour back where the last asking is %s", (_, asked) => {
    expect(nextWindow(asked, now)).toEqual({ from: until - 60 * minute, until });
  });

  it("is not there twice in the same minute, nor where the clock went back a little", () => {
    expect(nextWindow(until, now)).toBeNull();
    expect(nextWindow(until + 3 * minute, now)).toBeNull();
  });

  it("is no longer than three hours after a pause", () => {
    expect(nextWindow(start - 9_000 * minute, now)).toEqual({ from: until - 180 * minute, until });
  });

  it("is of whole minutes whatever was remembered", () => {
    expect(nextWindow(start + 1, now)).toEqual({ from: start + minute, until });
  });
});
