import { describe, expect, it } from "vitest";
import { canBeSent, readBatchEvent } from "../../lambda/observe/batch-event.ts";
import type { ConnectionToObserve } from "../../lambda/observe/observer.ts";
import { batchEvent, toObserve } from "./fixtures.ts";

const event = batchEvent([toObserve("a.test"), toObserve("b.test", { alias: "www.example.com", httpPort: 80 })]);
const refused = (value: unknown) => {
  const reading = readBatchEvent(value);
  return reading.kind === "refused" ? reading.why : reading.kind;
};

describe("what a worker is invoked with", () => {
  it("is read as it was sent", () => {
    expect(readBatchEvent(JSON.parse(JSON.stringify(event)))).toEqual({ kind: "batch", batch: event });
  });

  it.each([
    "allowPrivate",
    "allowedPrivateNetworks",
    "connectTo",
    "bucket",
    "dnsServers",
    "anchors",
    "reference",
    "__proto__x",
  ])("is refused as a whole with %s in it", (key) => {
    expect(refused({ ...event, [key]: "10.0.0.0/8" })).toBe("not-a-batch");
    const [first, ...others] = event.connections;
    expect(refused({ ...event, connections: [{ ...first, [key]: "127.0.0.1" }, ...others] })).toBe("not-a-batch");
  });

  it.each<[string, Partial<Record<keyof ConnectionToObserve, unknown>>]>([
    ["a port that CloudFront does not take", { port: 25 }],
    ["another one", { port: 65_536 }],
    ["an HTTP port that CloudFront does not take", { httpPort: 22 }],
    ["an address in the place of a name", { domain: "169.254.169.254" }],
    ["an IPv6 address", { domain: "::1" }],
    ["the number of an address", { domain: "2130706433" }],
    ["a name with a line break", { serverName: "a.test\nb" }],
    ["a name that is too long", { domain: "a.".repeat(200) }],
    ["more time than CloudFront takes", { connectTimeoutMs: 60_000 }],
    ["more attempts than CloudFront makes", { connectAttempts: 1_000 }],
    ["a protocol of another kind", { originSslProtocols: ["SSLv2"] }],
    ["no key", { key: "" }],
    ["a key without end", { key: "k".repeat(3_000) }],
    ["ALPN without end", { alpn: ["h2", "x".repeat(300)] }],
    ["another scheme", { scheme: "file" }],
  ])("is refused with %s", (_, changes) => {
    const connection = { ...toObserve("a.test"), ...changes };
    expect(refused({ ...event, connections: [connection] })).toBe("not-a-batch");
    expect(canBeSent(connection as ConnectionToObserve)).toBe(false);
    expect(canBeSent(toObserve("a.test"))).toBe(true);
  });

  it("holds at most 500 connections, each once, and one at least", () => {
    const some = (count: number) => Array.from({ length: count }, (_, index) => toObserve(`o${index}.test`));
    expect(refused({ ...event, connections: some(500) })).toBe("batch");
    expect(refused({ ...event, connections: some(501) })).toBe("not-a-batch");
    expect(refused({ ...event, connections: [] })).toBe("not-a-batch");
    expect(refused({ ...event, connections: [toObserve("a.test"), toObserve("a.test")] })).toBe("not-a-batch");
  });

  it("is told from a batch of another release, whatever else is in that", () => {
    expect(refused({ ...event, schemaVersion: 2, region: "x" })).toBe("other-release");
    expect(refused({ schemaVersion: 0 })).toBe("other-release");
  });

  it.each([undefined, null, "text", 1, [], {}, { schemaVersion: "1" }, { detail: event }, { Records: [event] }])(
    "is no batch when it is %j",
    (value) => {
      expect(refused(value)).toBe("not-a-batch");
    },
  );
});
