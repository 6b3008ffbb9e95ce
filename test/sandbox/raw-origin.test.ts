import { connect as connectTcp } from "node:net";
import { connect } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { type Listener, reserveRefusingPort } from "./listener.ts";
import {
  GARBAGE,
  MALFORMED_SERVER_HELLO,
  PLAIN_HTTP,
  type RawBehavior,
  SSH_BANNER,
  startRawOrigin,
  TRUNCATED_RECORD,
} from "./raw-origin.ts";

let running: Listener | undefined;

afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(behavior: RawBehavior): Promise<number> {
  running = await startRawOrigin(behavior);
  return running.port;
}

/** How a TLS handshake with the server ends, within `waitMs`. */
function handshake(port: number, waitMs = 60_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    const finish = (outcome: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(finish, waitMs, "still waiting");
    socket.once("secureConnect", () => finish("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}

it.each<[string, RawBehavior, string]>([
  ["plain HTTP", PLAIN_HTTP, "ERR_SSL_HTTP_REQUEST|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_WRONG_VERSION_NUMBER"],
  ["an SSH banner", SSH_BANNER, "ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG"],
  ["garbage", GARBAGE, "ERR_SSL_.*"],
  ["a truncated record", TRUNCATED_RECORD, "ECONNRESET"],
  ["a malformed ServerHello", MALFORMED_SERVER_HELLO, "ERR_SSL_.*"],
  ["a close after accept", { kind: "close", after: "accept" }, "ECONNRESET"],
  ["a close after the ClientHello", { kind: "close", after: "client-hello" }, "ECONNRESET"],
  ["a reset after accept", { kind: "reset", after: "accept" }, "ECONNRESET|EPIPE"],
  ["a reset after the ClientHello", { kind: "reset", after: "client-hello" }, "ECONNRESET"],
  ["handshake_failure", { kind: "alert", code: 40 }, "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE"],
  ["internal_error", { kind: "alert", code: 80 }, "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"],
])("ends a handshake by %s", async (_name, behavior, outcome) => {
  expect(await handshake(await start(behavior))).toMatch(new RegExp(`^(${outcome})$`));
});

it("says nothing until it is closed", async () => {
  const port = await start({ kind: "silent" });
  expect(await handshake(port, 150)).toBe("still waiting");
  const pending = handshake(port);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await running?.close();
  expect(await pending).toBe("ECONNRESET");
});

it("drips one byte at a time and then falls silent", async () => {
  const port = await start({ kind: "drip", bytes: "abc", everyMs: 10 });
  const chunks = await received(port, 3);
  expect(Buffer.concat(chunks).toString()).toBe("abc");
  expect(chunks.length).toBeGreaterThan(1);
});

it("floods up to its limit", async () => {
  const port = await start({ kind: "flood", bytes: Buffer.alloc(1000), limitBytes: 5_000_000 });
  const total = (await received(port, 5_000_000)).reduce((sum, chunk) => sum + chunk.length, 0);
  expect(total).toBe(5_000_000);
});

it("stops a flood when the client has gone", async () => {
  const port = await start({ kind: "flood", bytes: Buffer.alloc(65_536), limitBytes: Number.POSITIVE_INFINITY });
  await handshake(port);
  await running?.close();
  expect(running?.connections()).toBe(1);
});

it("reserves a port that refuses until it is released", async () => {
  const reserved = await reserveRefusingPort();
  running = reserved;
  expect(await handshake(reserved.port)).toBe("ECONNREFUSED");
  await reserved.close();
  running = await startRawOrigin(PLAIN_HTTP, { port: reserved.port });
  expect(running.port).toBe(reserved.port);
});

/** What comes in until the server ends, or at least so many bytes and what follows them at once. */
function received(port: number, bytes: number): Promise<Buffer[]> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connectTcp({ host: "127.0.0.1", port });
    let left = bytes;
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      left -= chunk.length;
      if (left <= 0) setTimeout(() => socket.destroy(), 50);
    });
    socket.on("close", () => resolve(chunks));
  });
}
