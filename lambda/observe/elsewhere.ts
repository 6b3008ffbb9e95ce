import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { type Observation, unobserved, type Vantage } from "../probe/observation.ts";
import { printable } from "../text/printable.ts";
import { readBatchAnswer } from "./batch-answer.ts";
import { type BatchEvent, batchSchemaVersion, canBeSent } from "./batch-event.ts";
import { type Lane, lanesOf } from "./batches.ts";
import { type Channel, channel, type InTurn, oneAtATime } from "./channel.ts";
import type { ConnectionToObserve, Observed, Observer, VantageFailure, VantageFailureKind } from "./observer.ts";

/** What became of invoking a worker; every outcome is a value. */
export type WorkerReply =
  | { readonly kind: "answered"; readonly text: string }
  /** `final`: another try now would end in the same way, as where there is no such function. */
  | { readonly kind: "failed"; readonly why: string; readonly final: boolean };

/** Hands an event to a worker and waits for its answer, until the signal. Never rejects. */
export type InvokeWorker = (event: string, signal: AbortSignal) => Promise<WorkerReply>;

export type Elsewhere = {
  readonly vantage: Vantage;
  readonly invoke: InvokeWorker;
  readonly runId: string;
  /** How many batches are under way there at once. */
  readonly concurrency: number;
  /** Milliseconds since the epoch, after which nothing is begun: when the signal comes. */
  readonly deadline: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** From 0 to 1, for the wait before another try. */
  readonly random: () => number;
};

/** The longest that a batch may take in a worker: lib/worker-function.ts gives it more. */
export const longestBatchMs = 90_000;
/** After that the worker answers with what it has, and this is for the answer to arrive. */
export const answerGraceMs = 5_000;
/** With less nothing is begun: a handshake may need as much. */
const leastBatchMs = 5_000;
/** Before another try; what failed together should not come back together. */
const longestPauseMs = 3_000;

/**
 * Observes through workers elsewhere, batch by batch. A batch that is lost, late, refused or answered wrongly is tried
 * once more, and so is what a worker had no time for, unless others wait for their first try; what is still missing then
 * was not observed from there, which is no fault of any origin.
 */
export function observerElsewhere(elsewhere: Elsewhere): Observer {
  const losses = new Map<VantageFailureKind, { connections: number; readonly why: string }>();
  let asked = 0;
  return {
    vantages: [elsewhere.vantage],
    observe(batch, signal) {
      losses.clear();
      asked = batch.length;
      const results = channel<Observed>();
      const lost = ({ kind, why }: Loss, connections: number) => {
        const known = losses.get(kind);
        if (known === undefined) losses.set(kind, { connections, why });
        else known.connections += connections;
      };
      observeAll(workOf(batch, elsewhere.concurrency), signal, elsewhere, { results, lost, inTurn: oneAtATime() }).then(
        () => results.end(),
        (error: unknown) => results.end({ error }),
      );
      return results;
    },
    failures: () => failureOf(elsewhere.vantage, losses, asked),
  };
}

function failureOf(
  vantage: Vantage,
  losses: ReadonlyMap<VantageFailureKind, { readonly connections: number; readonly why: string }>,
  of: number,
): readonly VantageFailure[] {
  const [worst] = [...losses].toSorted(([, a], [, b]) => b.connections - a.connections);
  if (worst === undefined) return [];
  const [kind, { why }] = worst;
  const connections = [...losses.values()].reduce((sum, loss) => sum + loss.connections, 0);
  return [{ vantage, connections, of, kind, why: printable(why, 300) }];
}

/** Why something was not observed. */
type Loss = { readonly kind: VantageFailureKind; readonly why: string };

type Outlet = {
  readonly results: Channel<Observed>;
  /**
   * Answers are read one after the other, each when what was in the one before it has been taken: until then it is a text,
   * and takes a fraction of what is made of it.
   */
  readonly inTurn: InTurn;
  readonly lost: (loss: Loss, connections: number) => void;
};

type Work = {
  /** Taken from its end; what is under way and what is done is not in it any more. */
  readonly lanes: Lane[];
  /** The keys of what no worker would take. */
  readonly unsendable: readonly string[];
};

/** Nobody else holds the connections of a batch meanwhile, so that those that are done take no memory. */
function workOf(batch: readonly ConnectionToObserve[], concurrency: number): Work {
  const sorted = Map.groupBy(batch, canBeSent);
  const unsendable = (sorted.get(false) ?? []).map(({ key }) => key);
  return { lanes: lanesOf(sorted.get(true) ?? [], concurrency).toReversed(), unsendable };
}

async function observeAll(
  { lanes, unsendable }: Work,
  signal: AbortSignal,
  elsewhere: Elsewhere,
  outlet: Outlet,
): Promise<void> {
  if (unsendable.length > 0) {
    const observation = unobserved({ bug: "it cannot be put into a batch" });
    await outlet.results.push(unsendable.map((key) => ({ key, vantage: elsewhere.vantage, observation })));
  }
  let next = 0;
  /** Why nothing more is tried there. */
  let over: Loss | null = null;
  const follow = async () => {
    for (let lane = lanes.pop(); lane !== undefined; lane = lanes.pop()) {
      const index = next++;
      for (const [step, connections] of lane.entries()) {
        const task: Task = { name: `${index}-${step}`, connections, over, signal, othersWait: () => lanes.length > 0 };
        over = (await observeBatch(task, elsewhere, outlet)) ?? over;
      }
    }
  };
  await Promise.all(Array.from({ length: elsewhere.concurrency }, follow));
}

