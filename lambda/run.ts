import { offerFor } from "./cloudfront/profile.ts";
import { judge } from "./judge/judge.ts";
import type { Policy } from "./judge/rule.ts";
import type { Connection, PlannedConnection } from "./plan/connection.ts";
import type { IpAddressType } from "./plan/distribution.ts";
import type { Observation, RecordType } from "./probe/observation.ts";
import { type ProbeEquipment, probe, type Target } from "./probe/probe.ts";
import { gate } from "./probe/schedule.ts";
import { printable } from "./text/printable.ts";
import { connectionRecord } from "./tell/connection-record.ts";
import type { ConnectionRecord } from "./tell/record.ts";

/** What the middle of the program needs; the same in the Lambda function and in a terminal. */
export type CheckTools = {
  readonly equipment: ProbeEquipment;
  readonly policy: Policy;
  /** Connections that are under way at once. */
  readonly concurrency: number;
};

/**
 * The one idea of the program: configuration becomes connections, connections become observations, observations
 * become findings. This is its middle; the plan comes before it, telling people comes after.
 *
 * @returns one record per planned connection, in the order of the plan
 */
export function checkConnections(
  planned: readonly PlannedConnection[],
  tools: CheckTools,
  onRecord: (record: ConnectionRecord) => void = () => undefined,
): Promise<ConnectionRecord[]> {
  const atOnce = gate(tools.concurrency, tools.concurrency);
  return Promise.all(
    planned.map(async (each) => {
      const record = each.kind === "probe" ? await atOnce("", () => check(each, tools)) : judged(each, null, tools);
      onRecord(record);
      return record;
    }),
  );
}

async function check(planned: PlannedConnection, tools: CheckTools): Promise<ConnectionRecord> {
  return judged(planned, await observe(planned.connection, tools.equipment), tools);
}

function judged(planned: PlannedConnection, observation: Observation | null, { policy }: CheckTools): ConnectionRecord {
  return connectionRecord(planned, observation, judge(planned, observation, policy));
}

async function observe(connection: Connection, equipment: ProbeEquipment): Promise<Observation> {
  try {
    return await probe(targetOf(connection), equipment);
  } catch (error) {
    // A fault of ours on one connection is told as such, and the others go on.
    const bug = printable(error instanceof Error ? error.message : String(error), 200);
    return { dns: { kind: "not-tried", reason: { bug } }, addresses: [], addressesLeftOut: 0 };
  }
}

function targetOf(connection: Connection): Target {
  const { domain, port, serverName, originSslProtocols, connectTimeoutMs, connectAttempts } = connection;
  return {
    domain,
    port,
    serverName: serverName ?? domain,
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
