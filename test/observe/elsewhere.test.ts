import { describe, expect, it } from "vitest";
import { answerTo } from "../../lambda/observe/batch-answer.ts";
import type { BatchEvent } from "../../lambda/observe/batch-event.ts";
import {
  type Elsewhere,
  type InvokeWorker,
  observerElsewhere,
  type WorkerReply,
} from "../../lambda/observe/elsewhere.ts";
import type { ConnectionToObserve, Observed, Observer } from "../../lambda/observe/observer.ts";
import { observersTogether } from "../../lambda/observe/together.ts";
import { type AddressOutcome, type Observation, unobserved } from "../../lambda/probe/observation.ts";
import { nothingSeen, toObserve } from "./fixtures.ts";

const vantage = "eu-central-1";
const some = (count: number, changes = {}) =>
  Array.from({ length: count }, (_, index) => toObserve(`o${index}.test`, changes));

/** What a worker that works answers, with these changes. */
function answerOf(event: BatchEvent, changes: object = {}, from = vantage): WorkerReply {
  const collected = answerTo(event, from);
  for (const { key } of event.connections) collected.add(key, nothingSeen);
  return { kind: "answered", text: JSON.stringify({ ...collected.answer(), ...changes }) };
}

/** An observer whose worker answers what the script says, with the events that it got. */
function scripted(
  script: (event: BatchEvent, call: number, signal: AbortSignal) => WorkerReply | Promise<WorkerReply>,
  changes: Partial<Elsewhere> = {},
): { readonly observer: Observer; readonly events: readonly BatchEvent[] } {
  const events: BatchEvent[] = [];
  const invoke: InvokeWorker = async (text, signal) => {
    const event = JSON.parse(text) as BatchEvent;
    events.push(event);
    return script(event, events.length - 1, signal);
  };
  const observer = observerElsewhere({
    vantage,
    invoke,
    runId: "run-1",
    concurrency: 4,
    deadline: Date.now() + 600_000,
    clock: () => Date.now(),
    random: () => 0,
    ...changes,
  });
  return { observer, events };
}

async function observed(
  observer: Observer,
  batch: readonly ConnectionToObserve[],
  signal = new AbortController().signal,
) {
  const all: Observed[] = [];
  for await (const each of observer.observe(batch, signal)) all.push(each);
  const seen = all.filter(({ observation }) => observation.dns.kind !== "not-tried");
  expect(new Set(all.map((each) => `${each.key} ${each.vantage}`)).size).toBe(all.length);
  return { all, seen: seen.length, lost: all.length - seen.length, failures: observer.failures?.() };
}

