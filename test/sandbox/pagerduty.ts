import { createServer } from "node:https";
import * as v from "valibot";
import { createAuthority } from "./authority.ts";
import { listen } from "./listener.ts";

/** An event that was accepted. */
export type AcceptedEvent = v.InferOutput<typeof eventSchema>;

/** What the next request meets in place of its answer. */
export type PagerFault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The request's own body, key and all, under a status. */
  | { readonly kind: "echo"; readonly status: number }
  /** 202 and a page of somebody else. */
  | { readonly kind: "page" }
  /** 202 and an answer that does not end. */
  | { readonly kind: "flood" }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" };

export type PagerDutyServer = {
  readonly address: string;
  readonly port: number;
  /** The root of its certificate, PEM. */
  readonly rootPem: string;
  /** In the order in which they came. */
  readonly accepted: readonly AcceptedEvent[];
  /** Why events were refused: what the format or the key lacks. */
  readonly refused: readonly string[];
  /** Open alerts, as PagerDuty keeps them: a trigger opens one by its key, a resolution closes it. */
  readonly alerts: ReadonlyMap<string, AcceptedEvent>;
  readonly requests: () => number;
  failNext(fault: PagerFault, times?: number): void;
  readonly close: () => Promise<void>;
};

const text = (longest: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(longest));
const payloadSchema = v.strictObject({
  summary: text(1024),
  source: text(1024),
  severity: v.picklist(["critical", "error", "warning", "info"]),
  timestamp: v.pipe(v.string(), v.isoTimestamp()),
  component: v.optional(v.string()),
  group: v.optional(v.string()),
  class: v.optional(v.string()),
  custom_details: v.optional(v.record(v.string(), v.unknown())),
});
const head = { routing_key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{32}$/)) };

/**
 * Sources: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ for the fields, their lengths and which are
 * required. More than these are not documented, so more are refused.
 */
const eventSchema = v.variant("event_action", [
  v.strictObject({
    ...head,
    event_action: v.literal("trigger"),
    dedup_key: text(255),
    payload: payloadSchema,
    client: v.optional(v.string()),
    client_url: v.optional(v.string()),
    links: v.optional(v.array(v.strictObject({ href: v.pipe(v.string(), v.url()), text: v.optional(v.string()) }))),
  }),
  v.strictObject({ ...head, event_action: v.literal("resolve"), dedup_key: text(255) }),
]);

/** PagerDuty's limit of one event. */
const mostBytes = 512 * 1024;

/**
 * Starts a PagerDuty of the sandbox: HTTPS with a certificate for PagerDuty's host, which takes what Events API v2 takes
 * and nothing else.
 *
 * @param key the routing key that it knows
 */
export async function startPagerDuty(
  key: string,
  hosts: readonly string[] = ["events.pagerduty.com"],
): Promise<PagerDutyServer> {
  const authority = await createAuthority();
  const { certificatePem, keyPem } = await authority.leaf({ names: hosts });
  const accepted: AcceptedEvent[] = [];
  const refused: string[] = [];
  const alerts = new Map<string, AcceptedEvent>();
  const faults: PagerFault[] = [];
  let requests = 0;
  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests += 1;
      const body = Buffer.concat(chunks);
      const fault = faults.shift();
      const answer = (status: number, value: unknown) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
      switch (fault?.kind) {
        case "status":
          return response.writeHead(fault.status, fault.headers).end("{}");
        case "echo":
          return response.writeHead(fault.status).end(body);
        case "page":
          return response.writeHead(202).end("<html>Please accept the terms of use.</html>");
        case "flood":
          response.writeHead(202);
          return response.write(" ".repeat(64 * 1024));
        case "hang":
          return undefined;
        case "reset":
          return request.socket.destroy();
        case undefined: {
          const { method, url, headers } = request;
          const reason = problemOf(method, url, headers, body, key, hosts);
          if (typeof reason === "string") {
            refused.push(reason);
            return answer(400, { status: "invalid event", message: "Event object is invalid", errors: [reason] });
          }
          accepted.push(reason);
          if (reason.event_action === "trigger") alerts.set(reason.dedup_key, reason);
          else alerts.delete(reason.dedup_key);
          return answer(202, { status: "success", message: "Event processed", dedup_key: reason.dedup_key });
        }
      }
    });
  });
  const listener = await listen(server);
  return {
    address: listener.address,
    port: listener.port,
    rootPem: authority.certificatePem,
    accepted,
    refused,
    alerts,
    requests: () => requests,
    failNext(fault, times = 1) {
      for (let n = 0; n < times; n += 1) faults.push(fault);
    },
    close: listener.close,
  };
}

/** The event, or why it is none. */
function problemOf(
  method: string | undefined,
  url: string | undefined,
  headers: NodeJS.Dict<string | string[]>,
  body: Buffer,
  key: string,
  hosts: readonly string[],
): AcceptedEvent | string {
  if (method !== "POST" || url !== "/v2/enqueue") return `${method} ${url}`;
  if (!hosts.includes(String(headers.host))) return `host ${String(headers.host)}`;
  if (headers["content-type"] !== "application/json") return `content type ${String(headers["content-type"])}`;
  if (body.length > mostBytes) return "too large";
  const parsed = v.safeParse(eventSchema, JSON.parse(body.toString("utf8")));
  if (!parsed.success) return v.summarize(parsed.issues);
  return parsed.output.routing_key === key ? parsed.output : "another routing key";
}
