import { offerFor } from "./cloudfront/profile.ts";
import type { Configuration } from "./configuration/configuration.ts";
import type { IpAddressType } from "./configuration/distribution.ts";
import { scopeId } from "./configuration/scope.ts";
import { outOfTime } from "./judge/findings/out-of-time.ts";
import { judge, judgeFault } from "./judge/judge.ts";
import type { Policy } from "./judge/rule.ts";
import type { Connection, PlannedConnection, Use } from "./plan/connection.ts";
import { plan } from "./plan/plan.ts";
import type { Observation, RecordType } from "./probe/observation.ts";
import type { ProbeEquipment, Target } from "./probe/probe.ts";
import { survey } from "./probe/survey.ts";
import { connectionRecord } from "./report/connection-record.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "./report/record.ts";
import { printable } from "./text/printable.ts";

export type RunInputs = {
  readonly configuration: () => Promise<Configuration>;
  /** Whether a distribution, by its id, is to be watched. */
  readonly includes: (distributionId: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The tools of this run, which judges as of `now`. */
  readonly tools: (now: number) => CheckTools;
};

/** What the middle of the program needs; the same in the Lambda function and in a terminal. */
export type CheckTools = {
  readonly equipment: ProbeEquipment;
  readonly policy: Policy;
};

/**
 * The one idea of the program: configuration becomes connections, connections become observations, observations
 * become findings, and a report of them is what people are told about. Whatever fails on the way is in the report too.
 */
export async function runReport(
  runId: string,
  { configuration, includes, clock, tools }: RunInputs,
): Promise<RunReport> {
  const started = clock();
  const read = await configuration();
  const distributions = read.distributions.filter(({ id }) => includes(id));
  const { connections, problems } = plan(distributions, read.policies);
  const records = await checkConnections(connections, tools(started));
  return {
    runId,
    startedAt: new Date(started).toISOString(),
    finishedAt: new Date(clock()).toISOString(),
    distributions: distributions.length,
    records,
    problems: [
      ...read.problems.filter(({ distributions: ids }) => ids === undefined || ids.some(includes)),
      ...problems.slice(0, mostPlanProblems),
      ...timeProblems(records),
    ],
  };
}

function timeProblems(records: readonly ConnectionRecord[]): RunProblem[] {
  const late = records.filter(({ findings }) => findings.some(({ code }) => code === outOfTime.code)).length;
  if (late === 0) return [];
  const message = `Time ran out before ${late} of ${records.length} connections could be checked.`;
  const remedy = "Give the function more time, or watch fewer distributions.";
  return [{ code: "out-of-time", message, remedy, scope: null }];
}

const mostPlanProblems = 100;

/** Gets each record as soon as there is one, with what was seen; null where nothing was to be tried. */
export type OnRecord = (record: ConnectionRecord, observation: Observation | null) => void;

/**
 * Checks every planned connection: probes it where it can be probed, and judges it.
 *
 * @returns one record per planned connection, in the order of the plan
 */
export async function checkConnections(
  planned: readonly PlannedConnection[],
  tools: CheckTools,
  onRecord: OnRecord = () => undefined,
): Promise<ConnectionRecord[]> {
  const records = new Map<PlannedConnection, ConnectionRecord>();
  const conclude = (each: PlannedConnection, observation: Observation | null) => {
    const record = recordOf(each, observation, tools);
    records.set(each, record);
    onRecord(record, observation);
  };
  for (const each of planned) if (each.kind !== "probe") conclude(each, null);
  for await (const [{ planned: each }, observation] of survey(targetsOf(planned), tools.equipment)) {
    conclude(each, observation);
  }
  return planned.flatMap((each) => records.get(each) ?? []);
}

/** A fault of ours on one connection is told as such, never as the origin's, and the others go on. */
function recordOf(
  planned: PlannedConnection,
  observation: Observation | null,
  { policy }: CheckTools,
): ConnectionRecord {
  try {
    return connectionRecord(planned, observation, judge(planned, observation, policy));
  } catch (error) {
    const bug = printable(error instanceof Error ? error.message : String(error), 200);
    const nothing: Observation = { dns: { kind: "not-tried", reason: { bug } }, addresses: [], addressesLeftOut: 0 };
    return connectionRecord(planned, nothing, judgeFault(planned, nothing, policy));
  }
}

/** What is to be looked at, each on account of the distribution that uses the fewest connections of those that use it. */
export function targetsOf(planned: readonly PlannedConnection[]): (Target & { readonly planned: PlannedConnection })[] {
  const probed = planned.filter(({ kind }) => kind === "probe");
  const counts = new Map<string, number>();
  for (const { distributionId } of probed.flatMap(({ connection }) => connection.uses)) {
    counts.set(distributionId, (counts.get(distributionId) ?? 0) + 1);
  }
  const size = ({ distributionId }: Use) => counts.get(distributionId) ?? 0;
  return probed.map((each) => {
    const [use] = each.connection.uses.toSorted((a, b) => size(a) - size(b));
    const share = use === undefined ? [] : [scopeId(use.scope), use.distributionId];
    return { ...targetOf(each.connection), share, leftOut: false, planned: each };
  });
}

function targetOf(connection: Connection): Omit<Target, "share" | "leftOut"> {
  const { scheme, domain, port, serverName, originSslProtocols, alpn, connectTimeoutMs, connectAttempts } = connection;
  return {
    scheme,
    domain,
    port,
    serverName: serverName ?? domain,
    alpn,
    recordTypes: recordTypes(connection.ipAddressType),
    offer: offerFor(originSslProtocols),
    timeoutMs: connectTimeoutMs,
    attempts: connectAttempts,
  };
}

function recordTypes(ipAddressType: IpAddressType): readonly RecordType[] {
  switch (ipAddressType) {
    case "ipv4":
      return ["A"];
    case "ipv6":
      return ["AAAA"];
    case "dualstack":
      return ["A", "AAAA"];
  }
}
