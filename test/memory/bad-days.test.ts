import { expect, test } from "vitest";
import { badDaysAfter } from "../../lambda/memory/bad-days.ts";
import { badDaysIn, emptyMemory } from "../../lambda/memory/memory.ts";
import { parseMemory, serializeMemory } from "../../lambda/memory/memory-format.ts";
import { remembered } from "../../lambda/memory/remember.ts";
import { originId } from "../../lambda/report/origins.ts";
import { chainIncomplete, connectionRecord, report } from "../tell/records.ts";

const failing = connectionRecord("a.example.com", { verdict: "failing", findings: [chainIncomplete] });
const atRisk = connectionRecord("a.example.com", { verdict: "at-risk" });
const healthy = connectionRecord("a.example.com");
const id = originId(failing.connection);

test("keeps the worst of each of seven days, and forgets an origin that was well on all of them", () => {
  const runs = [
    [[failing], "2026-11-20T10:00:00Z"],
    [[atRisk], "2026-11-20T11:00:00Z"],
    [[atRisk], "2026-11-21T10:00:00Z"],
    [[healthy], "2026-11-22T10:00:00Z"],
  ] as const;
  const after = (count: number) =>
    runs
      .slice(0, count)
      .reduce<ReturnType<typeof badDaysAfter>>((days, [records, at]) => badDaysAfter(records, days, at), {});
  expect(after(2)).toEqual({ [id]: { "2026-11-20": "failing" } });
  expect(after(4)).toEqual({ [id]: { "2026-11-20": "failing", "2026-11-21": "at-risk" } });
  const later = (at: string) => badDaysAfter([healthy], after(4), at);
  expect(later("2026-11-26T23:59:59Z")[id]).toEqual({ "2026-11-20": "failing", "2026-11-21": "at-risk" });
  expect(later("2026-11-27T00:00:00Z")[id]).toEqual({ "2026-11-21": "at-risk" });
  expect(later("2026-11-28T00:00:00Z")).toEqual({});
});

test("forgets an origin that nobody uses any more, and days of a clock that was ahead", () => {
  const days = { [id]: { "2026-11-20": "failing" }, "b.example.com:443": { "2026-11-20": "at-risk" } } as const;
  expect(badDaysAfter([healthy], days, "2026-11-21T10:00:00Z")).toEqual({ [id]: days[id] });
  expect(badDaysAfter([healthy], days, "2026-11-19T10:00:00Z")).toEqual({});
});

test("is in the memory of a run, takes no room there for what is well, and is read as it was written", () => {
  const sick = remembered(emptyMemory, report([failing], { finishedAt: "2026-11-20T10:00:00.000Z" }));
  const parsed = parseMemory(serializeMemory(sick));
  expect(parsed.kind === "memory" && badDaysIn(parsed.memory)).toEqual({ [id]: { "2026-11-20": "failing" } });
  const well = remembered(emptyMemory, report([healthy], { finishedAt: "2026-11-20T10:00:00.000Z" }));
  expect(serializeMemory(well)).not.toContain("badDays");
  const recovered = remembered(sick, report([healthy], { finishedAt: "2026-11-28T10:00:00.000Z" }));
  expect(serializeMemory(recovered)).not.toContain("badDays");
});
