import { randomUUID } from "node:crypto";
import type { AwsReply, Service } from "./exchange.ts";

/** An event that was accepted by PutEvents. */
export type PutEvent = {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
};

/** EventBridge's PutEvents in JSON 1.1; accepted events are appended to `events`. An entry on the bus `full` is not taken. */
export function eventsService(events: PutEvent[]): Service {
  return {
    operation(request) {
      if (request.headers["x-amz-target"] !== "AWSEvents.PutEvents") return undefined;
      const { Entries = [] } = JSON.parse(request.body.toString("utf8")) as { Entries?: Record<string, string>[] };
      return {
        action: "events:PutEvents",
        resource: Entries[0]?.EventBusName ?? "*",
        perform: () => put(Entries, events),
      };
    },
    error: jsonError,
    throttled: jsonError(400, "ThrottlingException", "Rate exceeded"),
    denied: (action, resource) =>
      jsonError(400, "AccessDeniedException", `User is not authorized to perform: ${action} on resource: ${resource}`),
  };
}

function put(entries: readonly Record<string, string>[], events: PutEvent[]): AwsReply {
  if (entries.length === 0 || entries.length > 10) return jsonError(400, "ValidationException", "1 to 10 entries");
  const results = entries.map(({ EventBusName = "", Source = "", DetailType = "", Detail = "" }) => {
    if (EventBusName.endsWith("/full")) return { ErrorCode: "InternalFailure", ErrorMessage: "Not now" };
    if (Buffer.byteLength(Detail) > 262_144) return { ErrorCode: "EventTooLarge", ErrorMessage: "Too large" };
    events.push({ bus: EventBusName, source: Source, detailType: DetailType, detail: JSON.parse(Detail) });
    return { EventId: randomUUID() };
  });
  return json(200, { FailedEntryCount: results.filter((each) => "ErrorCode" in each).length, Entries: results });
}

export function json(status: number, body: unknown): AwsReply {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}

export function jsonError(status: number, code: string, message: string): AwsReply {
  const reply = json(status, { __type: code, message });
  return { ...reply, headers: { ...reply.headers, "x-amzn-errortype": code } };
}
