import { setTimeout } from "node:timers/promises";
import { eventBridgeClient, putNotice, type Relayed } from "../aws/event-bus.ts";
import { importFindings, securityHubClient } from "../aws/security-hub.ts";
import { readState, s3Client } from "../aws/state-s3.ts";
import { scopeOfArn } from "../configuration/scope.ts";
import { emptyState, type State } from "../incidents/state.ts";
import { parseState } from "../incidents/state-format.ts";
import { type RelayedNotice, readNotice } from "../relay/notice.ts";
import { type Pages, pagesOf } from "../relay/pages.ts";
import { securityFindings } from "../relay/security-finding.ts";
import { topicRecords } from "../relay/topic-record.ts";
import { visibleJsonLine } from "../text/json-line.ts";
import { pagerDuty } from "./pager.ts";
import { type RelaySettings, readRelaySettings } from "./relay-settings.ts";

const settings = readRelaySettings(process.env);
const eventBridge = settings.eventBus === null ? null : eventBridgeClient();
const securityHub = settings.productArn === null ? null : securityHubClient();
const pager = settings.pagerDuty === null ? null : pagerDuty(settings.pagerDuty);
const s3 = settings.state === null ? null : s3Client();
const scope = scopeOfArn(settings.topicArn);
const region = process.env.AWS_REGION ?? "";

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
    // First, because somebody may be asleep.
    if (settings.state !== null) outcomes.push(...(await followState(notice, settings.state)));
    if (eventBridge !== null && settings.eventBus !== null && !onTheBus.has(messageId)) {
      const outcome = await putNotice(eventBridge, settings.eventBus, notice);
      if (outcome.kind === "relayed") remember(messageId);
      outcomes.push(outcome);
    }
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
/** Milliseconds before a state that could not be read, or that does not confirm a notice, is read once more. */
const pauseBeforeReadingAgain = 2_000;

type Reading = { readonly kind: "state"; readonly state: State } | Extract<Relayed, { kind: "failed" }>;

/** Brings Security Hub and the pager to what the state says. */
async function followState(notice: RelayedNotice, location: StateLocation): Promise<readonly Relayed[]> {
  let reading = await readRelayedState(location);
  let pages = pagesAfter(reading, notice);
  if (reading.kind === "failed" || pages.someInDoubt) {
    await setTimeout(pauseBeforeReadingAgain);
    reading = await readRelayedState(location);
    pages = pagesAfter(reading, notice);
  }
  const paged = pager === null ? [] : [await pager.send(pages.pages)];
  if (reading.kind === "failed") return [reading, ...paged];
  if (securityHub === null || settings.productArn === null) return paged;
  const findings = securityFindings(reading.state, new Date().toISOString(), scopeOfArn(settings.productArn));
  return [...paged, await importFindings(securityHub, settings.productArn, findings)];
}

function pagesAfter(reading: Reading, notice: RelayedNotice): Pages {
  if (pager === null) return { pages: [], someInDoubt: false };
  return pagesOf(reading.kind === "state" ? reading.state : null, notice, pager.resolved, { scope, region });
}

type StateLocation = NonNullable<RelaySettings["state"]>;

async function readRelayedState(location: StateLocation): Promise<Reading> {
  if (s3 === null) return { kind: "state", state: emptyState };
  const read = await readState(s3, location, AbortSignal.timeout(timeToReadState));
  // Nothing was ever told.
  if (read.kind === "missing") return { kind: "state", state: emptyState };
  if (read.kind === "failed") return { kind: "failed", error: `The state could not be read: ${read.error}` };
  const parsed = parseState(read.text);
  // The watch function reports it; here it would only be repeated with every notice.
  if (parsed.kind === "unreadable") return { kind: "failed", error: `The state is damaged: ${parsed.problem}` };
  return { kind: "state", state: parsed.state };
}
