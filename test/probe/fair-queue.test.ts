import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Admitted, type FairQueue, fairQueue, type Terms } from "../../lambda/probe/fair-queue.ts";

type Job = { readonly name: string; readonly terms: Terms; readonly lasts: number };

function job(name: string, terms: Partial<Terms> = {}, lasts = 1): Job {
  return { name, terms: { share: [], needs: [], turn: "in-order", ...terms }, lasts };
}

function jobs(count: number, name: string, terms: Partial<Terms> = {}, lasts = 1): Job[] {
  return Array.from({ length: count }, (_, index) => job(`${name}${index}`, terms, lasts));
}

function queueOf(places: number, all: readonly Job[]): FairQueue<Job> {
  const queue = fairQueue<Job>(places);
  for (const each of all) queue.add(each, each.terms);
  return queue;
}

function admitAll(queue: FairQueue<Job>): Admitted<Job>[] {
  const admitted: Admitted<Job>[] = [];
  for (let next = queue.next(); next !== null; next = queue.next()) admitted.push(next);
  return admitted;
}

type Went = { readonly job: Job; readonly at: number; readonly until: number };

/** Lets everything through on a clock of its own, and says when each was under way. */
function simulate(places: number, all: readonly Job[], until = Number.POSITIVE_INFINITY): Went[] {
  const queue = queueOf(places, all);
  const went: Went[] = [];
  let underWay: { readonly admitted: Admitted<Job>; readonly ends: number }[] = [];
  for (let now = 0; now <= until; ) {
    for (const admitted of admitAll(queue)) {
      went.push({ job: admitted.item, at: now, until: now + admitted.item.lasts });
      underWay.push({ admitted, ends: now + admitted.item.lasts });
    }
    if (underWay.length === 0) break;
    now = Math.min(...underWay.map(({ ends }) => ends));
    const isOver = ({ ends }: { readonly ends: number }) => ends <= now;
    const over = underWay.filter(isOver);
    underWay = underWay.filter((each) => !isOver(each));
    for (const { admitted } of over) admitted.leave();
  }
  return went;
}

const forEver = Number.MAX_SAFE_INTEGER;

