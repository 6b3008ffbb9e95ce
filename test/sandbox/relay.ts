import { connect, createServer, type Socket } from "node:net";
import { setImmediate, setTimeout } from "node:timers/promises";
import { type Listener, listen } from "./listener.ts";

/** What a relay does to the bytes that a server sends; the client's pass untouched. */
export type RelayOptions = {
  /**
   * Sizes of the TCP segments that the server's bytes are cut into, over and over. Without it they go as they come.
   * Each piece is written by itself with Nagle's algorithm off, and the reader gets its turn in between.
   */
  readonly segments?: readonly number[];
  /** Milliseconds before each segment. @default 0 */
  readonly delayMs?: number;
  /**
   * Cuts the server's unprotected handshake records into records of this many bytes of payload (RFC 8446 §5.1 and
   * RFC 5246 §6.2.1 let messages span records). What comes after the ChangeCipherSpec or is application data stays as
   * it is: protected records cannot be cut without the keys.
   */
  readonly recordBytes?: number;
  /** Bytes that go to the client before the server's first ones. */
  readonly before?: Uint8Array;
};

/** Starts a relay in front of a server: same TLS, other bytes on the wire. */
export function startRelay(
  target: { readonly address: string; readonly port: number },
  options: RelayOptions,
): Promise<Listener> {
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: target.address, port: target.port, noDelay: true });
    near.pipe(far);
    near.on("close", () => far.destroy());
    far.on("error", () => near.destroy());
    void pass(far, near, options).catch(() => near.destroy());
  });
  return listen(server);
}

/** A warning that the server does not know the name (RFC 6066 §3), as a record of TLS 1.2 or, as its version, 1.0. */
export const UNRECOGNIZED_NAME_WARNING = Uint8Array.of(21, 3, 1, 0, 2, 1, 112);

async function pass(far: Socket, near: Socket, options: RelayOptions): Promise<void> {
  const cut = options.recordBytes === undefined ? (chunk: Buffer) => chunk : recordSplitter(options.recordBytes);
  let waiting = Buffer.from(options.before ?? []);
  let turn = 0;
  for await (const chunk of far) {
    let bytes = Buffer.concat([waiting, cut(chunk as Buffer)]);
    waiting = Buffer.alloc(0);
    while (bytes.length > 0 && !near.destroyed) {
      const size = options.segments?.[turn % options.segments.length] ?? bytes.length;
      turn += 1;
      await (options.delayMs === undefined ? setImmediate() : setTimeout(options.delayMs));
      near.write(bytes.subarray(0, size));
      bytes = bytes.subarray(size);
    }
  }
  near.end();
}

/** Rewrites a server's byte stream record by record; keeps an unfinished record back until the rest has come. */
function recordSplitter(payloadBytes: number): (chunk: Buffer) => Buffer {
  let kept = Buffer.alloc(0);
  let protectedFromHere = false;
  return (chunk) => {
    kept = Buffer.concat([kept, chunk]);
    const out: Buffer[] = [];
    while (kept.length >= HEADER && kept.length >= HEADER + kept.readUInt16BE(3)) {
      const record = kept.subarray(0, HEADER + kept.readUInt16BE(3));
      kept = kept.subarray(record.length);
      if (record[0] === CHANGE_CIPHER_SPEC) protectedFromHere = true;
      if (record[0] !== HANDSHAKE || protectedFromHere) out.push(record);
      else out.push(...split(record, payloadBytes));
    }
    return Buffer.concat(out);
  };
}

function split(record: Buffer, payloadBytes: number): Buffer[] {
  const records: Buffer[] = [];
  for (let at = HEADER; at < record.length; at += payloadBytes) {
    const payload = record.subarray(at, at + payloadBytes);
    records.push(Buffer.concat([record.subarray(0, 3), Buffer.from([payload.length >> 8, payload.length]), payload]));
  }
  return records;
}

const HEADER = 5;
const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
