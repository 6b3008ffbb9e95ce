import type { Socket } from "node:net";
import type { HelloOffer } from "../tls/client-hello.ts";
import { clientSide } from "../tls/client-side.ts";
import { flightReader } from "../tls/transcript.ts";
import { byteLimit, failureFrom, transcriptFrom } from "./from-the-wire.ts";
import type { HandshakeFailure, Transcript } from "./observation.ts";
import { afterSilence } from "./silence.ts";
import { tap } from "./tap.ts";

export type RawAnswer =
  /**
   * The server sent its whole first flight in answer to the offer, and chose from it. Where the certificates of TLS 1.3
   * cannot be read because we lack the group or suite, `unreadable` says so, and version, suite and group are known.
   */
  | { readonly kind: "agreed"; readonly transcript: Transcript }
  | { readonly kind: "failed"; readonly failure: HandshakeFailure; readonly transcript: Transcript }
  | { readonly kind: "not-tried"; readonly reason: string };

export type RawHelloOptions = {
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/**
 * Sends one hand-written ClientHello over a connected socket and reads the server's first flight: enough to know what
 * the two sides agree on, if anything, and which certificates are sent, even in versions and suites that OpenSSL does
 * not support. The handshake is not completed. The socket is destroyed in every case.
 */
export function rawHello(socket: Socket, offer: HelloOffer, options: RawHelloOptions): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const wire = tap(socket, byteLimit);
    const client = clientSide(offer, (bytes) => wire.stream.write(bytes));
    const reader = flightReader({ serverHello: client.serverHello, application: () => null });
    const stopWaiting = afterSilence(options.timeoutMs, () =>
      fail({ kind: "timed-out", timeoutMs: options.timeoutMs }),
    );
    const onAbort = () => settle({ kind: "not-tried", reason: "deadline" });
    options.signal.addEventListener("abort", onAbort, { once: true });
    let settled = false;

    function settle(answer: RawAnswer): void {
      if (settled) return;
      settled = true;
      stopWaiting();
      options.signal.removeEventListener("abort", onAbort);
      wire.stream.destroy();
      socket.destroy();
      resolve(answer);
    }

    function fail(timedOut: HandshakeFailure | null, objection: string | null = null): void {
      if (settled) return;
      const flight = reader.flight();
      const failure = failureFrom({ flight, wire, timedOut, violation: flight.problem ?? objection });
      if (failure === null) settle({ kind: "not-tried", reason: "connection ended" });
      else settle({ kind: "failed", failure, transcript: transcriptFrom(flight, wire) });
    }

    function agree(): void {
      const flight = reader.flight();
      const transcript = transcriptFrom(flight, wire);
      if (client.cannotFollow !== null) {
        settle({ kind: "agreed", transcript: { ...transcript, unreadable: client.cannotFollow } });
        return;
      }
      const objection = client.objection(flight);
      if (objection === null) settle({ kind: "agreed", transcript });
      else fail(null, objection);
    }

    function take(bytes: Buffer): void {
      reader.push(bytes);
      if (reader.refused) fail(null);
      else if (client.cannotFollow !== null || reader.complete) agree();
      else if (reader.stopped) fail(null, "record out of turn");
    }

    wire.stream.on("data", take);
    wire.stream.on("end", () => fail(null));
    wire.stream.on("close", () => fail(null));
    if (options.signal.aborted) onAbort();
    else wire.stream.write(client.hello);
  });
}
