import fc from "fast-check";
import { expect, it } from "vitest";
import { lanesOf } from "../../lambda/observe/batches.ts";
import { toObserve } from "./fixtures.ts";

const account = (id: number) => ({ share: [`aws:${id}`, "E1"] });
const some = (count: number, changes = {}) =>
  Array.from({ length: count }, (_, index) => toObserve(`o${index}.test`, changes));

it("leaves what is little in one batch", () => {
  expect(lanesOf([], 10)).toEqual([]);
  expect(lanesOf(some(250), 10).map((lane) => lane.map(({ length }) => length))).toEqual([[250]]);
});

it("makes batches of 250 to 500, as many as may be under way at once if that is enough", () => {
  const sizes = (count: number, concurrency: number) =>
    lanesOf(some(count), concurrency).flatMap((lane) => lane.map(({ length }) => length));
  expect(sizes(1_000, 10)).toEqual([250, 250, 250, 250]);
  expect(sizes(4_000, 10)).toEqual(Array.from({ length: 10 }, () => 400));
  expect(sizes(10_000, 10)).toEqual(Array.from({ length: 20 }, () => 500));
});

it("asks a name in one batch only, or in one after the other", () => {
  const one = (count: number) =>
    Array.from({ length: count }, (_, index) => toObserve("busy.test", { key: `k${index}`, port: 1_024 + index }));
  const lanes = lanesOf([...some(600), ...one(1_200), ...some(300, { key: "x" })], 4);
  const of = lanes.filter((lane) => lane.some((batch) => batch.some(({ domain }) => domain === "busy.test")));
  expect(of.map((lane) => lane.map(({ length }) => length))).toEqual([[500, 500, 200]]);
});

it("begins with what was left out, and lets accounts take turns", () => {
  const hog = Array.from({ length: 900 }, (_, index) => toObserve(`dead${index}.test`, account(1)));
  const small = Array.from({ length: 100 }, (_, index) => toObserve(`small${index}.test`, account(2)));
  const late = Array.from({ length: 10 }, (_, index) =>
    toObserve(`late${index}.test`, { ...account(1), leftOut: true }),
  );
  const [[first = []] = []] = lanesOf([...hog, ...small, ...late], 4);
  expect(first.slice(0, 10).every(({ leftOut }) => leftOut)).toBe(true);
  expect(first.filter(({ share }) => share[0] === "aws:2")).toHaveLength(100);
});

it("loses none and has none twice", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(40), fc.nat(3), fc.boolean()), { maxLength: 3_000, size: "max" }),
      fc.integer({ min: 1, max: 100 }),
      (made, concurrency) => {
        const all = made.map(([name, id, leftOut], index) =>
          toObserve(`n${name}.test`, { ...account(id), key: `k${index}`, leftOut }),
        );
        const batches = lanesOf(all, concurrency).flat();
        expect(
          batches
            .flat()
            .map(({ key }) => key)
            .toSorted(),
        ).toEqual(all.map(({ key }) => key).toSorted());
        expect(batches.every(({ length }) => length > 0 && length <= 500)).toBe(true);
      },
    ),
    { numRuns: 20 },
  );
});