describe("whatever is asked for", () => {
  const need = (kind: string, most: number) => fc.nat(3).map((index) => ({ key: `${kind}${index}`, most }));
  const anyJob = fc.record({
    name: fc.string(),
    terms: fc.record({
      share: fc.tuple(fc.nat(2), fc.nat(3)).map((path) => path.map(String)),
      needs: fc.tuple(need("address", 2), need("name", 3)),
      turn: fc.constantFrom("first", "in-order", "last"),
    }) satisfies fc.Arbitrary<Terms>,
    lasts: fc.integer({ min: 1, max: 9 }),
  });

  it("goes once, and within every bound", () => {
    fc.assert(
      fc.property(fc.array(anyJob, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (all, places) => {
        const went = simulate(places, all);
        expect(went.map((each) => each.job).toSorted(byIndexIn(all))).toEqual(all);
        for (const { at } of went) {
          const then = went.filter((each) => each.at <= at && at < each.until);
          expect(then.length).toBeLessThanOrEqual(places);
          const uses = Map.groupBy(
            then.flatMap(({ job: { terms } }) => terms.needs),
            ({ key }) => key,
          );
          for (const used of uses.values()) expect(used.length).toBeLessThanOrEqual(used[0]!.most);
        }
      }),
    );
  });

  it("never stands still: with nobody under way somebody goes", () => {
    fc.assert(
      fc.property(fc.array(anyJob, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (all, places) => {
        expect(queueOf(places, all).next()).not.toBeNull();
      }),
    );
  });

  it("comes out again when it is cleared, but for what is under way", () => {
    fc.assert(
      fc.property(fc.array(anyJob, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (all, places) => {
        const queue = queueOf(places, all);
        const gone = admitAll(queue).map(({ item }) => item);
        expect([...gone, ...queue.clear()].toSorted(byIndexIn(all))).toEqual(all);
        expect([queue.next(), queue.clear()]).toEqual([null, []]);
      }),
    );
  });
});

function byIndexIn(all: readonly Job[]): (a: Job, b: Job) => number {
  return (a, b) => all.indexOf(a) - all.indexOf(b);
}

describe("shares", () => {
  it.each([1, 10, 70])("of %i hogs that never leave cost others nothing", (count) => {
    const hogs = Array.from({ length: count }, (_, index) =>
      jobs(1_000, "hog", { share: [`hog${index}`] }, forEver),
    ).flat();
    const others = jobs(500, "other", { share: ["other"] });
    const went = simulate(100, [...hogs, ...others], 600);
    expect(went.filter(({ job: { name } }) => name.startsWith("other"))).toHaveLength(500);
  });

  it("take turns, however many wait in one of them", () => {
    const queue = queueOf(7, [...jobs(9, "a", { share: ["a"] }), ...jobs(9, "b", { share: ["b"] })]);
    expect(admitAll(queue).map(({ item }) => item.name)).toEqual(["a0", "b0", "a1", "b1", "a2"]);
  });

  it("leave a place to whoever comes", () => {
    const queue = queueOf(10, jobs(50, "hog", { share: ["hog"] }, forEver));
    queue.add(job("early"), { share: ["early"], needs: [], turn: "in-order" });
    expect(admitAll(queue).length).toBeLessThan(10);
    queue.add(job("late"), { share: ["late"], needs: [], turn: "in-order" });
    expect(queue.next()?.item.name).toBe("late");
  });

  it("get everything where there is one only", () => {
    expect(admitAll(queueOf(10, jobs(50, "all", { share: ["one", "only"] })))).toHaveLength(10);
  });

  it("are even at each level: accounts first, whatever they have in them", () => {
    const many = Array.from({ length: 20 }, (_, index) => jobs(20, "many", { share: ["a", `d${index}`] }, forEver));
    const queue = queueOf(30, [...many.flat(), ...jobs(20, "one", { share: ["b", "d"] }, forEver)]);
    const byAccount = Map.groupBy(admitAll(queue), ({ item }) => item.terms.share[0]);
    expect([...byAccount].map(([name, each]) => [name, each.length])).toEqual([
      ["a", 10],
      ["b", 10],
    ]);
  });
});

describe("needs", () => {
  const victim = { key: "victim", most: 4 };

  it("are shared evenly too: many names of one share at an address do not hold up another's", () => {
    const hog = jobs(1_000, "hog", { share: ["hog"], needs: [victim] }, 10);
    const went = simulate(100, [...hog, job("neighbour", { share: ["neighbour"], needs: [victim] })], 1_000);
    expect(went.find(({ job: { name } }) => name === "neighbour")?.at).toBe(0);
    const later = simulate(100, [...hog, ...jobs(50, "neighbour", { share: ["neighbour"], needs: [victim] }, 10)]);
    // Two of four are its own at any time.
    const last = later.findLast(({ job: { name } }) => name.startsWith("neighbour"));
    expect(last?.at).toBeLessThanOrEqual((50 / 2) * 10);
  });

  it("hold up nobody who does not have them, of the same share neither", () => {
    const stuck = jobs(100, "stuck", { needs: [victim] }, forEver);
    const went = simulate(10, [...stuck, ...jobs(100, "free", { needs: [{ key: "other", most: 4 }] })], 100);
    expect(went.filter(({ job: { name } }) => name.startsWith("free"))).toHaveLength(100);
  });

  it("let the next one go when one leaves", () => {
    const queue = queueOf(10, jobs(6, "a", { needs: [victim] }));
    const gone = admitAll(queue);
    expect(gone).toHaveLength(4);
    gone[0]?.leave();
    expect(admitAll(queue).map(({ item }) => item.name)).toEqual(["a4"]);
  });
});

describe("turns", () => {
  it("come one after the other", () => {
    const all = [
      ...jobs(2, "last", { turn: "last" }),
      ...jobs(2, "in-order"),
      ...jobs(2, "first", { turn: "first", share: ["other"] }),
    ];
    expect(simulate(1, all).map(({ job: { name } }) => name)).toEqual([
      "first0",
      "first1",
      "in-order0",
      "in-order1",
      "last0",
      "last1",
    ]);
  });

  it("leave places to those who come, where they are the last", () => {
    const queue = queueOf(10, jobs(50, "last", { turn: "last" }, forEver));
    expect(admitAll(queue)).toHaveLength(5);
    queue.add(job("late"), job("late").terms);
    expect(queue.next()?.item.name).toBe("late");
  });
});

describe("a limit", () => {
  it("lets fewer in from then on", () => {
    const queue = queueOf(4, jobs(9, "a"));
    const gone = admitAll(queue);
    queue.limit(2);
    for (const each of gone.slice(0, 3)) each.leave();
    expect([queue.held(), admitAll(queue).length, queue.held()]).toEqual([1, 1, 2]);
  });
});
