import type { Draft } from "../../lambda/incidents/change.ts";
import type { Delivery } from "../../lambda/incidents/delivery.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message, Ports } from "../../lambda/incidents/ports.ts";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import type { Incident, State } from "../../lambda/incidents/state.ts";
import { parseState } from "../../lambda/incidents/state-format.ts";
import type { Words } from "../../lambda/incidents/words.ts";
import { ruleOf, rules } from "../../lambda/judge/catalogue.ts";
import { identity } from "../../lambda/report/identity.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { hourMs } from "../../lambda/text/instant.ts";
import { deliver } from "./deliver.ts";

/**
 * What happens to one port call. `lost` is done and answered with a failure, as when the answer does not arrive;
 * `conflict` is what a repeated write meets after its first try was lost, or what another writer causes.
 */
export type Fault = "none" | "crash-before" | "crash-after" | "fail" | "lost" | "conflict";

export class Crash extends Error {}

/** What one message says, by identity of the incidents. */
export type Told = {
  /** The same for copies only. */
  readonly id: string;
  readonly event: Draft["event"];
  readonly opened: readonly string[];
  readonly worsened: readonly string[];
  readonly ended: readonly string[];
  /** What is over with what ended, and not said: whoever was told of both hears of the worse one. */
  readonly covered: readonly string[];
  readonly reminded: readonly string[];
  readonly problems: readonly string[];
};

/** A world with one state object and one topic, in which runs are delivered and things go wrong. */
export type World = {
  /** Messages that arrived, with copies, in order. */
  readonly published: readonly Told[];
  /** What was wrong about a draft, by the rules that hold for every single one. */
  readonly violations: readonly string[];
  readonly writes: () => number;
  /** Crashes, lost answers of Publish, failed reads, three conflicts in a row: each may cost one extra copy. */
  readonly excuses: () => number;
  /** Faults that struck, of any kind. */
  readonly struck: () => number;
  readonly state: () => State | null;
  /** Rejects with `Crash` when one is among the faults. */
  readonly run: (options: RunOptions) => Promise<Delivery>;
};

export type RunOptions = {
  readonly report: RunReport;
  readonly at: number;
  readonly memory: ProcessMemory;
  readonly faults?: readonly Fault[];
  /** Whether no message can be put into words. */
  readonly speechless?: boolean;
  /** Decides when a port call proceeds. */
  readonly turn?: (label: string) => Promise<unknown>;
};

export function world(): World {
  let object: { readonly text: string; readonly etag: string } | null = null;
  let version = 0;
  let writes = 0;
  let excuses = 0;
  let struck = 0;
  let conflictsInARow = 0;
  const published: Told[] = [];
  const violations: string[] = [];

  const words: Words = {
    render: (draft, report) => {
      violations.push(...violationsIn(draft, report));
      return messageOf(draft, report.runId);
    },
    plain: (draft, report) => messageOf(draft, report.runId),
    late: (notice) => notice,
  };

  function portsWith(faults: readonly Fault[], turn: RunOptions["turn"]): Ports {
    const left = [...faults];
    /** Applies the next fault to a call. `failed` is its answer when it fails. */
    async function call<T>(label: string, perform: () => T, failed: T, conflict: T): Promise<T> {
      await turn?.(label);
      const fault = left.shift() ?? "none";
      if (fault !== "none") struck += 1;
      if (fault === "crash-before") {
        excuses += 1;
        throw new Crash();
      }
      // After a conflict, a read that fails leaves it open what was recorded.
      if (fault !== "none" && label === "read") excuses += 1;
      if (fault === "fail") return failed;
      if (label === "write") conflictsInARow = fault === "conflict" ? conflictsInARow + 1 : 0;
      // A message that was sent is recorded at the third try, or not at all.
      if (conflictsInARow === 3) excuses += 1;
      if (fault === "conflict") return conflict;
      const result = perform();
      if (fault === "crash-after") {
        excuses += 1;
        throw new Crash();
      }
      if (fault !== "lost") return result;
      if (label === "publish") excuses += 1;
      return label === "write" ? conflict : failed;
    }
    const down = { kind: "failed" as const, error: "down" };
    return {
      readState: () =>
        call<Awaited<ReturnType<Ports["readState"]>>>(
          "read",
          () => (object === null ? { kind: "missing" } : { kind: "found", ...object }),
          down,
          down,
        ),
      writeState: (text, etag) =>
        call<Awaited<ReturnType<Ports["writeState"]>>>(
          "write",
          () => {
            if ((object?.etag ?? null) !== etag) return { kind: "conflict" };
            version += 1;
            writes += 1;
            object = { text, etag: `"${version}"` };
            return { kind: "written", etag: object.etag };
          },
          down,
          { kind: "conflict" },
        ),
      keepAside: () => Promise.resolve(down),
      publish: (message) =>
        call<Awaited<ReturnType<Ports["publish"]>>>(
          "publish",
          () => {
            published.push(JSON.parse(message.data ?? "") as Told);
            return { kind: "sent", messageId: String(published.length) };
          },
          { ...down, retryable: true },
          { ...down, retryable: true },
        ),
    };
  }

  return {
    published,
    violations,
    writes: () => writes,
    excuses: () => excuses,
    struck: () => struck,
    state: () => {
      if (object === null) return null;
      const parsed = parseState(object.text);
      if (parsed.kind !== "state") throw new Error(parsed.problem);
      return parsed.state;
    },
    run: ({ report, at, memory, faults = [], speechless = false, turn }) =>
      deliver(
        { report, policy: defaultAlertPolicy, clock: () => at, deadline: at + 5 * 60_000 },
        portsWith(faults, turn),
        speechless ? { ...words, render: fails } : words,
        memory,
      ),
  };
}

