import { describe, expect, test } from "vitest";
import { eventsOf, mostFields, type Reading } from "./log-events.ts";
import { compareValues } from "./order.ts";
import { commandsOf, runQuery } from "./query.ts";

const usual: Reading = { nulls: "missing", latest: "newest-event" };
const at = (minute: number) => `2026-11-23T03:${String(minute).padStart(2, "0")}:00.000Z`;

function rows(query: string, records: readonly object[], reading: Reading = usual): Record<string, unknown>[] {
  const lines = records.map((record, index) => JSON.stringify({ timestamp: at(index), ...record }));
  return runQuery(query, eventsOf(lines, reading), reading).rows.map((row) => Object.fromEntries(row));
}

/** The evaluator has to be right where the saved queries lean on it; each of these is in the user guide. */
describe("the evaluator of Logs Insights queries", () => {
  test("names nested fields by their path, and knows the first 200 of an event", () => {
    const [event] = eventsOf(
      [JSON.stringify({ timestamp: at(0), a: { b: [{ c: "x" }, { c: 2 }] }, d: [], e: true })],
      usual,
    );
    expect(Object.fromEntries(event!.fields)).toEqual({ timestamp: at(0), "a.b.0.c": "x", "a.b.1.c": 2, e: "true" });
    const wide = { timestamp: at(0), many: Array.from({ length: 500 }, (_, index) => index), last: 1 };
    const [crowded] = eventsOf([JSON.stringify(wide)], usual);
    expect(crowded!.fields.size).toBe(mostFields);
    expect(crowded!.fields.has("last")).toBe(false);
  });

  test("filters by equality, lists, parts of texts and presence; a missing field fulfils nothing", () => {
    const records = [{ a: "x", n: 1 }, { a: "xyz", n: 2 }, { n: 3 }];
    const kept = (condition: string) =>
      rows(`filter ${condition} | fields n`, records)
        .map(({ n }) => Number(n))
        .toSorted((a, b) => a - b);
    expect(kept('a = "x"')).toEqual([1]);
    expect(kept("n = 2")).toEqual([2]);
    expect(kept('a like "y"')).toEqual([2]);
    expect(kept('a in ["x", "q"]')).toEqual([1]);
    expect(kept("ispresent(a)")).toEqual([1, 2]);
    expect(kept('ispresent(a) and a = "xyz"')).toEqual([2]);
  });

  test("shows the newest first, and fields as they are named", () => {
    expect(rows("fields a, coalesce(b, a) as c", [{ a: 1 }, { a: 2, b: 3 }])).toEqual([
      { a: 2, c: 3 },
      { a: 1, c: 1 },
    ]);
  });

  test("aggregates by groups", () => {
    const records = [
      { k: "a", v: 10, w: "old" },
      { k: "a", v: 30, w: "new" },
      { k: "b", v: 20, w: "only" },
      { k: "a", v: 20 },
    ];
    const query = "stats max(v) as most, pct(v, 50) as half, count(*) as n, latest(w) as w by k | sort k asc";
    expect(rows(query, records)).toEqual([
      { k: "a", most: 30, half: 20, n: 3 },
      { k: "b", most: 20, half: 20, n: 1, w: "only" },
    ]);
    const [first] = rows(query, records, { ...usual, latest: "newest-value" });
    expect(first).toEqual({ k: "a", most: 30, half: 20, n: 3, w: "new" });
  });

  test("forgets after stats what stats did not make", () => {
    const query = "stats latest(v) as last by k | filter last = 2 | fields k, v";
    expect(
      rows(query, [
        { k: "a", v: 1 },
        { k: "a", v: 2 },
        { k: "b", v: 1 },
      ]),
    ).toEqual([{ k: "a" }]);
  });

  test("sorts as the guide's example does", () => {
    // How the example in the user guide begins, and numbers.
    const sorted = ["!:", "#", "*%04", "0#", "5A", "111A", "2345_", "@", "@_", "A", "0", "1", "2", "10"];
    expect(sorted.toReversed().toSorted(compareValues)).toEqual(sorted);
    expect(["may", "502", "504"].toSorted((a, b) => compareValues(b, a))).toEqual(["504", "502", "may"]);
  });

  test("limits, and leaves out comments", () => {
    expect(
      rows("# a comment with a | in it\nfields n | sort n desc | limit 2", [{ n: 1 }, { n: 3 }, { n: 2 }]),
    ).toEqual([{ n: 3 }, { n: 2 }]);
    expect(commandsOf('filter a = "x|y" | limit 1')).toEqual(['filter a = "x|y"', "limit 1"]);
  });

  test.each([
    "parse @message /x/",
    "filter a > 1",
    "filter a = 1 or b = 2",
    'filter a in ["x"',
    "stats avg(a) as b by c",
    "stats count(*) by c",
    "stats count(*) as n",
    "sort a desc, b asc",
    "limit many",
    "fields tolower(a)",
  ])("refuses what it does not know, instead of passing it: %s", (query) => {
    expect(() => rows(query, [{ a: 1, b: 2, c: 3 }])).toThrow();
  });

  test("refuses to sort by what some rows do not have", () => {
    expect(() => rows("fields a | sort a asc", [{ a: 1 }, { b: 1 }])).toThrow("without a");
  });
});
