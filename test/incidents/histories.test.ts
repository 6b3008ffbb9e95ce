import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import { identity } from "../../lambda/report/identity.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { arbitraryScript, type ReportScript, reportOf } from "./arbitrary-reports.ts";
import { Crash, type Fault, lastWords, type World, world } from "./simulation.ts";

/** `npm run histories` plays ten times as many. */
const numRuns = Number(process.env.HISTORIES ?? 2_000);

/** A run, or two of them at once, each with what its calls meet. */
type Turn = {
  readonly report: ReportScript;
  readonly gap: number;
  readonly faults: readonly Fault[];
  readonly cold: boolean;
  readonly speechless: boolean;
  /** What the calls of another run meet that begins at the same time, null where there is none. */
  readonly beside: readonly Fault[] | null;
};

const fault = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fault>("none") },
  fc.constantFrom<Fault>("crash-before", "crash-after", "fail", "lost", "conflict"),
);
const faults = fc.array(fault, { maxLength: 8 });
const turns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record({
    report: arbitraryScript,
    gap: fc.constantFrom(15 * 60_000, 15 * 60_000, 15 * 60_000, hourMs, 13 * hourMs, 25 * hourMs, 8 * dayMs),
    faults,
    cold: fc.boolean(),
    speechless: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)),
    beside: fc.option(faults, { freq: 5 }),
  }),
  { minLength: 1, maxLength: 8 },
);

test(`${numRuns} histories of every fault: nothing lost, no false recovery, no copy that no fault explains`, async () => {
  await fc.assert(
    fc.asyncProperty(turns, fc.scheduler(), async (history, scheduler) => {
      const scene = world();
      let at = Date.UTC(2026, 0, 1);
      let count = 0;
      let memory: ProcessMemory = { holder: "p0", unsaved: null };
      const begin = async (turn: Omit<Turn, "gap" | "beside">, own: ProcessMemory, name: string, atOnce: boolean) => {
        const dated = { ...reportOf(turn.report), runId: name, finishedAt: new Date(at).toISOString() };
        const schedule = (label: string) => scheduler.schedule(Promise.resolve(), `${name} ${label}`);
        const { faults: struck, speechless } = turn;
        const options = { report: dated, at, memory: own, faults: struck, speechless };
        try {
          await scene.run({ ...options, ...(atOnce && { turn: schedule }) });
          return own;
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          return { holder: `${name}'`, unsaved: null };
        }
      };
      for (const { gap, beside, ...turn } of history) {
        at += gap;
        count += 1;
        if (turn.cold) memory = { holder: `p${count}`, unsaved: null };
        const first = begin(turn, memory, `r${count}`, beside !== null);
        if (beside === null) memory = await first;
        else {
          const second = begin({ ...turn, faults: beside }, { holder: `q${count}`, unsaved: null }, `s${count}`, true);
          [memory] = await scheduler.waitFor(Promise.all([first, second]));
        }
      }
      // Undisturbed until every lease is over and all is told, in processes that know nothing.
      const quiet = { report: history.at(-1)?.report ?? { origins: [], problems: [] }, faults: [], speechless: false };
      for (let n = 1; n <= 3; n += 1) {
        at += 15 * 60_000;
        await begin({ ...quiet, cold: true }, { holder: `z${n}`, unsaved: null }, `z${n}`, false);
      }
      expect(scene.violations).toEqual([]);
      expect(scene.state()?.outbox ?? []).toEqual([]);
      const words = lastWords(scene.published);
      for (const incident of scene.state()?.incidents ?? []) {
        expect(incident.tellings).toBeGreaterThan(0);
        expect([identity(incident), words.get(identity(incident))]).toEqual([identity(incident), "open"]);
      }
      expect(mostRepeated(scene)).toBeLessThanOrEqual(scene.struck());
    }),
    { numRuns },
  );
});

/**
 * How often the most repeated incident was told as new while people knew of it, or the most repeated message came again.
 * What one fault kept from being recorded as one message may come again as one for each origin, so it is counted by
 * incident.
 */
function mostRepeated({ published }: World): number {
  const copies = new Map<string, number>();
  const open = new Set<string>();
  const known = new Set<string>();
  for (const { id, opened, ended, covered } of published) {
    const again = opened.filter((each) => open.has(each));
    for (const each of [...again, ...(known.has(id) ? [id] : [])]) copies.set(each, (copies.get(each) ?? 0) + 1);
    known.add(id);
    for (const each of opened) open.add(each);
    for (const each of [...ended, ...covered]) open.delete(each);
  }
  return Math.max(0, ...copies.values());
}
