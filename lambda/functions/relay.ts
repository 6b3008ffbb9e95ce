import { eventBridgeClient, putNotice, type Relayed } from "../aws/event-bus.ts";
import { importFindings, securityHubClient } from "../aws/security-hub.ts";
import { readState, s3Client } from "../aws/state-s3.ts";
import { scopeOfArn } from "../configuration/scope.ts";
import { parseState } from "../incidents/state-format.ts";
import { readNotice } from "../relay/notice.ts";
import { securityFindings } from "../relay/security-finding.ts";
import { topicRecords } from "../relay/topic-record.ts";
import { visibleJsonLine } from "../text/json-line.ts";
import { readRelaySettings, type SecurityHubSettings } from "./relay-settings.ts";

const settings = readRelaySettings(process.env);
const eventBridge = settings.eventBus === null ? null : eventBridgeClient();
const securityHub = settings.securityHub === null ? null : securityHubClient();
const s3 = settings.securityHub === null ? null : s3Client();

/**
 * Ids of the messages that are on the bus. Lambda retries a notice as a whole when one target failed. Security Hub may
 * get the same finding again, but a repeated event is a second event. Only this execution environment remembers, so a
 * retry in another one can still put an event twice, as EventBridge itself may.
 */
const onTheBus = new Set<string>();
/** Far more than come within the six hours in which Lambda repeats. */
const mostRemembered = 1_000;

/**
 * Relays a notice from the topic to its other targets. As a subscriber of the topic it starts only once SNS has the
 * message, and SNS and Lambda retry what fails.
 *
 * A record that is not of the topic is left alone. Whoever may start the function can forge one that is, and whoever may
 * publish to the topic a notice: so what is open and what is over is read from the state, whatever a notice says.
 *
 * @throws when one target failed, so that Lambda retries and then keeps the notice in the dead-letter queue
 */
export async function handler(event: unknown): Promise<void> {
  const outcomes: Relayed[] = [];
  const { records, leftAlone } = topicRecords(event, settings.topicArn);
  if (leftAlone > 0) warn("Records that are not of the topic were left alone", { leftAlone });
  for (const { messageId, message } of records) {
    const reading = readNotice(message);
    if (reading.kind === "other") continue;
    const { notice } = reading;
    if (eventBridge !== null && settings.eventBus !== null && !onTheBus.has(messageId)) {
      const outcome = await putNotice(eventBridge, settings.eventBus, notice);
      if (outcome.kind === "relayed") remember(messageId);
      outcomes.push(outcome);
    }
    if (settings.securityHub !== null) outcomes.push(await updateSecurityHub(settings.securityHub));
  }
  const errors = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : []));
  if (errors.length > 0) throw new Error(errors.join("; "));
}

/** For what is no error: an error would have Lambda repeat the notice. */
function warn(message: string, more: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${visibleJsonLine({ level: "WARN", message, ...more })}\n`);
}

function remember(messageId: string): void {
  onTheBus.add(messageId);
  const [oldest] = onTheBus;
  if (onTheBus.size > mostRemembered && oldest !== undefined) onTheBus.delete(oldest);
}

/** Milliseconds; the function has some more, and its failure is what makes Lambda try again. */
const timeToReadState = 20_000;

async function updateSecurityHub(to: SecurityHubSettings): Promise<Relayed> {
  if (s3 === null || securityHub === null) return { kind: "relayed" };
  const read = await readState(s3, { bucket: to.stateBucket, key: to.stateKey }, AbortSignal.timeout(timeToReadState));
  if (read.kind === "missing") return { kind: "relayed" };
  if (read.kind === "failed") return { kind: "failed", error: `The state could not be read: ${read.error}` };
  const parsed = parseState(read.text);
  // The watch function reports it; here it would only be repeated with every notice.
  if (parsed.kind === "unreadable") return { kind: "failed", error: `The state is damaged: ${parsed.problem}` };
  const findings = securityFindings(parsed.state, new Date().toISOString(), scopeOfArn(to.productArn));
  return importFindings(securityHub, to.productArn, findings);
}
