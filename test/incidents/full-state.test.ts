import { expect, test } from "vitest";
import { chainIncomplete, connectionRecord, report, use } from "../tell/records.ts";
import { newProcess } from "./deliver.ts";
import { accounts, largest, neighbour } from "./full-account.ts";
import { world } from "./simulation.ts";

// A state as large as there can be: what 30,000 findings of one account would have in it is more.

test("is written and read again, has what is open in the other account, and nothing is told twice by another process", async () => {
  const scene = world();
  const broken = connectionRecord("shop.example.com", {
    uses: [use("E1", { scope: neighbour })],
    verdict: "failing",
    findings: [chainIncomplete],
  });
  const records = largest(30_000);
  const run = (index: number, seen: readonly (typeof broken)[]) => {
    const at = Date.UTC(2026, 10, 28) + index * 15 * 60_000;
    const about = report(seen, { accounts, runId: `r${index}`, finishedAt: new Date(at).toISOString() });
    return scene.run({ report: about, at, memory: newProcess() });
  };
  const first = await run(0, [...records, broken]);
  expect(first.failures).toEqual([]);
  expect(scene.published.map(({ event, opened }) => [event, opened.length])).toEqual([
    ["digest", 30_000],
    ["opened", 1],
  ]);
  const { incidents = [] } = scene.state() ?? {};
  expect(incidents).toHaveLength(30_001);
  // There is no room for all details.
  expect(incidents[0]).toMatchObject({ distributions: [expect.any(String)], distributionCount: 50 });
  const second = await run(1, [...records, connectionRecord("shop.example.com", { uses: broken.uses })]);
  expect(second.failures).toEqual([]);
  expect(scene.published.slice(2)).toMatchObject([
    { event: "resolved", ended: ["chain-incomplete shop.example.com:443"] },
  ]);
});