describe("observing elsewhere", () => {
  it("hands out every connection once, and passes on what was seen", async () => {
    const { observer, events } = scripted((event) => answerOf(event));
    expect(await observed(observer, some(1_200))).toMatchObject({ seen: 1_200, lost: 0, failures: [] });
    expect(events.map(({ connections }) => connections.length)).toEqual([300, 300, 300, 300]);
    expect(new Set(events.map(({ batch }) => batch)).size).toBe(4);
    expect(new Set(events.map(({ nonce }) => nonce)).size).toBe(4);
    expect(events.every(({ runId, deadline }) => runId === "run-1" && deadline > Date.now())).toBe(true);
  });

  it.each<[string, (event: BatchEvent) => WorkerReply]>([
    ["lost", () => ({ kind: "failed", why: "the connection was reset", final: false })],
    ["throttled", () => ({ kind: "failed", why: "too many requests", final: false })],
    ["answered with nothing", () => ({ kind: "answered", text: "null" })],
    ["answered for another batch", (event) => answerOf(event, { batch: "7-0" })],
    ["answered for another run", (event) => answerOf(event, { runId: "run-0" })],
    ["answered with an older answer", (event) => answerOf(event, { nonce: "n-0" })],
    ["answered with 6 MB", () => ({ kind: "answered", text: "x".repeat(6 * 1024 * 1024) })],
  ])("tries a batch once more that is %s, and takes its connections for not seen after that", async (_, fault) => {
    const once = scripted((event, call) => (call === 0 ? fault(event) : answerOf(event)));
    expect(await observed(once.observer, some(300))).toMatchObject({ seen: 300, lost: 0, failures: [] });
    expect(once.events.map(({ connections }) => connections.length)).toEqual([300, 300]);

    // Of three batches the first never comes, and the others are as they were.
    const never = scripted((event) => (event.batch === "0-0" ? fault(event) : answerOf(event)));
    const { seen, lost, failures } = await observed(never.observer, some(750));
    expect([seen, lost]).toEqual([500, 250]);
    expect(failures).toEqual([
      { vantage, connections: 250, of: 750, kind: expect.any(String), why: expect.any(String) },
    ]);
    expect(never.events.filter(({ batch }) => batch === "0-0")).toHaveLength(2);
  });

  it("asks again for what an answer had no room for, and for nothing else", async () => {
    const { observer, events } = scripted((event, call) =>
      call === 0 ? answerOf({ ...event, connections: event.connections.slice(0, 10) }) : answerOf(event),
    );
    expect(await observed(observer, some(12))).toMatchObject({ seen: 12, lost: 0, failures: [] });
    expect(events.map(({ connections }) => connections.length)).toEqual([12, 2]);
  });

  /** As a worker answers at its deadline: of these it has seen nothing, or not everything. */
  const late = (event: BatchEvent, isLate: (key: string) => boolean, observation: Observation): WorkerReply => {
    const collected = answerTo(event, vantage);
    for (const { key } of event.connections) collected.add(key, isLate(key) ? observation : nothingSeen);
    return { kind: "answered", text: JSON.stringify(collected.answer()) };
  };

  it("asks again for what a worker had no time for, and keeps what it had seen of it by then", async () => {
    const once = scripted((event, call) =>
      call === 0 ? late(event, (key) => key.includes("o1.test"), unobserved("deadline")) : answerOf(event),
    );
    expect(await observed(once.observer, some(300))).toMatchObject({ seen: 300, lost: 0, failures: [] });
    expect(once.events.map(({ connections }) => connections.length)).toEqual([300, 1]);

    const outOfTime: AddressOutcome = { kind: "not-tried", reason: "deadline" };
    const half: Observation = {
      ...nothingSeen,
      dns: { kind: "answered", addresses: ["192.0.2.1", "192.0.2.2"] },
      addresses: [
        { address: "192.0.2.1", outcome: { kind: "connect-refused", attempts: 1 }, ms: 1 },
        { address: "192.0.2.2", outcome: outOfTime, ms: 0 },
      ],
    };
    const twice = scripted((event, call) =>
      call === 0 ? late(event, () => true, half) : { kind: "failed", why: "it is gone", final: false },
    );
    const { all, failures } = await observed(twice.observer, some(1));
    expect(all.map(({ observation }) => observation)).toEqual([half]);
    expect(failures).toMatchObject([{ connections: 1, of: 1, why: "it is gone" }]);
  });

  it("does not ask again for what a worker had no time for while others wait for their first try", async () => {
    const { observer, events } = scripted((event) => late(event, () => event.batch === "0-0", unobserved("deadline")), {
      concurrency: 1,
    });
    const { seen, lost, failures } = await observed(observer, some(1_500));
    expect([seen, lost]).toEqual([1_000, 500]);
    expect(failures).toMatchObject([{ connections: 500, of: 1_500, why: "the worker had too little time" }]);
    expect(events.map(({ batch }) => batch)).toEqual(["0-0", "1-0", "2-0"]);
  });

  it.each<[string, (event: BatchEvent) => WorkerReply, string]>([
    ["is of another release", (event) => answerOf(event, { schemaVersion: 2 }), "other-release"],
    ["does not exist", () => ({ kind: "failed", why: "there is no such function", final: true }), "not-invoked"],
  ])("asks a worker that %s once, and no more for other batches", async (_, fault, kind) => {
    const { observer, events } = scripted(fault, { concurrency: 1 });
    const { lost, failures } = await observed(observer, some(2_000));
    expect(lost).toBe(2_000);
    expect(failures).toMatchObject([{ kind, connections: 2_000, of: 2_000 }]);
    expect(events).toHaveLength(1);
  });

  it("ends with the run, whatever is still under way, and begins nothing that cannot end in time", async () => {
    const stop = new AbortController();
    const { observer } = scripted((_, __, signal) => {
      const gone = Promise.withResolvers<WorkerReply>();
      signal.addEventListener("abort", () =>
        gone.resolve({ kind: "failed", why: "it did not answer in time", final: false }),
      );
      stop.abort();
      return gone.promise;
    });
    expect(await observed(observer, some(900), stop.signal)).toMatchObject({ seen: 0, lost: 900 });

    const late = scripted((event) => answerOf(event), { deadline: Date.now() + 1_000 });
    expect(await observed(late.observer, some(10))).toMatchObject({ lost: 10, failures: [{ why: "time ran out" }] });
    expect(late.events).toEqual([]);
  });

  it("has no more batches under way than it may", async () => {
    let [now, most] = [0, 0];
    const { observer } = scripted(
      async (event) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise(setImmediate);
        now -= 1;
        return answerOf(event);
      },
      { concurrency: 3 },
    );
    expect(await observed(observer, some(5_000))).toMatchObject({ seen: 5_000 });
    expect(most).toBe(3);
  });

  it("reads an answer once what was in the one before it was taken", async () => {
    const reads: string[] = [];
    const { observer } = scripted((event) => {
      const reply = answerOf(event);
      if (reply.kind !== "answered") throw new Error("no answer");
      return {
        kind: "answered",
        get text() {
          reads.push(event.batch);
          return reply.text;
        },
      };
    });
    const batchesRead = new Set<number>();
    let taken = 0;
    for await (const _ of observer.observe(some(1_200), new AbortController().signal)) {
      // Whatever goes on meanwhile has its turn.
      if (taken++ % 100 === 0) await new Promise(setImmediate);
      batchesRead.add(new Set(reads).size - Math.floor((taken - 1) / 300));
    }
    expect(taken).toBe(1_200);
    expect([...batchesRead]).toEqual([1]);
  });

  it("says of a connection that no worker would take that the check failed, and costs the others nothing", async () => {
    const { observer, events } = scripted((event) => answerOf(event));
    const { all } = await observed(observer, [toObserve("a.test", { port: 25 }), toObserve("b.test")]);
    expect(all.map(({ observation }) => observation.dns)).toEqual([
      { kind: "not-tried", reason: { bug: "it cannot be put into a batch" } },
      { kind: "name-not-found" },
    ]);
    expect(events.map(({ connections }) => connections.length)).toEqual([1]);
  });
});

