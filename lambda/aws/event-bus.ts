import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { RelayedNotice } from "../relay/notice.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { refusal } from "./refusal.ts";

export type Relayed = { readonly kind: "relayed" } | { readonly kind: "failed"; readonly error: string };

export function eventBridgeClient(given: ClientLimits = clientLimits): EventBridgeClient {
  return new EventBridgeClient({ ...given, retryMode: "standard" });
}

/** The detail types of the events, for rules; the detail is the JSON of docs/alerts.md. */
export const detailType = "Origin Watch Notice";

/**
 * Puts a notice on a bus. EventBridge answers 200 and says for each entry whether it took it
 * (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html), so that is looked at.
 *
 * @param bus name or ARN
 */
export async function putNotice(client: EventBridgeClient, bus: string, notice: RelayedNotice): Promise<Relayed> {
  const entry = {
    EventBusName: bus,
    Source: "origin-watch",
    DetailType: detailType,
    Detail: notice.text,
    Time: new Date(notice.at),
  };
  try {
    const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    const taken = Entries?.[0];
    if (FailedEntryCount === 0 && taken?.EventId !== undefined) return { kind: "relayed" };
    return { kind: "failed", error: `EventBridge did not take the event (${taken?.ErrorCode ?? "no reason"})` };
  } catch (thrown) {
    return { kind: "failed", error: refusal(thrown, `events:PutEvents on the event bus ${bus}`).error };
  }
}
