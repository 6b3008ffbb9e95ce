import type { SNSEvent } from "aws-lambda";
import { eventBridgeClient, putNotice, type Relayed } from "../aws/event-bus.ts";
import { importFindings, securityHubClient } from "../aws/security-hub.ts";
import { s3Client, s3State } from "../aws/state-s3.ts";
import { parseState } from "../incidents/state-format.ts";
import { type RelayedNotice, readNotice } from "../relay/notice.ts";
import { securityFindings } from "../relay/security-finding.ts";
import { readRelaySettings, type SecurityHubSettings } from "./relay-settings.ts";

const settings = readRelaySettings(process.env);
const eventBridge = settings.eventBus === null ? null : eventBridgeClient();
const securityHub = settings.securityHub === null ? null : securityHubClient();
const s3 = settings.securityHub === null ? null : s3Client();

/**
 * Takes a notice from the topic to where else it is wanted. Subscribed to the topic, it starts only once SNS has the
 * message, and SNS and Lambda repeat what fails; so neither way can hold up or repeat the other's messages.
 *
 * @throws when one of the ways failed, so that Lambda tries again and then keeps the notice in the dead-letter queue
 */
export async function handler(event: SNSEvent): Promise<void> {
  const outcomes: Relayed[] = [];
  for (const { Sns } of event.Records) {
    const reading = readNotice(Sns.Message);
    if (reading.kind === "other") continue;
    const { notice } = reading;
    if (eventBridge !== null && settings.eventBus !== null) {
      outcomes.push(await putNotice(eventBridge, settings.eventBus, notice));
    }
    if (settings.securityHub !== null) outcomes.push(await reportToSecurityHub(notice, settings.securityHub));
  }
  const errors = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : []));
  if (errors.length > 0) throw new Error(errors.join("; "));
}

async function reportToSecurityHub(notice: RelayedNotice, to: SecurityHubSettings): Promise<Relayed> {
  if (s3 === null || securityHub === null) return { kind: "relayed" };
  const read = await s3State(s3, { bucket: to.stateBucket, key: to.stateKey }).readState();
  if (read.kind === "missing") return { kind: "relayed" };
  if (read.kind === "failed") return { kind: "failed", error: `The state could not be read: ${read.error}` };
  const parsed = parseState(read.text);
  // The main function says so to people; here it would only be said again and again.
  if (parsed.kind === "unreadable") return { kind: "failed", error: `The state is damaged: ${parsed.problem}` };
  return importFindings(securityHub, to.productArn, securityFindings(parsed.state, notice));
}
