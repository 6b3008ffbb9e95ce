import type { Socket } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import { printable } from "../text/printable.ts";
import { readServerFlight } from "../tls/transcript.ts";
import { byteLimit, failureFrom, transcriptFrom } from "./from-the-wire.ts";
import type { HandshakeFailure, OpensslVerdict, Transcript } from "./observation.ts";
import { afterSilence } from "./silence.ts";
import { tap } from "./tap.ts";

export type HandshakeResult =
  | {
      readonly kind: "completed";
      readonly transcript: Transcript;
      readonly openssl: OpensslVerdict;
      readonly alpn: string | null;
    }
  | { readonly kind: "failed"; readonly failure: HandshakeFailure; readonly transcript: Transcript }
  | { readonly kind: "not-tried"; readonly reason: string };

export type HandshakeOptions = {
  readonly serverName: string;
  /** What to offer by ALPN; absent or empty means no ALPN at all. */
  readonly alpn?: readonly string[];
  readonly context: SecureContext;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/**
 * How long a TLS 1.3 server that requested a client certificate gets to refuse a handshake without one: the least time,
 * and a number of round trips. The refusal comes after the client considers the handshake complete (RFC 8446 §4.4.2.4),
 * a round trip later; a server that goes on sends session tickets in that time. The probe does not wait for servers
 * that request none.
 */
const refusalWaitMs = 1_000;
const refusalWaitRoundTrips = 3;

/**
 * Does one real TLS handshake over a connected socket with what CloudFront offers, and reports what the server sent.
 * The socket is destroyed in every case; no application data is sent.
 */
export function handshake(socket: Socket, options: HandshakeOptions): Promise<HandshakeResult> {
  return new Promise((resolve) => {
    const wire = tap(socket, byteLimit);
    const secrets = { handshake: null as Buffer | null, application: null as Buffer | null };
    const tls = connect({
      socket: wire.stream,
      servername: options.serverName,
      ...(options.alpn === undefined || options.alpn.length === 0 ? {} : { ALPNProtocols: [...options.alpn] }),
      secureContext: options.context,
      // The certificate is judged afterwards, with the whole chain: an enforced check would stop at the first defect.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    // Node builds an object of the whole chain for the identity check, even for one that ignores it: a tenth of the
    // cost of a healthy connection.
    Object.defineProperty(tls, "getPeerCertificate", { value: () => null });
    let stopWaiting = afterSilence(options.timeoutMs, () =>
      fail(null, { kind: "timed-out", timeoutMs: options.timeoutMs }),
    );
    const onAbort = () => settle({ kind: "not-tried", reason: "deadline" });
    options.signal.addEventListener("abort", onAbort, { once: true });
    const begun = performance.now();
    let roundTripMs = 0;
    let settled = false;

    function settle(result: HandshakeResult): void {
      if (settled) return;
      settled = true;
      stopWaiting();
      options.signal.removeEventListener("abort", onAbort);
      tls.destroy();
      wire.stream.destroy();
      socket.destroy();
      resolve(result);
    }

    function fail(error: TlsError | null, timedOut: HandshakeFailure | null): void {
      if (settled) return;
      const flight = readServerFlight(wire.received(), secrets);
      const failure = failureFrom({ flight, wire, timedOut, violation: violationFrom(error) });
      if (failure === null) settle({ kind: "not-tried", reason: printable(error?.message ?? "connection ended", 200) });
      else settle({ kind: "failed", failure, transcript: transcriptFrom(flight, wire) });
    }

    function finish(openssl: OpensslVerdict): void {
      if (settled) return;
      settle({
        kind: "completed",
        transcript: transcriptFrom(readServerFlight(wire.received(), secrets), wire),
        openssl,
        alpn: agreedAlpn(tls),
      });
    }

    tls.on("keylog", (line) => {
      const [label, , secret] = line.toString("latin1").trim().split(" ");
      if (label === "SERVER_HANDSHAKE_TRAFFIC_SECRET") {
        secrets.handshake = Buffer.from(secret ?? "", "hex");
        roundTripMs = performance.now() - begun;
      }
      if (label === "SERVER_TRAFFIC_SECRET_0") secrets.application = Buffer.from(secret ?? "", "hex");
    });
    tls.on("secureConnect", () => {
      const verdict = opensslVerdict(tls);
      const flight = readServerFlight(wire.received(), secrets);
      if (flight.protocol !== "TLSv1.3" || !flight.clientCertificateRequested || flight.wentOn) {
        settle({
          kind: "completed",
          transcript: transcriptFrom(flight, wire),
          openssl: verdict,
          alpn: agreedAlpn(tls),
        });
        return;
      }
      stopWaiting();
      const wait = Math.max(refusalWaitMs, refusalWaitRoundTrips * roundTripMs);
      stopWaiting = afterSilence(Math.min(wait, options.timeoutMs), () => finish(verdict));
      tls.on("data", () => finish(verdict));
      tls.on("session", () => finish(verdict));
    });
    tls.on("error", (error: TlsError) => fail(error, null));
    tls.on("close", () => fail(null, null));
    if (options.signal.aborted) onAbort();
  });
}

function agreedAlpn({ alpnProtocol }: TLSSocket): string | null {
  return typeof alpnProtocol === "string" ? printable(alpnProtocol, 100) : null;
}

type TlsError = NodeJS.ErrnoException & { readonly reason?: string };

function opensslVerdict(tls: TLSSocket): OpensslVerdict {
  if (tls.authorized) return { ok: true };
  const error: unknown = tls.authorizationError;
  // Node's type says Error; what comes is the code as a string.
  const code =
    typeof error === "string" ? error : error instanceof Error && "code" in error ? String(error.code) : String(error);
  return { ok: false, code };
}

/** OpenSSL's own reason to fail; null when only the connection ended. */
function violationFrom(error: TlsError | null): string | null {
  if (error?.code?.startsWith("ERR_SSL_") || error?.code?.startsWith("ERR_TLS_")) {
    return printable(error.reason ?? error.message, 200);
  }
  return null;
}
