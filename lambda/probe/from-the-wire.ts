import { printable } from "../text/printable.ts";
import type { ServerFlight } from "../tls/transcript.ts";
import type { HandshakeFailure, Transcript } from "./observation.ts";
import type { Tap } from "./tap.ts";

/** The largest real chains need some 30 kB; nothing is read beyond this. */
export const byteLimit = 256 * 1024;

/** What is known about a handshake that failed. */
export type Evidence = {
  readonly flight: ServerFlight;
  readonly wire: Tap;
  /** Set when time ran out. */
  readonly timedOut: HandshakeFailure | null;
  /** Why our side gave up, when it did: the server broke the protocol. */
  readonly violation: string | null;
};

/**
 * The cause of a failed handshake, read from the wire first: a TLS library's messages differ between versions and hide
 * who ended the connection. Null when neither the wire nor our side shows one, which is then a fault of ours.
 */
export function failureFrom({ flight, wire, timedOut, violation }: Evidence): HandshakeFailure | null {
  if (wire.overLimit) return { kind: "too-much-data", limitBytes: byteLimit };
  // OpenSSL's client refuses certificate messages above 100 KiB, and our reader above its own limit: both are our limits.
  const tooLong = /excessive message size|handshake message of \d+ bytes/.test(`${violation} ${flight.problem}`);
  if (tooLong && flight.protocol !== null) {
    return { kind: "too-much-data", limitBytes: certificateMessageLimit };
  }
  if (flight.problem !== null && flight.protocol === null) {
    return { kind: "not-tls", preview: firstLine(wire.received()) };
  }
  const fatal = flight.alerts.findLast(({ level }) => level === "fatal");
  if (fatal !== undefined) return { kind: "alert", alert: fatal };
  if (timedOut !== null) return timedOut;
  // A warning alert counts as the cause if the server, and not our side, then ended the handshake.
  const lastWords = flight.alerts.findLast(({ code }) => code !== closeNotify);
  if (lastWords !== undefined && wire.end !== null) return { kind: "alert", alert: lastWords };
  if (violation !== null) return { kind: "protocol-violation", detail: violation };
  // A close_notify in place of an answer closes just as well as the end of the connection that follows it.
  if (wire.end === null && flight.alerts.length > 0) return { kind: "closed" };
  return wire.end === null ? null : { kind: wire.end };
}

const closeNotify = 0;

/** SSL_CTX_set_max_cert_list(3): the default of OpenSSL, which Node does not let one change. */
const certificateMessageLimit = 100 * 1024;

/** Of an answer in HTTP the status line: the headers after it hold cookies and tokens. */
function firstLine(bytes: Buffer): string {
  const [line = ""] = bytes
    .subarray(0, 120)
    .toString("latin1")
    .split(/[\r\n]/, 1);
  return printable(line, 200);
}

/** What the server sent, in the form that observations keep. */
export function transcriptFrom(flight: ServerFlight, wire: Tap): Transcript {
  return {
    bytesReceived: wire.bytesReceived,
    protocol: flight.protocol,
    cipherSuite: flight.cipherSuite,
    group: flight.group,
    signatureScheme: flight.signatureScheme,
    certificates: flight.certificates.map((certificate) => certificate.toString("base64")),
    clientCertificateRequested: flight.clientCertificateRequested,
    warnings: flight.alerts.filter(({ level, code }) => level === "warning" && code !== closeNotify),
    unreadable: flight.problem,
  };
}
