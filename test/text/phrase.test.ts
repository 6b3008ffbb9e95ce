import { describe, expect, test } from "vitest";
import { instant } from "../../lambda/text/instant.ts";
import { counted, enumerated } from "../../lambda/text/phrase.ts";
import { between, exactSpan, span } from "../../lambda/text/span.ts";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

describe("span", () => {
  test.each([
    [Number.NaN, "less than a minute"],
    [59_999, "less than a minute"],
    [minute, "1 minute"],
    [hour - 1, "59 minutes"],
    [hour, "1 hour"],
    [75 * minute, "1 hour"],
    [day, "24 hours"],
    [48 * hour - 1, "47 hours"],
    [48 * hour, "2 days"],
    [60 * hour, "2 days"],
    [-60 * hour, "2 days"],
    [400 * day, "400 days"],
  ])("%s ms are %s", (ms, expected) => {
    expect(span(ms)).toBe(expected);
  });

  test.each([
    ["2026-11-23T00:00:00Z", "3 hours"],
    ["2026-11-20T01:00:00Z", "3 days"],
    ["nonsense", "less than a minute"],
  ])("between %s and a time after it", (from, expected) => {
    expect(between(from, "2026-11-23T03:12:40.000Z")).toBe(expected);
  });

  test.each([
    [hour, "1 hour"],
    [24 * hour, "24 hours"],
    [36 * hour, "36 hours"],
    [48 * hour, "2 days"],
    [60 * hour, "60 hours"],
    [7 * day, "7 days"],
  ])("a setting of %s ms is not rounded: %s", (ms, expected) => {
    expect(exactSpan(ms)).toBe(expected);
  });
});

describe("instant", () => {
  test("is the same of a number and of a text", () => {
    const time = "2026-11-23T03:12:40.000Z";
    expect(instant(time)).toBe("2026-11-23 03:12 UTC");
    expect(instant(Date.parse(time))).toBe(instant(time));
  });

  test.each(["nonsense", Number.NaN, Number.POSITIVE_INFINITY, 1e300])("says of %s that it is none", (at) => {
    expect(instant(at)).toBe("an unreadable time");
  });
});

describe("phrases", () => {
  test("count one and many", () => {
    const nouns = ["origin", "address", "policy", "key", "branch"];
    expect(nouns.map((noun) => counted(1, noun))).toEqual(["1 origin", "1 address", "1 policy", "1 key", "1 branch"]);
    expect(nouns.map((noun) => counted(0, noun))).toEqual([
      "0 origins",
      "0 addresses",
      "0 policies",
      "0 keys",
      "0 branches",
    ]);
  });

  test("count what a list leaves out", () => {
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]].map((items) => enumerated(items, 3))).toEqual(
      ["", "a", "a and b", "a, b and c", "a, b, c and 1 more"],
    );
  });
});
