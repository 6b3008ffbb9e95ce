import { hash as digest } from "node:crypto";
import { version } from "../contract/version.ts";
import type { Delivery } from "../incidents/delivery.ts";
import { chooseLog, type LogChoice, logMemoryAfter, logsConnection } from "../memory/logged.ts";
import type { Memory } from "../memory/memory.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import type { Telemetry } from "../telemetry/powertools.ts";

/** What a run writes of connections, origins and incidents into its log: how much, is known once it is known how many there are. */
export type RunLog = {
  /** Logs a connection that is in order, if it is to be logged. */
  readonly add: (record: ConnectionRecord, ofHowMany: number) => void;
  /** Logs the rest. It comes before the memory is stored: what that says was logged must have been. */
  readonly finish: (report: RunReport, updates: Delivery["updates"]) => { readonly unlogged?: number };
  /** The memory of a run, with what was logged. */
  readonly rememberedIn: (memory: Memory, report: RunReport) => Memory;
};

/** 48 bits: with a hundred thousand connections not one run in ten thousand takes one for another, and logs it. */
function hash(text: string): string {
  return digest("sha256", text, "base64url").slice(0, 8);
}

/** @param at milliseconds since the epoch */
export function runLog(telemetry: Telemetry, { logged }: Memory, runId: string, at: number): RunLog {
  const run = { at, version, hash };
  let chosen: LogChoice | undefined;
  const choiceFor = (connections: number) => {
    chosen ??= chooseLog(logged, { ...run, connections });
    return chosen;
  };
  return {
    add(record, ofHowMany) {
      if (logsConnection(choiceFor(ofHowMany), record)) telemetry.recordConnection(runId, record);
    },
    finish(report, updates) {
      const choice = choiceFor(report.records.length);
      telemetry.recordResults(report, updates, choice);
      if (choice.kind === "everything") return choice.isLarge ? { unlogged: 0 } : {};
      return { unlogged: report.records.filter((record) => !logsConnection(choice, record)).length };
    },
    rememberedIn(memory, { records }) {
      // `undefined` is not written.
      return { ...memory, logged: logMemoryAfter(logged, choiceFor(records.length), records, run) };
    },
  };
}
