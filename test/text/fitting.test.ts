import fc from "fast-check";
import { expect, it } from "vitest";
import { fitting, mostThatFit } from "../../lambda/text/fitting.ts";
import { firstBy, groupedBy } from "../../lambda/text/non-empty.ts";

const sizes = fc.array(fc.nat(20), { maxLength: 30 });
const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

it("takes the longest beginning that fits, and the least however large", () => {
  fc.assert(
    fc.property(sizes, fc.nat(100), fc.nat(3), (items, room, least) => {
      const kept = fitting(items, room, (item) => item, least);
      expect(kept).toEqual(items.slice(0, kept.length));
      if (kept.length > least) expect(sum(kept)).toBeLessThanOrEqual(room);
      else expect(kept).toHaveLength(Math.min(least, items.length));
      const next = items[kept.length];
      if (next !== undefined) expect(sum(kept) + next).toBeGreaterThan(room);
    }),
  );
});

it("finds the largest number that fits", () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(1_000), (most, limit) => {
      const asked: number[] = [];
      const fits = (count: number) => asked.push(count) > 0 && count <= limit;
      expect(mostThatFit(most, fits)).toBe(Math.min(most, limit));
      expect(asked.every((count) => count >= 1 && count <= most)).toBe(true);
    }),
  );
});

it("groups in the order of first elements, and finds the first by an order", () => {
  const groups = groupedBy(["b1", "a1", "b2"], (text) => text.charAt(0));
  expect([...groups]).toEqual([
    ["b", ["b1", "b2"]],
    ["a", ["a1"]],
  ]);
  expect(firstBy([3, 1, 2], (a, b) => a - b)).toBe(1);
});
