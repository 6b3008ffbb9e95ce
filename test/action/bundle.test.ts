import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundleAction } from "../../bin/action/bundle-action.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "action");

it("is what the sources make: otherwise run `npm run build:action`", async () => {
  const made = await bundleAction();
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(made).toSorted());
  for (const [name, text] of Object.entries(made)) {
    // Not toBe: the difference of two such files helps nobody.
    expect([name, readFileSync(join(folder, name), "utf8") === text]).toEqual([name, true]);
  }
});

it("is small, and tells nothing of the machine that it was made on", () => {
  expect(statSync(join(folder, "index.js")).size).toBeLessThan(1_500_000);
  expect(readFileSync(join(folder, "index.js"), "utf8")).not.toContain(root);
});
