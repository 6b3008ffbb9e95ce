import type { Socket } from "node:net";

/** The first flight of a TLS client, as far as the sandbox's servers look at it. */
export type ClientHello = {
  /** Everything read so far, to be given back to whoever handles the connection next. */
  readonly bytes: Buffer;
  readonly serverName: string | undefined;
};

/**
 * Reads one ClientHello (RFC 8446 §4.1.2) and pauses the socket.
 *
 * Resolves with undefined when the peer hangs up, sends something else, or needs more than 16 KiB.
 * The handshake message must fit into one record, which is so for every client that the sandbox meets.
 */
export function readClientHello(socket: Socket): Promise<ClientHello | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (hello: ClientHello | undefined) => {
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
      socket.pause();
      resolve(hello);
    };
    const onEnd = () => finish(undefined);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes[0] !== HANDSHAKE || bytes.length > MAX_HELLO_BYTES) return finish(undefined);
      if (bytes.length < RECORD_HEADER || bytes.length < RECORD_HEADER + bytes.readUInt16BE(3)) return;
      finish({ bytes, serverName: serverName(bytes.subarray(RECORD_HEADER)) });
    };
    socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  });
}

/** RFC 6066 §3, from a ClientHello handshake message that the sandbox's own clients built. */
function serverName(message: Buffer): string | undefined {
  try {
    let at = 4 + 2 + 32; // message header, legacy_version, random
    at += 1 + message.readUInt8(at); // legacy_session_id
    at += 2 + message.readUInt16BE(at); // cipher_suites
    at += 1 + message.readUInt8(at); // legacy_compression_methods
    const end = at + 2 + message.readUInt16BE(at);
    at += 2;
    while (at + 4 <= end) {
      const type = message.readUInt16BE(at);
      const length = message.readUInt16BE(at + 2);
      if (type === SERVER_NAME) return message.toString("latin1", at + 9, at + 9 + message.readUInt16BE(at + 7));
      at += 4 + length;
    }
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const HANDSHAKE = 22;
const RECORD_HEADER = 5;
const SERVER_NAME = 0;
const MAX_HELLO_BYTES = 16_384;