type Task = {
  readonly name: string;
  readonly connections: readonly ConnectionToObserve[];
  readonly over: Loss | null;
  readonly signal: AbortSignal;
  /** Whether there are batches that nobody has begun. */
  readonly othersWait: () => boolean;
};

/** Observes a batch, and if need be tries once more. Returns why nothing more is to be tried there, null otherwise. */
async function observeBatch(task: Task, elsewhere: Elsewhere, { results, lost, inTurn }: Outlet): Promise<Loss | null> {
  const { vantage } = elsewhere;
  let open = task.connections;
  let over = task.over;
  let loss: Loss = over ?? noTime;
  /** What was seen of those for which a worker had too little time; some of their addresses may have been. */
  const partly = new Map<string, Observation>();
  for (let tries = 0; tries < 2 && over === null && open.length > 0; tries += 1) {
    if (tries > 0 && partly.size === open.length && task.othersWait()) break;
    if (tries > 0) await pause(elsewhere, task.signal);
    const limitMs = timeFor(elsewhere, tries);
    if (limitMs === null || task.signal.aborted) break;
    const answer = await call({ ...task, connections: open }, limitMs, elsewhere);
    await inTurn(async () => {
      const seen = read(answer, vantage);
      if (seen.kind === "lost") {
        loss = seen.loss;
        if (seen.final) over = loss;
        return;
      }
      const whole = seen.observations.filter(({ observation }) => !hadNoTime(observation));
      for (const { key, observation } of seen.observations) partly.set(key, observation);
      for (const { key } of whole) partly.delete(key);
      const keys = new Set(whole.map(({ key }) => key));
      open = open.filter(({ key }) => !keys.has(key));
      loss = partly.size < open.length ? noRoom : { kind: "no-answer", why: "the worker had too little time" };
      await results.push(whole.map((each) => ({ ...each, vantage })));
    });
  }
  if (open.length > 0) {
    lost(loss, open.length);
    await results.push(
      open.map(({ key }) => ({ key, vantage, observation: partly.get(key) ?? unobserved("deadline") })),
    );
  }
  return over;
}

/** Whether the worker stopped before it had looked at all of it. */
function hadNoTime({ dns, addresses }: Observation): boolean {
  const isLate = (of: Observation["dns"] | Observation["addresses"][number]["outcome"]) =>
    of.kind === "not-tried" && of.reason === "deadline";
  return isLate(dns) || addresses.some(({ outcome }) => isLate(outcome));
}

const noRoom: Loss = { kind: "no-answer", why: "what was seen is too much for an answer" };
const noTime: Loss = { kind: "no-answer", why: "time ran out" };

/** A first try leaves time for a second. Null where there is too little for one. */
function timeFor({ deadline, clock }: Elsewhere, tries: number): number | null {
  const left = deadline - answerGraceMs - clock();
  const limit = Math.min(longestBatchMs, tries === 0 ? Math.max(left / 2, leastBatchMs) : left);
  return left < leastBatchMs ? null : Math.round(limit);
}

async function pause({ random, deadline, clock }: Elsewhere, signal: AbortSignal): Promise<void> {
  const ms = Math.min(random() * longestPauseMs, Math.max(0, deadline - answerGraceMs - leastBatchMs - clock()));
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

type Seen =
  | { readonly kind: "seen"; readonly observations: readonly Omit<Observed, "vantage">[] }
  | { readonly kind: "lost"; readonly loss: Loss; readonly final: boolean };

type Answer = { readonly event: BatchEvent; readonly reply: WorkerReply };

async function call(
  { name, connections, signal }: Task,
  limitMs: number,
  { invoke, runId, clock }: Elsewhere,
): Promise<Answer> {
  const event: BatchEvent = {
    schemaVersion: batchSchemaVersion,
    runId,
    batch: name,
    nonce: randomUUID(),
    deadline: clock() + limitMs,
    connections,
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs + answerGraceMs)]);
  return { event, reply: await invoke(JSON.stringify(event), limit) };
}

function read({ event, reply }: Answer, vantage: Vantage): Seen {
  if (reply.kind === "failed") {
    return { kind: "lost", loss: { kind: "not-invoked", why: reply.why }, final: reply.final };
  }
  const reading = readBatchAnswer(reply.text, event, vantage);
  switch (reading.kind) {
    case "observed":
      return { kind: "seen", observations: reading.observations };
    case "other-release":
      return { kind: "lost", loss: { kind: "other-release", why: "its worker is of another release" }, final: true };
    case "unusable":
      return {
        kind: "lost",
        loss: { kind: "no-answer", why: `its answer cannot be used: ${reading.why}` },
        final: false,
      };
  }
}
