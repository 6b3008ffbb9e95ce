import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identity } from "../../lambda/report/identity.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { arbitraryScript, type ReportScript, reportOf } from "./arbitrary-reports.ts";
import { newProcess } from "./deliver.ts";
import type { Run } from "./history.ts";
import { keptHistories } from "./kept-histories.ts";
import { Crash, type Fault, lastWords, type Told, type World, world } from "./simulation.ts";

const forward = [60_000, 15 * 60_000, 15 * 60_000, hourMs, 13 * hourMs, 25 * hourMs, 8 * dayMs];
/** Now and then a clock is set back. */
const gaps = fc.constantFrom(...forward, ...forward, ...forward, -hourMs, -30 * dayMs);

function histories(...faults: readonly Fault[]): fc.Arbitrary<readonly Run[]> {
  const weighted = fc.oneof({ weight: 4, arbitrary: fc.constant<Fault>("none") }, fc.constantFrom(...faults));
  const run = fc.record({
    report: arbitraryScript,
    gap: gaps,
    faults: fc.array(weighted, { maxLength: 10 }),
    cold: fc.boolean(),
  });
  return fc.array(run, { minLength: 1, maxLength: 8 });
}

/** Plays a history, then lets every lease run out and repeats the last report undisturbed until all is told. */
async function played(history: readonly Run[], turn?: (label: string) => Promise<unknown>) {
  const scene = world();
  let at = Date.UTC(2026, 0, 1);
  let count = 0;
  let memory = newProcess("p0");
  const run = async (report: ReportScript, gap: number, faults: readonly Fault[], cold: boolean) => {
    at += gap;
    count += 1;
    if (cold) memory = newProcess(`p${count}`);
    const dated = { ...reportOf(report), runId: `r${count}`, finishedAt: new Date(at).toISOString() };
    try {
      return await scene.run({ report: dated, at, memory, faults, ...(turn && { turn }) });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      memory = newProcess(`p${count}'`);
      return null;
    }
  };
  for (const { report, gap, faults, cold } of history) await run(report, gap, faults, cold);
  const last = history.at(-1)?.report ?? { origins: [], problems: [] };
  const again = (gap: number) => run(last, gap, [], true);
  for (let n = 0; n < 3; n += 1) await again(15 * 60_000);
  return { scene, again, now: () => at };
}

/** The messages without their copies. */
function distinct(scene: World): readonly Told[] {
  return [...new Map(scene.published.map((told) => [told.id, told])).values()];
}

/** The order in which an incident's story must be told: opened, then worse or reminded, then ended, then anew. */
function disorder(messages: readonly Told[]): readonly string[] {
  const open = new Set<string>();
  const perhaps = new Set<string>();
  const violations: string[] = [];
  for (const { id: message, opened, worsened, ended, reminded } of messages) {
    for (const id of [...worsened, ...ended, ...reminded]) {
      if (!open.has(id) && !perhaps.has(id)) violations.push(`${message} tells of ${id}, which nobody was told of`);
    }
    for (const id of opened) {
      if (open.has(id) && !perhaps.has(id)) violations.push(`${message} opens ${id}, which is open`);
      open.add(id);
    }
    for (const id of ended) {
      open.delete(id);
      // The end of an expired certificate is that of its expiring too, unless it is replaced by one that expires soon.
      if (id.startsWith("certificate-expired ")) perhaps.add(id.replace("-expired ", "-expiring "));
    }
  }
  return violations;
}

const examples = keptHistories.map((history): [readonly Run[]] => [history]);
const bounds = { numRuns: 400, examples };

