import type { Context } from "aws-lambda";
import { version } from "../contract/version.ts";
import { answerTo, type BatchAnswer } from "../observe/batch-answer.ts";
import { type BatchEvent, batchSchemaVersion, readBatchEvent } from "../observe/batch-event.ts";
import { observerHere } from "../observe/in-process.ts";
import { untilOver } from "../observe/until-over.ts";
import { clientContexts } from "../probe/client-context.ts";
import { lookups } from "../probe/dns.ts";
import { addressGuard } from "../probe/private-address.ts";
import { usualBounds } from "../probe/probe.ts";
import { jsonLine } from "../text/json-line.ts";
import { trustAnchors } from "../x509/trust-anchors.ts";
import { readWorkerSettings } from "./worker-settings.ts";

// Whom it may connect to, by whose names and with which anchors is its own affair: nothing in an event changes it.
const settings = readWorkerSettings(process.env);
const equipment = {
  lookup: lookups(settings.dnsServers),
  contextFor: clientContexts(trustAnchors(settings.extraAnchorsPem)),
  bounds: usualBounds,
  unanswered: new Set<string>(),
  forbids: addressGuard(settings.allowedPrivateNetworks),
  connectTo: null,
};

/** Milliseconds kept of Lambda's own time, for the answer. */
const timeToAnswer = 5_000;
/** How long the observer may take to end after the signal. */
const graceMs = 2_000;

/**
 * Observes a batch of connections for the function that watches, and answers with what it saw. It has no rights but to
 * write its log: whoever else invokes it can have done what anybody on the internet can do.
 */
export async function handler(
  event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis" | "invokedFunctionArn">,
): Promise<BatchAnswer> {
  const reading = readBatchEvent(event);
  if (reading.kind === "refused") {
    log({ level: "WARN", message: "batch refused", why: reading.why });
    return { schemaVersion: batchSchemaVersion, kind: "refused", why: reading.why };
  }
  const started = Date.now();
  const vantage = context.invokedFunctionArn.split(":")[3] ?? "";
  const answer = await observed(reading.batch, vantage, context.getRemainingTimeInMillis());
  const { runId, batch, connections } = reading.batch;
  const counts = {
    connections: connections.length,
    answered: answer.kind === "observed" ? answer.observations.length : 0,
  };
  log({ level: "INFO", message: "batch", runId, batch, vantage, ...counts, ms: Date.now() - started });
  return answer;
}

async function observed(batch: BatchEvent, vantage: string, remainingMs: number): Promise<BatchAnswer> {
  const limitMs = Math.min(batch.deadline - Date.now(), remainingMs - timeToAnswer);
  const signal = AbortSignal.timeout(Math.max(0, limitMs));
  const answer = answerTo(batch, vantage);
  const stream = untilOver(observerHere(vantage, equipment).observe(batch.connections, signal), signal, graceMs);
  for await (const { key, observation } of stream) answer.add(key, observation);
  return answer.answer();
}

function log(record: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${jsonLine({ ...record, version })}\n`);
}
