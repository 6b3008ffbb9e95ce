import { createServer } from "node:net";
import { createSecureContext } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { handshake } from "../../lambda/probe/handshake.ts";
import { openConnection } from "../../lambda/probe/tcp.ts";
import { type Listener, listen } from "../sandbox/listener.ts";

/** Accepts connections and says nothing. */
let silent: Listener;
beforeAll(async () => {
  silent = await listen(createServer());
});
afterAll(() => silent.close());

async function connected() {
  const limits = { timeoutMs: 600_000, attempts: 1, signal: new AbortController().signal };
  const tcp = await openConnection(silent.address, silent.port, limits);
  if (tcp.kind !== "connected") throw new Error(tcp.kind);
  return tcp.socket;
}

it("does not begin once the run is over, and waits for nobody then", async () => {
  const socket = await connected();
  const options = { serverName: "a.test", context: createSecureContext(), timeoutMs: 600_000 };
  const outcome = await handshake(socket, { ...options, signal: AbortSignal.abort() });
  expect(outcome).toEqual({ kind: "not-tried", reason: "deadline" });
  expect(socket.destroyed).toBe(true);
});

it("outlasts a connection that breaks before anybody has taken it over", async () => {
  const socket = await connected();
  socket.destroy(new Error("late"));
  // Not `once` of node:events, which would listen to the error.
  await new Promise((resolve) => socket.once("close", resolve));
  expect(socket.listenerCount("error")).toBeGreaterThan(0);
});