describe("deliver, through any history", () => {
  test("with crashes, lost answers and conflicting writers: one copy at most for each crash or lost answer", async () => {
    await fc.assert(
      fc.asyncProperty(histories("crash-before", "crash-after", "lost", "conflict"), async (history) => {
        const { scene } = await played(history);
        expect(scene.violations).toEqual([]);
        expect(scene.published.length - distinct(scene).length).toBeLessThanOrEqual(scene.excuses());
        expect(scene.state()?.outbox ?? []).toEqual([]);
      }),
      bounds,
    );
  });

  test("in which the process dies at any moment: the story of each incident is told in order, with one copy a crash", async () => {
    await fc.assert(
      fc.asyncProperty(histories("crash-before", "crash-after"), async (history) => {
        const { scene } = await played(history);
        expect(scene.violations).toEqual([]);
        expect(disorder(distinct(scene))).toEqual([]);
        expect(scene.published.length - distinct(scene).length).toBeLessThanOrEqual(scene.excuses());
        const told = new Set(scene.published.flatMap(({ opened }) => opened));
        for (const incident of scene.state()?.incidents ?? []) {
          if (incident.tellings > 0) expect(told).toContain(identity(incident));
        }
      }),
      bounds,
    );
  });

  test("in which every call may fail: nothing that is open stays untold, and nothing is called over unseen", async () => {
    await fc.assert(
      fc.asyncProperty(histories("crash-before", "crash-after", "lost", "conflict", "fail"), async (history) => {
        const { scene } = await played(history);
        expect(scene.violations).toEqual([]);
        const told = new Set(scene.published.flatMap(({ opened }) => opened));
        const words = lastWords(scene.published);
        for (const incident of scene.state()?.incidents ?? []) {
          expect(incident.tellings).toBeGreaterThan(0);
          expect(told).toContain(identity(incident));
          // Whoever was told that it is over must have been told of its return.
          expect([identity(incident), words.get(identity(incident))]).toEqual([identity(incident), "open"]);
        }
        expect(scene.state()?.outbox ?? []).toEqual([]);
      }),
      bounds,
    );
  });

  test("and silent while nothing changes, until a reminder is due, which then comes on time", async () => {
    await fc.assert(
      fc.asyncProperty(histories("crash-before", "crash-after", "fail"), async (history) => {
        const { scene, again } = await played(history);
        // What came and went may still be on its way out for a day; then the same run has nothing more to say.
        for (let n = 0; n < 3; n += 1) await again(25 * hourMs);
        const [messages, writes] = [scene.published.length, scene.writes()];
        await again(60_000);
        await again(60_000);
        expect(scene.published.length).toBe(messages);
        expect(scene.writes()).toBe(writes);
        await again(24 * hourMs);
        const reminded = new Set(scene.published.slice(messages).flatMap((told) => told.reminded));
        const failing = (scene.state()?.incidents ?? []).filter(({ effect }) => effect !== "may");
        const covered = new Set(["certificate-expiring", "some-addresses-failing"]);
        for (const incident of failing.filter(({ code }) => !covered.has(code))) {
          expect(reminded).toContain(identity(incident));
        }
      }),
      { numRuns: 200, examples },
    );
  });

  test("with two runs at a time, of which only one sends", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(arbitraryScript, gaps), { minLength: 1, maxLength: 5 }),
        fc.scheduler(),
        async (history, scheduler) => {
          const scene = world();
          let at = Date.UTC(2026, 0, 1);
          for (const [index, [report, gap]] of history.entries()) {
            at += Math.max(gap, 10 * 60_000);
            const pair = ["a", "b"].map((name) =>
              scene.run({
                report: { ...reportOf(report), runId: `${index}${name}`, finishedAt: new Date(at).toISOString() },
                at,
                memory: newProcess(`${index}${name}`),
                turn: (label) => scheduler.schedule(Promise.resolve(), `${index}${name} ${label}`),
              }),
            );
            await scheduler.waitFor(Promise.all(pair));
          }
          expect(scene.violations).toEqual([]);
          expect(disorder(scene.published)).toEqual([]);
          expect(scene.published.length).toBe(distinct(scene).length);
          expect(scene.state()?.outbox ?? []).toEqual([]);
          expect(scene.state()?.lease ?? null).toBeNull();
        },
      ),
      { numRuns: 300 },
    );
  });
});
