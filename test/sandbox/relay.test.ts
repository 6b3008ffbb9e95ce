import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Listener } from "./listener.ts";
import { startRawOrigin } from "./raw-origin.ts";
import { type RelayOptions, startRelay } from "./relay.ts";

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

/** The chunks in which a client gets what a server sends through a relay. */
async function throughRelay(bytes: Uint8Array, options: RelayOptions): Promise<Buffer[]> {
  const origin = await startRawOrigin({ kind: "banner", bytes });
  const relay = await startRelay(origin, options);
  open.push(origin, relay);
  const chunks: Buffer[] = [];
  const socket = connect({ host: relay.address, port: relay.port });
  socket.on("data", (chunk) => chunks.push(chunk));
  await once(socket, "close");
  return chunks;
}

const record = (type: number, payload: readonly number[]) => [type, 3, 3, 0, payload.length, ...payload];

describe("startRelay", () => {
  it("passes on what it is given when told nothing", async () => {
    expect(Buffer.concat(await throughRelay(Uint8Array.of(1, 2, 3), {}))).toEqual(Buffer.of(1, 2, 3));
  });

  it("cuts the server's bytes into small segments, and loses none", async () => {
    const bytes = Uint8Array.from({ length: 400 }, (_, index) => index);
    const chunks = await throughRelay(bytes, { segments: [1, 7] });
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(bytes));
    // A busy machine may let two segments meet in the reader's buffer.
    expect(chunks.length).toBeGreaterThan(50);
  });

  it("cuts handshake records up to the ChangeCipherSpec into smaller ones", async () => {
    const bytes = Uint8Array.from([...record(22, [1, 2, 3]), ...record(20, [1]), ...record(22, [4, 5, 6])]);
    const chunks = await throughRelay(bytes, { recordBytes: 2 });
    expect(Buffer.concat(chunks).toJSON().data).toEqual([
      ...record(22, [1, 2]),
      ...record(22, [3]),
      ...record(20, [1]),
      ...record(22, [4, 5, 6]),
    ]);
  });

  it("sends its own bytes before the server's, and waits before each segment", async () => {
    const started = performance.now();
    const chunks = await throughRelay(Uint8Array.of(3, 4), { before: Uint8Array.of(1, 2), segments: [2], delayMs: 40 });
    expect(Buffer.concat(chunks).toJSON().data).toEqual([1, 2, 3, 4]);
    expect(performance.now() - started).toBeGreaterThan(75);
  });
});
