import { offerFor } from "./cloudfront/profile.ts";
import type { Configuration } from "./configuration/configuration.ts";
import type { IpAddressType } from "./configuration/distribution.ts";
import { outOfTime } from "./judge/findings/out-of-time.ts";
import { judge, judgeFault } from "./judge/judge.ts";
import type { Policy } from "./judge/rule.ts";
import type { Connection, PlannedConnection } from "./plan/connection.ts";
import { plan } from "./plan/plan.ts";
import { probeHttp } from "./probe/http-leg.ts";
import type { Observation, RecordType } from "./probe/observation.ts";
import { type ProbeEquipment, probe, type Target } from "./probe/probe.ts";
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
 * Checks every planned connection: probes it where it can be probed, and judges it. All are begun; how many are under
 * way at once is up to the gate of the equipment, in which one that waits for its address takes nobody's place.
 *
 * @returns one record per planned connection, in the order of the plan
 */
export function checkConnections(
  planned: readonly PlannedConnection[],
  tools: CheckTools,
  onRecord: OnRecord = () => undefined,
): Promise<ConnectionRecord[]> {
  return Promise.all(
    planned.map(async (each) => {
      const { record, observation } = await check(each, tools);
      onRecord(record, observation);
      return record;
    }),
  );
}

function observe(connection: Connection, { equipment }: CheckTools): Promise<Observation> {
  return (connection.scheme === "http" ? probeHttp : probe)(targetOf(connection), equipment);
}

/** A fault of ours on one connection is told as such, never as the origin's, and the others go on. */
async function check(planned: PlannedConnection, tools: CheckTools): Promise<Checked> {
  try {
    const observation = planned.kind === "probe" ? await observe(planned.connection, tools) : null;
    return judged(planned, observation, tools);
  } catch (error) {
    const bug = printable(error instanceof Error ? error.message : String(error), 200);
    const observation: Observation = {
      dns: { kind: "not-tried", reason: { bug } },
      addresses: [],
      addressesLeftOut: 0,
    };
    const findings = judgeFault(planned, observation, tools.policy);
    return { record: connectionRecord(planned, observation, findings), observation };
  }
}

type Checked = { readonly record: ConnectionRecord; readonly observation: Observation | null };

function judged(planned: PlannedConnection, observation: Observation | null, { policy }: CheckTools): Checked {
  return { record: connectionRecord(planned, observation, judge(planned, observation, policy)), observation };
}

function targetOf(connection: Connection): Target {
  const { domain, port, serverName, originSslProtocols, alpn, connectTimeoutMs, connectAttempts } = connection;
  return {
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
