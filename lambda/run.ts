import type { Configuration } from "./configuration/configuration.ts";
import { type Scope, scopeId } from "./configuration/scope.ts";
import { outOfTime } from "./judge/findings/out-of-time.ts";
import { judge, judgeFault } from "./judge/judge.ts";
import { publicView } from "./judge/public-view.ts";
import type { Policy } from "./judge/rule.ts";
import { verdictOf } from "./judge/verdict.ts";
import { batchOf } from "./observe/batch.ts";
import type { Observer, VantageFailure } from "./observe/observer.ts";
import { untilOver } from "./observe/until-over.ts";
import type { PlannedConnection } from "./plan/connection.ts";
import { plan } from "./plan/plan.ts";
import {
  faultOf,
  isEgress,
  type NotTried,
  type ObservationFrom,
  unobserved,
  type Vantage,
} from "./probe/observation.ts";
import { connectionRecord } from "./report/connection-record.ts";
import { originsOf } from "./report/origins.ts";
import { problemsInTurns } from "./report/problems-in-turns.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "./report/record.ts";
import { placeName } from "./report/seen-from.ts";
import { type SilentVantage, silentVantages, withoutWordOf } from "./report/silent-vantages.ts";
import { groupedBy, type NonEmpty } from "./text/non-empty.ts";
import { enumerated, hostAndPort } from "./text/phrase.ts";

