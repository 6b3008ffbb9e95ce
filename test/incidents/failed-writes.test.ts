import { describe, expect, test } from "vitest";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import { connectionRecord, finding, report } from "../tell/records.ts";
import { Crash, type Fault, lastWords, world } from "./simulation.ts";

const quarter = 15 * 60_000;
const id = "chain-incomplete a.example.com:443";
const records = {
  failing: connectionRecord("a.example.com", { verdict: "failing", findings: [finding("chain-incomplete")] }),
  healthy: connectionRecord("a.example.com"),
};

/** A run: what it sees, what its calls to S3 and SNS meet, and whether its process is new. */
type Scene = {
  readonly sees: keyof typeof records;
  readonly faults?: readonly Fault[];
  readonly cold?: boolean;
  /** Another process than the usual one, which goes on afterwards. */
  readonly other?: boolean;
};

async function play(scenes: readonly Scene[]) {
  const scene = world();
  let memory: ProcessMemory = { holder: "p0", unsaved: null };
  let at = Date.UTC(2026, 10, 27);
  for (const [index, { sees, faults = [], cold = false, other = false }] of scenes.entries()) {
    at += quarter;
    if (cold) memory = { holder: `p${index}`, unsaved: null };
    const about = report([records[sees]], { runId: `r${index}`, finishedAt: new Date(at).toISOString() });
    try {
      const own = other ? { holder: `o${index}`, unsaved: null } : memory;
      await scene.run({ report: about, at, memory: own, faults });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      memory = { holder: `p${index}'`, unsaved: null };
    }
  }
  return scene;
}

/** What S3 does not take in one run: its calls are a read and then writes, or only reads where that fails already. */
const putFails: readonly Fault[] = ["none", "fail"];

describe("a write that failed", () => {
  test("is made good by the next healthy run, so that a new process knows what was told", async () => {
    const scene = await play([
      { sees: "failing" },
      { sees: "healthy", faults: putFails },
      { sees: "healthy" },
      { sees: "healthy", cold: true },
      { sees: "failing" },
    ]);
    expect(scene.published.map(({ event }) => event)).toEqual(["opened", "resolved", "opened"]);
  });

  test("of an end leaves nobody believing what nobody knows in a new process", async () => {
    const scene = await play([
      { sees: "failing" },
      { sees: "healthy", faults: putFails },
      { sees: "failing", cold: true },
    ]);
    expect(lastWords(scene.published)).toEqual(new Map([[id, "open"]]));
  });

  test("is worth nothing once another process has written: what that one ended comes back as news", async () => {
    for (const second of [putFails, ["fail", "fail"] as const]) {
      const scene = await play([
        { sees: "failing" },
        { sees: "healthy", faults: second },
        { sees: "healthy", other: true },
        { sees: "failing" },
      ]);
      expect(scene.published.map(({ event }) => event)).toEqual(["opened", "resolved", "opened"]);
    }
  });

  test("is made good by a run that has nothing to tell, so that a new process does not tell it again", async () => {
    const scene = await play([
      { sees: "failing", faults: putFails },
      { sees: "failing" },
      { sees: "failing", cold: true },
    ]);
    // What cannot be recorded is told as one message about everything.
    expect(scene.published.map(({ event, opened }) => [event, opened])).toEqual([["digest", [id]]]);
    expect(scene.state()).toMatchObject({ incidents: [{ code: "chain-incomplete", tellings: 1 }], outbox: [] });
  });

  const ends: readonly (readonly Fault[])[] = [
    [],
    putFails,
    ["fail"],
    ["none", "crash-before"],
    ["none", "crash-after"],
  ];
  const later: readonly (readonly Fault[])[] = [...ends, ["none", "none", "fail"], ["none", "none", "crash-after"]];
  const sights = ["failing", "healthy"] as const;
  const firsts = later.map((faults): Scene => ({ sees: "failing", faults }));
  const seconds = sights.flatMap((sees) => later.map((faults): Scene => ({ sees, faults })));
  const thirds = sights.flatMap((sees) =>
    ends.flatMap((faults) => [true, false].map((cold): Scene => ({ sees, faults, cold }))),
  );
  const orders = firsts.flatMap((first) => seconds.flatMap((second) => thirds.map((third) => [first, second, third])));

  test("in any order of crash, cold start and failure: who fails in the end was last told as failing", async () => {
    expect(orders.length).toBeGreaterThan(1_000);
    for (const scenes of orders) {
      for (const cold of [false, true]) {
        const settled = Array.from(
          { length: 3 },
          (_, index): Scene => ({ sees: "failing", cold: cold && index === 0 }),
        );
        const scene = await play([...scenes, ...settled]);
        const story = JSON.stringify([scenes, cold, scene.published.map(({ event }) => event)]);
        expect([story, lastWords(scene.published).get(id)]).toEqual([story, "open"]);
        expect([story, scene.violations]).toEqual([story, []]);
      }
    }
  });

  test("in any order of failures in one process: who is well in the end was last told as well, if at all", async () => {
    const isWarm = ({ faults = [], cold }: Scene) =>
      cold !== true && !faults.some((fault) => fault.startsWith("crash"));
    const warm = orders.filter((scenes) => scenes.every(isWarm));
    expect(warm.length).toBeGreaterThan(100);
    for (const scenes of warm) {
      // What came back must stay away for up to a day before it is over.
      const settled = Array.from({ length: 100 }, (): Scene => ({ sees: "healthy" }));
      const scene = await play([...scenes, ...settled]);
      const story = JSON.stringify([scenes, scene.published.map(({ event }) => event)]);
      expect([story, lastWords(scene.published).get(id) ?? "ended"]).toEqual([story, "ended"]);
      expect([story, scene.violations]).toEqual([story, []]);
    }
  });
});
