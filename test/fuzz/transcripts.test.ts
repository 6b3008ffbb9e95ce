import { expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";
import { random } from "./mutate.ts";

/** `npm run fuzz` goes on for as long as one likes. */
it("survives 5,000 mutated transcripts", () => {
  const { reached } = fuzz(5_000, 1);
  // If the mutations broke everything at once, nothing would have been tested.
  expect(reached.hello).toBeGreaterThan(2_500);
  expect(reached.certificates).toBeGreaterThan(1_250);
  expect(reached.path).toBeGreaterThan(500);
  expect(reached.end).toBeGreaterThan(500);
});

it("makes the same numbers of a seed everywhere", () => {
  const rng = random(12_345);
  expect(Array.from({ length: 5 }, () => rng.below(1_000))).toMatchInlineSnapshot(`
    [
      869,
      944,
      450,
      552,
      186,
    ]
  `);
});
