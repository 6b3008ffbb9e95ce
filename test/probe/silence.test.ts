import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openConnection } from "../../lambda/probe/tcp.ts";
import { type Listener, listen } from "../sandbox/listener.ts";

let server: Listener;

beforeAll(async () => {
  server = await listen(createServer());
});

afterAll(() => server.close());

it("takes no answer for silence because this process was too busy to hear it", async () => {
  const signal = new AbortController().signal;
  const answer = openConnection(server.address, server.port, { timeoutMs: 20, attempts: 1, signal });
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const busyUntil = performance.now() + 100;
  while (performance.now() < busyUntil);
  const outcome = await answer;
  expect(outcome).toMatchObject({ kind: "connected" });
  if (outcome.kind !== "connected") return;
  outcome.socket.destroy();
  await once(outcome.socket, "close");
});