export type RunInputs = {
  readonly configuration: () => Promise<Configuration>;
  /** Whether a distribution, by its id, is to be watched. */
  readonly includes: (distributionId: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The tools of this run, which judges as of `now`, for what it is to check. */
  readonly tools: (now: number, planned: readonly PlannedConnection[]) => CheckTools;
  readonly onRecord?: OnRecord;
};

/** What the middle of the program needs; the same in the Lambda function and in a terminal. */
export type CheckTools = {
  readonly observer: Observer;
  readonly policy: Policy;
  /** Aborted at the deadline: whatever has not been tried by then is out of time. */
  readonly signal: AbortSignal;
  /** The keys of the connections for which the last run had no time: they come first. */
  readonly leftOut?: { has(key: string): boolean };
  /** The name server that is asked in place of the system's, `IP` or `IP:PORT`: commands ask it too. */
  readonly dnsServer?: string;
};

/**
 * The one idea of the program: configuration becomes connections, connections become observations, observations become
 * findings, and alerts follow from a report of them. Whatever fails on the way is in the report too.
 */
export async function runReport(
  runId: string,
  { configuration, includes, clock, tools, onRecord }: RunInputs,
): Promise<RunReport> {
  const startedAt = clock();
  const { planned, checking } = await begun(
    { configuration, includes },
    (planned) => tools(startedAt, planned),
    onRecord,
  );
  const checked = await checking;
  return reportOf(planned, checked, { runId, startedAt, finishedAt: clock() });
}

type Begun = { readonly planned: Omit<RunPlan, "connections">; readonly checking: Promise<Checked> };

/**
 * Plans, and begins to check. Each step passes on what it made and keeps nothing: while it observes, a run holds neither
 * the configuration nor the plan of what it has concluded.
 */
function begun(
  { configuration, includes }: Pick<RunInputs, "configuration" | "includes">,
  tools: (planned: readonly PlannedConnection[]) => CheckTools,
  onRecord: OnRecord | undefined,
): Promise<Begun> {
  return configuration()
    .then((read) => planRun(read, includes))
    .then(({ connections, ...planned }) => {
      const checking = checkConnections(connections, tools(connections), onRecord);
      return { planned, checking };
    });
}

/** What a run will check, and what in the configuration keeps it from checking everything. */
export type RunPlan = {
  /** How many are watched. */
  readonly distributions: number;
  readonly connections: readonly PlannedConnection[];
  readonly problems: readonly RunProblem[];
};

/** The connections of the distributions that are watched, and the problems that concern these. */
export function planRun(configuration: Configuration, includes: RunInputs["includes"]): RunPlan {
  const distributions = configuration.distributions.filter(({ id }) => includes(id));
  const { connections, problems } = plan(distributions, configuration.policies);
  return {
    distributions: distributions.length,
    connections,
    problems: [
      ...configuration.problems.filter(({ distributions: ids }) => ids === undefined || ids.some(includes)),
      // Beyond the most that are told, none takes the place of another account's.
      ...problemsInTurns(problems).slice(0, mostPlanProblems),
    ],
  };
}

const mostPlanProblems = 100;
/** Origins in the message about the time; the records have all of them. */
const mostNamed = 3;

/** A planned connection with all that was seen of it; nothing where nothing was to be tried. */
export type ObservedConnection = {
  readonly planned: PlannedConnection;
  /** One for each vantage that looked, in no particular order. */
  readonly observations: readonly ObservationFrom[];
};

/**
 * Observes every planned connection that can be probed, and yields each once, as soon as every vantage has answered or
 * none will any more. One without any observation is out of time, or our own fault where the observer failed. Nothing
 * that was yielded is kept.
 *
 * @param onUnusable called for each observation that was not asked for, or that had come already
 */
export function observeAll(
  planned: readonly PlannedConnection[],
  tools: ObservingTools,
  onUnusable: () => void,
): AsyncGenerator<ObservedConnection, void> {
  const untried = planned.filter(({ kind }) => kind !== "probe");
  return observeOpen(untried, openOf(planned, tools.observer), tools, onUnusable);
}

type ObservingTools = Pick<CheckTools, "observer" | "signal" | "leftOut">;

/** On its own, so that nothing here holds the whole plan while it is observed. */
async function* observeOpen(
  untried: readonly PlannedConnection[],
  open: Map<string, Open>,
  tools: ObservingTools,
  onUnusable: () => void,
): AsyncGenerator<ObservedConnection, void> {
  for (const each of untried) yield { planned: each, observations: [] };
  const { signal } = tools;
  let reason: NotTried = "deadline";
  try {
    const stream = untilOver(begin(open, tools), signal, graceMs);
    for await (const { key, vantage, observation } of stream) {
      const entry = open.get(key);
      if (!entry?.vantages.includes(vantage) || entry.observations.some((seen) => seen.vantage === vantage)) {
        onUnusable();
        continue;
      }
      entry.observations = [...entry.observations, { vantage, observation }];
      if (entry.observations.length < entry.vantages.length) continue;
      open.delete(key);
      const observations = inOrder(entry.observations, entry.vantages);
      for (const each of entry.alike) yield { planned: each, observations };
    }
  } catch (error) {
    reason = faultOf(error);
  }
  for (const { alike, vantages, observations } of open.values()) {
    // A vantage that did not answer did not look.
    const missing = vantages.filter((vantage) => !observations.some((seen) => seen.vantage === vantage));
    const absent = missing.map((vantage) => ({ vantage, observation: unobserved(reason) }));
    const all = inOrder([...observations, ...absent], vantages);
    for (const each of alike) yield { planned: each, observations: all };
  }
}

/** Whoever answered first: what says the same is told in the same words. */
function inOrder(observations: readonly ObservationFrom[], vantages: readonly Vantage[]): readonly ObservationFrom[] {
  return publicView(vantages.flatMap((place) => observations.filter(({ vantage }) => vantage === place)));
}

/** What is to be observed and is not yet. */
type Open = {
  readonly alike: NonEmpty<PlannedConnection>;
  /** Those that look at it. */
  vantages: readonly Vantage[];
  observations: readonly ObservationFrom[];
};

/** As many lists as there are connections would be empty for as long as nobody has answered. */
const nothing: readonly never[] = [];

/** Connections with the same key are made in the same way, so they are observed once. */
function openOf(planned: readonly PlannedConnection[], { vantages }: Observer): Map<string, Open> {
  const groups = groupedBy(
    planned.filter(({ kind }) => kind === "probe"),
    ({ connection }) => connection.key,
  );
  const open = new Map<string, Open>();
  for (const [key, alike] of groups) open.set(key, { alike, vantages, observations: nothing });
  return open;
}

/** On its own, so that nothing here holds the batch while it is observed. */
function begin(open: ReadonlyMap<string, Open>, { observer, signal, leftOut }: ObservingTools) {
  const connections = Array.from(open.values(), ({ alike: [first] }) => first.connection);
  const batch = batchOf(connections, leftOut);
  const { vantagesFor } = observer;
  for (const each of vantagesFor === undefined ? [] : batch) {
    const entry = open.get(each.key);
    if (entry !== undefined) entry.vantages = vantagesFor?.(each) ?? observer.vantages;
  }
  return observer.observe(batch, signal);
}

/** How long an observer may take to end after the signal. */
const graceMs = 5_000;

/** Judges what was seen of a connection. A fault in judging is reported as ours, and for this connection only. */
export function recordOf(
  { planned, observations }: ObservedConnection,
  policy: Policy,
  dnsServer?: string,
): ConnectionRecord {
  const judged = (seen: readonly ObservationFrom[]) =>
    connectionRecord(planned, seen, judge(planned, seen, policy), dnsServer);
  try {
    try {
      return judged(observations);
    } catch (error) {
      if (observations.length < 2) throw error;
      return judged(observations.map((each) => withoutFault(each, judged)));
    }
  } catch (error) {
    const vantage = observations[0]?.vantage ?? "here";
    const observation = unobserved(faultOf(error));
    return connectionRecord(planned, [{ vantage, observation }], judgeFault(planned, observation, policy));
  }
}

/** What one vantage sent and nobody can judge costs the others nothing: that one did not look. */
function withoutFault(seen: ObservationFrom, judged: (one: readonly ObservationFrom[]) => unknown): ObservationFrom {
  try {
    judged([seen]);
    return seen;
  } catch (error) {
    return { ...seen, observation: unobserved(faultOf(error)) };
  }
}

/** The results for the planned connections. */
export type Checked = {
  /** Where they were observed from. */
  readonly vantages: readonly Vantage[];
  /** One for each planned connection, in the order of the plan. */
  readonly records: readonly ConnectionRecord[];
  readonly problems: readonly RunProblem[];
};

/** Gets each record as soon as there is one, with what was seen, and how many there will be. */
export type OnRecord = (record: ConnectionRecord, observed: ObservedConnection, ofHowMany: number) => void;

/** Checks every planned connection: observes it where it can be probed, and judges it. */
export function checkConnections(
  planned: readonly PlannedConnection[],
  tools: CheckTools,
  onRecord: OnRecord = () => undefined,
): Promise<Checked> {
  const unusable = { count: 0 };
  const onUnusable = () => {
    unusable.count += 1;
  };
  return conclude(observeAll(planned, tools, onUnusable), placesIn(planned), tools, { onRecord, unusable });
}

/** Where each connection stands in the plan. Of those that are concluded nobody asks any more. */
function placesIn(planned: readonly PlannedConnection[]): Map<PlannedConnection, number> {
  return new Map(planned.map((each, place) => [each, place]));
}

/** On its own, so that nothing here holds the plan of what is concluded. */
async function conclude(
  stream: AsyncIterable<ObservedConnection>,
  places: Map<PlannedConnection, number>,
  { observer, policy, dnsServer }: CheckTools,
  { onRecord, unusable }: { readonly onRecord: OnRecord; readonly unusable: { readonly count: number } },
): Promise<Checked> {
  const records = Array.from<ConnectionRecord | undefined>({ length: places.size });
  for await (const observed of stream) {
    const record = recordOf(observed, policy, dnsServer);
    const place = places.get(observed.planned);
    places.delete(observed.planned);
    if (place !== undefined) records[place] = record;
    onRecord(record, observed, records.length);
  }
  const made = records.filter((record) => record !== undefined);
  const silent = silentVantages(made);
  return {
    vantages: observer.vantages,
    records: silent.length === 0 ? made : made.map((record) => withoutSilent(record, silent)),
    problems: [
      ...observerProblems(unusable.count),
      ...vantageProblems(observer.failures?.() ?? []),
      ...silenceProblems(silent),
    ],
  };
}

function withoutSilent(record: ConnectionRecord, silent: readonly SilentVantage[]): ConnectionRecord {
  const findings = withoutWordOf(silent, record.findings);
  if (findings === record.findings) return record;
  // A vantage has a word only where something was tried; without TLS no version is offered.
  const scheme = record.connection.protocols.length === 0 ? "http" : "https";
  const verdict = verdictOf({ kind: "probe", connection: { scheme } }, findings);
  return { ...record, verdict, skipped: verdict === "skipped" ? "http-only" : null, findings };
}

function silenceProblems(silent: readonly SilentVantage[]): RunProblem[] {
  if (silent.length === 0) return [];
  const sentences = silent
    .slice(0, mostNamed)
    .map(
      ({ vantage, origins }) =>
        `None of ${origins} origins answered ${placeName(vantage)}, which other Regions reached.`,
    );
  const message = `${sentences.join(" ")} So it is the network there, and it says nothing of the origins.`;
  const remedy = silent.some(({ vantage }) => isEgress(vantage))
    ? "Look at the NAT gateway, the routes and the security group of the VPC."
    : "Look at the network of the function in that Region, or take the Region out of the settings.";
  return [{ code: "vantage-without-network", message, remedy, scope: null }];
}

/** Regions in the message about those that failed. */
const mostVantages = 5;

/** Of all vantages in one problem: what failed in one of them is no matter of an origin. */
function vantageProblems(failures: readonly VantageFailure[]): RunProblem[] {
  if (failures.length === 0) return [];
  const sentences = failures
    .slice(0, mostVantages)
    .map(
      ({ vantage, connections, of, why }) =>
        `${connections} of ${of} connections were not observed from ${placeName(vantage)}: ${why}.`,
    );
  const isOther = failures.some(({ kind }) => kind === "other-release");
  const remedy = isOther
    ? "Deploy the stacks of all Regions again, so that their functions are of one release."
    : "Look into the log of the worker there, whether its stack is deployed, and, of one in a VPC, at its way to S3. The next run tries again.";
  return [{ code: "vantage-failed", message: sentences.join(" "), remedy, scope: null }];
}

function observerProblems(unusable: number): RunProblem[] {
  if (unusable === 0) return [];
  const message = `${unusable} observations came for connections that were not asked for, or came twice; they are not used.`;
  const remedy = "This is a fault of Origin Watch: report it with the log record of the run.";
  return [{ code: "observations-unusable", message, remedy, scope: null }];
}

/** When a run took place; milliseconds since the epoch. */
export type RunTimes = { readonly runId: string; readonly startedAt: number; readonly finishedAt: number };

/** The report of a run: the records in the order of the plan, and all problems. */
export function reportOf(
  { distributions, problems }: Omit<RunPlan, "connections">,
  checked: Checked,
  { runId, startedAt, finishedAt }: RunTimes,
): RunReport {
  return {
    runId,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    distributions,
    vantages: checked.vantages,
    records: checked.records,
    problems: [...problems, ...checked.problems, ...timeProblems(checked.records)],
  };
}

/**
 * For each account, where the run checks several: who has to do with it is who waits. The accounts are those of the
 * distributions that use the connections.
 */
function timeProblems(records: readonly ConnectionRecord[]): RunProblem[] {
  const late = records.filter(({ findings }) => findings.some(({ code }) => code === outOfTime.code));
  if (late.length === 0) return [];
  const accounts = new Map(records.flatMap(({ uses }) => uses.map(({ scope }) => [scopeId(scope), scope] as const)));
  if (accounts.size < 2) return [timeProblem(late, records.length, null)];
  const [all, own] = [connectionsByAccount(records), connectionsByAccount(late)];
  return [...own].map(([id, some]) => timeProblem(some, all.get(id)?.length ?? some.length, accounts.get(id) ?? null));
}

function connectionsByAccount(records: readonly ConnectionRecord[]): ReadonlyMap<string, readonly ConnectionRecord[]> {
  const lists = new Map<string, ConnectionRecord[]>();
  for (const record of records) {
    for (const id of new Set(record.uses.map(({ scope }) => scopeId(scope)))) {
      const list = lists.get(id) ?? [];
      list.push(record);
      lists.set(id, list);
    }
  }
  return lists;
}

/** @param scope whose connections they are, null where there is only one account */
function timeProblem(late: readonly ConnectionRecord[], of: number, scope: Scope | null): RunProblem {
  const origins = originsOf(late).map(hostAndPort);
  const whose = scope === null ? "" : " of this account";
  const message = `Time ran out before ${late.length} of ${of} connections${whose} could be checked: ${enumerated(origins, mostNamed)}. The next run begins with them.`;
  const remedy = "Give the function more time, or watch fewer distributions.";
  return { code: "out-of-time", message, remedy, scope };
}
