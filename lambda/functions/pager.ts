import { setTimeout } from "node:timers/promises";
import type { Relayed } from "../aws/event-bus.ts";
import { readSecret, secretsClient } from "../aws/secret.ts";
import { alertEvent } from "../pagerduty/alert-event.ts";
import { pagerDutySender, type Sent } from "../pagerduty/send-event.ts";
import type { Page } from "../relay/pages.ts";
import type { PagerDutySettings } from "./relay-settings.ts";

/** Milliseconds for all pages of a notice. */
const timeToPage = 60_000;
/** Milliseconds before an event that was not taken is sent once more. */
const pauseBeforeAgain = 1_000;
/** Milliseconds after which a key is read anew, so that a new one is used without a deployment. */
const keyLifetime = 5 * 60_000;
/** Far more than end in the day for which resolutions are repeated. */
const mostResolvedKept = 10_000;

export type Pager = {
  /** What this execution environment has resolved and not paged since. */
  readonly resolved: ReadonlySet<string>;
  readonly send: (pages: readonly Page[]) => Promise<Relayed>;
};

/** Sends pages to PagerDuty. An outcome that failed is to be repeated as a whole: PagerDuty knows events by their key. */
export function pagerDuty({ secretArn, serviceRegion, redact, connectTo }: PagerDutySettings): Pager {
  const client = secretsClient(secretArn);
  const sender = pagerDutySender(serviceRegion, connectTo);
  const resolved = new Set<string>();
  let key: { readonly text: string; readonly readAt: number } | null = null;

  async function send(pages: readonly Page[]): Promise<Relayed> {
    if (pages.length === 0) return { kind: "relayed" };
    const signal = AbortSignal.timeout(timeToPage);
    if (key === null || Date.now() - key.readAt > keyLifetime) {
      const read = await readSecret(client, secretArn, signal);
      if (read.kind === "failed") return failed(`The routing key could not be read: ${read.error}`);
      const text = read.text.trim();
      if (!/^[A-Za-z0-9]{32}$/.test(text)) {
        return failed(
          "The secret does not hold a routing key of PagerDuty: expected 32 letters and digits, nothing else",
        );
      }
      key = { text, readAt: Date.now() };
    }
    const errors: string[] = [];
    for (const page of pages) {
      const sent = await sendTwice(key.text, page, signal);
      if (sent.kind === "sent") note(page);
      else {
        errors.push(sent.error);
        // What does not take one event now takes no other one either.
        if (sent.retryable) break;
      }
    }
    const [first] = errors;
    if (first === undefined) return { kind: "relayed" };
    // It may be the key that is wrong.
    key = null;
    return failed(first);
  }

  async function sendTwice(routingKey: string, page: Page, signal: AbortSignal): Promise<Sent> {
    const event = alertEvent(page, redact);
    const sent = await sender(routingKey, event, signal);
    if (sent.kind === "sent" || !sent.retryable || signal.aborted) return sent;
    await setTimeout(pauseBeforeAgain);
    return sender(routingKey, event, signal);
  }

  function note({ action, about }: Page): void {
    if (action === "trigger") resolved.delete(about);
    else resolved.add(about);
    const [oldest] = resolved;
    if (resolved.size > mostResolvedKept && oldest !== undefined) resolved.delete(oldest);
  }

  return { resolved, send };
}

function failed(error: string): Relayed {
  return { kind: "failed", error };
}