function fails(): never {
  throw new TypeError("no such word");
}

function messageOf({ event, change, open }: Draft, runId: string): Message {
  const over = [...change.resolved, ...change.gone.map(({ finding }) => finding)];
  const lists = {
    opened: change.opened.map(identity),
    worsened: change.worsened.map(identity),
    ended: over.map(identity),
    covered: coveredBy(over).filter((id) => !open.some((other) => identity(other) === id)),
    reminded: event === "reminder" ? [...change.still, ...change.frozen].map(identity) : [],
    problems: change.problems.opened.map(({ code }) => code),
  };
  const told: Told = { id: JSON.stringify([runId, event, lists]), event, ...lists };
  const attributes = { event, severity: "info", codes: [], distributionIds: [], origins: [], accountIds: [] } as const;
  return { subject: `[${event}]`, text: event, short: null, data: JSON.stringify(told), chat: null, attributes };
}

/** What a rule says is covered by a finding that is over, told or not. */
function coveredBy(over: readonly Pick<Incident, "code" | "key">[]): readonly string[] {
  return over.flatMap(({ code, key }) =>
    rules
      .map((rule) => ruleOf(rule.code))
      .filter(({ supersededBy }) => supersededBy.some((by) => "code" in by && by.code === code))
      .map((rule) => identity({ code: rule.code, key })),
  );
}

/** What no draft may say, whatever went before. */
function violationsIn({ event, change }: Draft, report: RunReport): readonly string[] {
  const violations: string[] = [];
  const at = Date.parse(report.finishedAt);
  for (const { key, code } of change.resolved) {
    const record = report.records.find(({ connection }) => connection.key === key);
    if (record === undefined) violations.push(`${code} ${key} resolved without a record`);
    else if (record.findings.some((finding) => finding.code === code))
      violations.push(`${code} ${key} resolved while seen`);
    else if (record.verdict === "unknown") violations.push(`${code} ${key} resolved without an observation`);
  }
  if (event === "reminder") {
    for (const { key, code, lastTold, effect, toldEffect } of [...change.still, ...change.frozen]) {
      const interval = effect === "may" && toldEffect === "may" ? 7 * 24 : 24;
      // Less the five minutes that a run may take until it tells.
      if (at - Date.parse(lastTold ?? "") < (interval * hourMs) / 2 - 5 * 60_000)
        violations.push(`${code} ${key} reminded too early`);
    }
  }
  if (event !== "run-problem" && event !== "digest") {
    const origins = new Set([...change.opened, ...change.worsened, ...change.resolved].map(({ domain }) => domain));
    if (origins.size > 1) violations.push(`a message about ${origins.size} origins`);
  }
  return violations;
}

/** What people were last told of each incident. */
export function lastWords(published: readonly Told[]): ReadonlyMap<string, "open" | "ended"> {
  const words = new Map<string, "open" | "ended">();
  for (const { opened, worsened, reminded, ended } of published) {
    for (const id of ended) words.set(id, "ended");
    for (const id of [...opened, ...worsened, ...reminded]) words.set(id, "open");
  }
  return words;
}
