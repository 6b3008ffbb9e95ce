import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AlertEvent } from "../../lambda/pagerduty/alert-event.ts";
import { pagerDutySender, type Sent } from "../../lambda/pagerduty/send-event.ts";
import { type PagerDutyServer, startPagerDuty } from "../sandbox/pagerduty.ts";

const key = "R0UT1NGKEYCANARY0123456789abcdef";
const event: AlertEvent = { event_action: "resolve", dedup_key: "origin-watch-1" };
const limitMs = 60_000;

let pagerDuty: PagerDutyServer;
beforeEach(async () => {
  pagerDuty = await startPagerDuty(key);
});
afterEach(() => pagerDuty.close());

function send({ withinMs = limitMs, routingKey = key, ca = pagerDuty.rootPem } = {}): Promise<Sent> {
  const sender = pagerDutySender("us", pagerDuty, { withinMs, ca });
  return sender(routingKey, event, AbortSignal.timeout(limitMs));
}

describe("an event", () => {
  it("is sent once it is taken", async () => {
    expect(await send()).toEqual({ kind: "sent" });
    expect(pagerDuty.accepted).toEqual([{ routing_key: key, ...event }]);
  });

  it.each([
    [{ kind: "status", status: 429 }, "PagerDuty answered HTTP 429", true],
    [{ kind: "status", status: 500 }, "PagerDuty answered HTTP 500", true],
    [{ kind: "status", status: 503 }, "PagerDuty answered HTTP 503", true],
    [{ kind: "status", status: 404 }, "PagerDuty answered HTTP 404", false],
    [{ kind: "echo", status: 400 }, "PagerDuty answered HTTP 400", false],
    [{ kind: "echo", status: 202 }, "PagerDuty answered HTTP 202, but does not say that it took the event", true],
    [{ kind: "page" }, "PagerDuty answered HTTP 202, but does not say that it took the event", true],
    [{ kind: "flood" }, "PagerDuty answered HTTP 202, but does not say that it took the event", true],
    [{ kind: "reset" }, "The connection to PagerDuty failed (ECONNRESET)", true],
  ] as const)("is not sent where PagerDuty answers %j", async (fault, error, retryable) => {
    pagerDuty.failNext(fault);
    expect(await send()).toEqual({ kind: "failed", error, retryable });
  });

  it("follows no redirect", async () => {
    const location = `https://127.0.0.1:${pagerDuty.port}/v2/enqueue`;
    pagerDuty.failNext({ kind: "status", status: 307, headers: { location } });
    expect(await send()).toEqual({ kind: "failed", error: "PagerDuty answered HTTP 307", retryable: false });
    expect(pagerDuty.requests()).toBe(1);
  });

  it("does not wait for an answer that never comes", async () => {
    pagerDuty.failNext({ kind: "hang" });
    expect(await send({ withinMs: 500 })).toEqual({
      kind: "failed",
      error: "PagerDuty did not answer in time",
      retryable: true,
    });
  });

  it("goes to PagerDuty's host alone: not to one with another name, nor to one of an unknown root", async () => {
    const other = await startPagerDuty(key, ["events.eu.pagerduty.com"]);
    const sender = pagerDutySender("us", other, { withinMs: limitMs, ca: other.rootPem });
    const sent = await sender(key, event, AbortSignal.timeout(limitMs));
    const stranger = await send({ ca: other.rootPem });
    const european = pagerDutySender("eu", other, { withinMs: limitMs, ca: other.rootPem });
    const right = await european(key, event, AbortSignal.timeout(limitMs));
    await other.close();
    expect([sent, stranger, right]).toMatchObject([
      { error: "The connection to PagerDuty failed (ERR_TLS_CERT_ALTNAME_INVALID)" },
      { error: expect.stringMatching(/^The connection to PagerDuty failed \((UNABLE|SELF|CERT)[A-Z_]+\)$/) },
      { kind: "sent" },
    ]);
    expect([pagerDuty.requests(), other.requests()]).toEqual([0, 1]);
  });

  it("that is refused for its key does not repeat the key", async () => {
    const sent = await send({ routingKey: key.replace("0", "9") });
    expect(sent).toEqual({ kind: "failed", error: "PagerDuty answered HTTP 400", retryable: false });
    expect(pagerDuty.refused).toEqual(["another routing key"]);
  });
});
