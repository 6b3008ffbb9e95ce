import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import type { BatchAnswer } from "../../lambda/observe/batch-answer.ts";
import type { BatchEvent } from "../../lambda/observe/batch-event.ts";
import type { Observation } from "../../lambda/probe/observation.ts";
import type { BoxFunction, FunctionAnswer } from "./aws/lambda.ts";
import { customOrigin, distribution } from "./distributions.ts";

/** Distributions of 20 origins each, with a connection for each origin. */
export function fleetDistributions(
  origins: readonly { readonly name: string; readonly port: number }[],
  accountId: string,
): readonly DistributionSummary[] {
  return Array.from({ length: Math.ceil(origins.length / 20) }, (_, index) => {
    const own = origins.slice(index * 20, index * 20 + 20);
    return distribution(
      {
        id: `E1FLEET${index}`,
        comment: "",
        origins: own.map(({ name, port }) => ({ ...customOrigin(name, port), ConnectionAttempts: 3 })),
        defaultBehavior: { target: own[0]?.name ?? "" },
        behaviors: own.slice(1).map(({ name }) => ({ pathPattern: `/${name}`, target: name })),
      },
      accountId,
    );
  });
}

/** Workers of which some fail, and what the hub asked them for. */
export type FaultyWorkers = {
  readonly invoke: BoxFunction;
  /** The keys of every connection that was asked for, with how often a worker looked at it to the end. */
  readonly observed: ReadonlyMap<string, number>;
  /** How often each was asked for: once more where a try had no answer that counts. */
  readonly asked: ReadonlyMap<string, number>;
  /** The keys of those whose batch can have no answer that counts: the one that fails, and the one that gets another's. */
  readonly lost: ReadonlySet<string>;
  /** How many batches there were, whatever became of them; a second try is one of its own. */
  readonly calls: () => number;
  /** How many batches met each fault. */
  readonly met: Readonly<Record<BatchFault, number>>;
  /** Lets those go that are late: to be called once the hub waits for nobody any more. */
  readonly release: () => void;
};

export type BatchFault = "fails" | "late" | "answers another";

/**
 * By default of every hundred batches one fails, however often it is asked for, and one is late: its first answer comes when
 * the hub is through. The third batch of all gets the answer to another one.
 *
 * @param faultOf the fault that a batch meets, by its number
 */
export function faultyWorkers(
  real: BoxFunction,
  faultOf: (batch: number) => BatchFault | null = usualFault,
): FaultyWorkers {
  const observed = new Map<string, number>();
  const lost = new Set<string>();
  const asked = new Map<string, number>();
  const met: Record<BatchFault, number> = { fails: 0, late: 0, "answers another": 0 };
  const late = new Set<string>();
  const over = Promise.withResolvers<void>();
  const another = Promise.withResolvers<Buffer>();
  let calls = 0;
  const honest: BoxFunction = async (event) => {
    const answer = await real(event);
    for (const key of keysObserved(answer)) observed.set(key, (observed.get(key) ?? 0) + 1);
    return answer;
  };
  return {
    observed,
    asked,
    lost,
    met,
    calls: () => calls,
    release: () => over.resolve(),
    async invoke(event) {
      calls += 1;
      const { batch, connections } = batchIn(event);
      for (const { key } of connections) asked.set(key, (asked.get(key) ?? 0) + 1);
      const fault = faultOf(Number(batch.split("-")[0]));
      if (fault === null) {
        another.resolve(event);
        return honest(event);
      }
      met[fault] += 1;
      if (fault !== "late") for (const { key } of connections) lost.add(key);
      switch (fault) {
        case "fails":
          return { payload: '{"errorType":"Runtime.ExitError"}', failed: true };
        case "answers another":
          return real(await another.promise);
        case "late":
          if (!late.has(batch)) {
            late.add(batch);
            await over.promise;
          }
          return honest(event);
      }
    },
  };
}

/** What a worker had no time for is asked for again. */
function keysObserved(answer: FunctionAnswer | null): readonly string[] {
  if (answer === null || answer.failed) return [];
  const read = JSON.parse(String(answer.payload)) as BatchAnswer;
  const isWhole = ({ dns, addresses }: Observation) =>
    dns.kind !== "not-tried" && addresses.every(({ outcome }) => outcome.kind !== "not-tried");
  return read.kind === "refused"
    ? []
    : read.observations.filter(({ observation }) => isWhole(observation)).map(({ key }) => key);
}

function batchIn(event: Buffer): BatchEvent {
  return JSON.parse(event.toString("utf8")) as BatchEvent;
}

function usualFault(number: number): BatchFault | null {
  if (number % 100 === 0) return "fails";
  if (number % 100 === 1) return "late";
  return number === 2 ? "answers another" : null;
}

/** What a run logged, by what a test of many connections asks of it. */
export type LoggedRun = {
  /** The keys of the connections that were logged, one for each record. */
  readonly keys: readonly string[];
  /** How many of them have which verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** The keys of those for which there was no time. */
  readonly outOfTime: readonly string[];
  /** The statuses of the incidents, those that are over included. */
  readonly incidents: readonly string[];
  readonly problems: readonly string[];
  /** How many are healthy and have no record, where only what is not healthy is logged. */
  readonly healthyUnlogged: number;
  /** Of the record of the run; null where it did not get so far. */
  readonly connections: number | null;
};

type Line = {
  readonly message?: string;
  readonly verdict?: string;
  readonly status?: string;
  readonly connection?: { readonly key: string };
  readonly findings?: readonly { readonly code: string }[];
  readonly problems?: readonly { readonly code: string }[];
  readonly connections?: number;
  readonly unlogged?: number;
};

export function loggedRun(logs: readonly string[]): LoggedRun {
  const keys: string[] = [];
  const outOfTime: string[] = [];
  const incidents: string[] = [];
  const verdicts: Record<string, number> = {};
  let run: Line | null = null;
  for (const text of logs) {
    const line = JSON.parse(text) as Line;
    if (line.message === "incident") incidents.push(line.status ?? "");
    if (line.message === "run") run = line;
    if (line.message !== "connection") continue;
    const { verdict = "", connection, findings = [] } = line;
    keys.push(connection?.key ?? "");
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (findings.some(({ code }) => code === "out-of-time")) outOfTime.push(connection?.key ?? "");
  }
  return {
    keys,
    verdicts,
    outOfTime,
    incidents,
    problems: (run?.problems ?? []).map(({ code }) => code).toSorted(),
    healthyUnlogged: run?.unlogged ?? 0,
    connections: run?.connections ?? null,
  };
}
