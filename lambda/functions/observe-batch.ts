import { version } from "../contract/version.ts";
import { type AnswerInProgress, answerTo, type BatchAnswer } from "../observe/batch-answer.ts";
import { type BatchEvent, batchSchemaVersion, readBatchEvent } from "../observe/batch-event.ts";
import { observerHere } from "../observe/in-process.ts";
import { untilOver } from "../observe/until-over.ts";
import { clientContexts } from "../probe/client-context.ts";
import { lookups } from "../probe/dns.ts";
import { type ProbeEquipment, usualBounds } from "../probe/probe.ts";
import { jsonLine } from "../text/json-line.ts";
import { trustAnchors } from "../x509/trust-anchors.ts";
import type { WorkerSettings } from "./worker-settings.ts";

/** Milliseconds kept of Lambda's own time, for the answer. */
const timeToAnswer = 5_000;
/** How long the observer may take to end after the signal. */
const graceMs = 2_000;

/** What a worker observes with. Whom it may connect to, by whose names and with which anchors, its environment alone says. */
export function equipmentOf(
  { dnsServers, extraAnchorsPem }: Pick<WorkerSettings, "dnsServers" | "extraAnchorsPem">,
  forbids: ProbeEquipment["forbids"],
): Omit<ProbeEquipment, "signal"> {
  return {
    lookup: lookups(dnsServers),
    contextFor: clientContexts(trustAnchors(extraAnchorsPem)),
    bounds: usualBounds,
    unanswered: new Set<string>(),
    forbids,
    connectTo: null,
  };
}

/** The part of a worker that all of them have: looks at a batch until its deadline, logs that it did, and has the answer. */
export async function observeBatch(
  batch: BatchEvent,
  vantage: string,
  equipment: Omit<ProbeEquipment, "signal">,
  remainingMs: number,
): Promise<ReturnType<AnswerInProgress["answer"]>> {
  const started = Date.now();
  const limitMs = Math.min(batch.deadline - started, remainingMs - timeToAnswer);
  const signal = AbortSignal.timeout(Math.max(0, limitMs));
  const inProgress = answerTo(batch, vantage);
  const stream = untilOver(observerHere(vantage, equipment).observe(batch.connections, signal), signal, graceMs);
  for await (const { key, observation } of stream) inProgress.add(key, observation);
  const answer = inProgress.answer();
  const { runId, batch: name, connections } = batch;
  const answered = answer.kind === "observed" ? answer.observations.length : 0;
  const counts = { connections: connections.length, answered };
  logLine({ level: "INFO", message: "batch", runId, batch: name, vantage, ...counts, ms: Date.now() - started });
  return answer;
}

/** All that a worker does which gets its batches by value: reads the event, strictly, and looks at what it names. */
export async function answerByValue(
  event: unknown,
  vantage: string,
  equipment: Omit<ProbeEquipment, "signal">,
  remainingMs: number,
): Promise<BatchAnswer> {
  const reading = readBatchEvent(event);
  if (reading.kind === "batch") return observeBatch(reading.batch, vantage, equipment, remainingMs);
  logLine({ level: "WARN", message: "batch refused", why: reading.why });
  return { schemaVersion: batchSchemaVersion, kind: "refused", why: reading.why };
}

export function logLine(record: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${jsonLine({ ...record, version })}\n`);
}
