import type { SNSEvent } from "aws-lambda";
import { eventBridgeClient, putNotice, type Relayed } from "../aws/event-bus.ts";
import { importFindings, securityHubClient } from "../aws/security-hub.ts";
import { readState, s3Client } from "../aws/state-s3.ts";
import { scopeOfArn } from "../configuration/scope.ts";
import { parseState } from "../incidents/state-format.ts";
import { type RelayedNotice, readNotice } from "../relay/notice.ts";
import { securityFindings } from "../relay/security-finding.ts";
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
 * @throws when one target failed, so that Lambda retries and then keeps the notice in the dead-letter queue
 */
export async function handler(event: SNSEvent): Promise<void> {
  const outcomes: Relayed[] = [];
  for (const { Sns } of event.Records) {
    const reading = readNotice(Sns.Message);
    if (reading.kind === "other") continue;
    const { notice } = reading;
    if (eventBridge !== null && settings.eventBus !== null && !onTheBus.has(Sns.MessageId)) {
      const outcome = await putNotice(eventBridge, settings.eventBus, notice);
      if (outcome.kind === "relayed") remember(Sns.MessageId);
      outcomes.push(outcome);
    }
    if (settings.securityHub !== null) outcomes.push(await sendToSecurityHub(notice, settings.securityHub));
  }
  const errors = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : []));
  if (errors.length > 0) throw new Error(errors.join("; "));
}

function remember(messageId: string): void {
  onTheBus.add(messageId);
  const [oldest] = onTheBus;
  if (onTheBus.size > mostRemembered && oldest !== undefined) onTheBus.delete(oldest);
}

/** Milliseconds; the function has some more, and its failure is what makes Lambda try again. */
const timeToReadState = 20_000;

async function sendToSecurityHub(notice: RelayedNotice, to: SecurityHubSettings): Promise<Relayed> {
  if (s3 === null || securityHub === null) return { kind: "relayed" };
  const read = await readState(s3, { bucket: to.stateBucket, key: to.stateKey }, AbortSignal.timeout(timeToReadState));
  if (read.kind === "missing") return { kind: "relayed" };
  if (read.kind === "failed") return { kind: "failed", error: `The state could not be read: ${read.error}` };
  const parsed = parseState(read.text);
  // The watch function reports it; here it would only be repeated with every notice.
  if (parsed.kind === "unreadable") return { kind: "failed", error: `The state is damaged: ${parsed.problem}` };
  const findings = securityFindings(parsed.state, notice, scopeOfArn(to.productArn));
  return importFindings(securityHub, to.productArn, findings);
}
