import { expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";
import { random } from "./mutate.ts";

/** `npm run fuzz` goes on for as long as one likes. */
it("survives 20,000 mutated transcripts", () => {
  const { reached } = fuzz(20_000, 1);
  // If the mutations broke everything at once, nothing would have been tested.
  expect(reached.hello).toBeGreaterThan(10_000);
  expect(reached.certificates).toBeGreaterThan(5_000);
  expect(reached.path).toBeGreaterThan(2_000);
  expect(reached.end).toBeGreaterThan(2_000);
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
