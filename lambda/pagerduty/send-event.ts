import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import type { AlertEvent } from "./alert-event.ts";

/** The two service regions of PagerDuty, and no other host. */
export const hosts = { us: "events.pagerduty.com", eu: "events.eu.pagerduty.com" } as const;

export type ServiceRegion = keyof typeof hosts;

/** In words of our own: an answer may quote the request, which holds the key. */
export type Sent =
  | { readonly kind: "sent" }
  /** `retryable` tells whether the same event may be taken later. */
  | { readonly kind: "failed"; readonly error: string; readonly retryable: boolean };

export type Sender = (routingKey: string, event: AlertEvent, signal: AbortSignal) => Promise<Sent>;

/** Milliseconds from the call to the end of the answer. */
const timeToSend = 10_000;
/** More than any answer of PagerDuty takes. */
const mostAnswerBytes = 4 * 1024;

/**
 * Sends events to PagerDuty over TLS, whose certificate is verified for the region's host. No redirect is followed.
 *
 * Answers: https://developer.pagerduty.com/docs/events-api-v2/overview/#response-codes--retry-logic
 *
 * @param connectTo address and port in place of the host's own, for tests; the certificate must be the host's all the same
 */
export function pagerDutySender(
  serviceRegion: ServiceRegion,
  connectTo: { readonly address: string; readonly port: number } | null,
  { withinMs = timeToSend, ca }: { readonly withinMs?: number; readonly ca?: string } = {},
): Sender {
  const host = hosts[serviceRegion];
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...(ca === undefined ? {} : { ca }) });
  return async (routingKey, event, signal) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
    try {
      const body = Buffer.from(JSON.stringify({ routing_key: routingKey, ...event }));
      const { status, text } = await exchange(
        {
          host: connectTo?.address ?? host,
          port: connectTo?.port ?? 443,
          servername: host,
          agent,
          headers: { Host: host, "Content-Type": "application/json", "Content-Length": body.length },
        },
        body,
        within,
      );
      if (status === 202) {
        return text !== null && saysSuccess(text)
          ? { kind: "sent" }
          : failed("PagerDuty answered HTTP 202, but does not say that it took the event", true);
      }
      return failed(`PagerDuty answered HTTP ${status}`, status === 429 || status >= 500);
    } catch (thrown) {
      if (within.aborted) return failed("PagerDuty did not answer in time", true);
      const errno: unknown = thrown instanceof Error ? Reflect.get(thrown, "code") : null;
      const shown = typeof errno === "string" && /^[A-Z0-9_]{1,64}$/.test(errno) ? ` (${errno})` : "";
      return failed(`The connection to PagerDuty failed${shown}`, true);
    }
  };
}

function failed(error: string, retryable: boolean): Sent {
  return { kind: "failed", error, retryable };
}

function saysSuccess(text: string): boolean {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null && Reflect.get(answer, "status") === "success";
  } catch {
    return false;
  }
}

type Target = {
  readonly host: string;
  readonly port: number;
  readonly servername: string;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string | number>>;
};

/** @returns the text null where it is longer than any answer may be */
function exchange(target: Target, body: Buffer, signal: AbortSignal): Promise<{ status: number; text: string | null }> {
  return new Promise((resolve, reject) => {
    const sending = request({ ...target, method: "POST", path: "/v2/enqueue", signal });
    sending.on("error", reject);
    sending.on("response", (response) => {
      const status = response.statusCode ?? 0;
      readAnswer(response).then((text) => {
        if (text === null) sending.destroy();
        resolve({ status, text });
      }, reject);
    });
    sending.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
