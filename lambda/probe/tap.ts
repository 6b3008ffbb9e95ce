import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A byte stream over a socket that keeps a copy of what the peer sent. */
export type Tap = {
  readonly stream: Duplex;
  /** Everything received so far, at most the limit. */
  received(): Buffer;
  readonly bytesReceived: number;
  /** How the peer ended the connection, null while it has not. */
  readonly end: "closed" | "reset" | null;
  readonly overLimit: boolean;
};

/**
 * Puts a tap on a connected socket. TLS runs over the stream; the copy shows what OpenSSL does not tell: the
 * certificates in the order sent, requests for a client certificate, and alerts.
 *
 * @param limitBytes past this many bytes the connection is cut, so that no peer can fill the memory
 */
export function tap(socket: Socket, limitBytes: number): Tap {
  const chunks: Buffer[] = [];
  const state = { bytesReceived: 0, end: null as Tap["end"], overLimit: false };
  const stream = new Duplex({
    read() {
      socket.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      if (socket.destroyed) done();
      else socket.write(chunk, () => done());
    },
    final(done) {
      socket.end();
      done();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Buffer) => {
    state.bytesReceived += chunk.length;
    if (state.bytesReceived > limitBytes) {
      state.overLimit = true;
      stream.destroy();
      return;
    }
    chunks.push(chunk);
    if (!stream.push(chunk)) socket.pause();
  });
  socket.on("end", () => {
    state.end ??= "closed";
    stream.push(null);
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    // EPIPE: the peer had gone before our last bytes; what it said, if anything, has been read before.
    state.end ??= error.code === "ECONNRESET" || error.code === "EPIPE" ? "reset" : "closed";
    stream.destroy();
  });
  socket.on("close", () => {
    state.end ??= "closed";
    stream.destroy();
  });
  return {
    stream,
    received: () => Buffer.concat(chunks),
    get bytesReceived() {
      return state.bytesReceived;
    },
    get end() {
      return state.end;
    },
    get overLimit() {
      return state.overLimit;
    },
  };
}