describe("several vantages", () => {
  const one = (name: string): Observer => ({
    vantages: [name],
    async *observe(batch) {
      for (const { key } of batch) yield { key, vantage: name, observation: nothingSeen };
    },
  });

  it("observe the same, each for itself, and one that fails holds up no other", async () => {
    const failing = scripted(() => ({ kind: "failed", why: "denied", final: true }));
    const all = observersTogether(one("us-east-1"), failing.observer, one("ap-northeast-1"));
    expect(all.vantages).toEqual(["us-east-1", vantage, "ap-northeast-1"]);
    const { seen, lost, failures } = await observed(all, some(3));
    expect([seen, lost]).toEqual([6, 3]);
    expect(failures).toMatchObject([{ vantage, kind: "not-invoked", why: "denied" }]);
  });

  it("pass on what came before a fault of ours, and then the fault", async () => {
    const broken: Observer = {
      vantages: ["broken"],
      observe: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("a bug")) }) }),
    };
    const all = observersTogether(one("us-east-1"), broken);
    const seen: Observed[] = [];
    const follow = async () => {
      for await (const each of all.observe(some(3), new AbortController().signal)) seen.push(each);
    };
    await expect(follow()).rejects.toThrow("a bug");
    expect(seen).toHaveLength(3);
  });

  it("is what one is where there is one", () => {
    const alone = one("here");
    expect(observersTogether(alone)).toBe(alone);
  });
});
