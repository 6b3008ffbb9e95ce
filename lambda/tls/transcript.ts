import { cipherSuiteName } from "./cipher-suites.ts";
import { alertName, groupName, protocolVersions, signatureSchemeName, versionName } from "./code-points.ts";
import { Malformed } from "./cursor.ts";
import { type Opened, recordOpener } from "./key-schedule.ts";
import {
  type HandshakeMessage,
  handshakeType,
  messageAssembler,
  readCertificates,
  readCertificateVerifyScheme,
  readEcdheServerKeyExchange,
  readServerHello,
  type ServerHello,
} from "./messages.ts";
import { contentType, recordCutter, type TlsRecord } from "./records.ts";

/** The secrets that open a TLS 1.3 server's records, as `keylog` lines give them. */
export type ServerSecrets = { readonly handshake: Buffer | null; readonly application: Buffer | null };

/** What an alert means: in TLS 1.3 by its number, before by the level that was sent. */
export type WireAlert = { readonly level: "warning" | "fatal"; readonly code: number; readonly description: string };

/** What a server said, read from its side of the wire. */
export type ServerFlight = {
  readonly protocol: string | null;
  readonly cipherSuite: string | null;
  readonly group: string | null;
  readonly signatureScheme: string | null;
  readonly certificates: readonly Buffer[];
  readonly clientCertificateRequested: boolean;
  /** The first 20 warnings, and the fatal one that ended it. */
  readonly alerts: readonly WireAlert[];
  /** Anything at all came that has the form of a TLS record. */
  readonly spokeTls: boolean;
  /** Records came under the application keys: the server has accepted the client's Finished and gone on. */
  readonly wentOn: boolean;
  /** The flight has come to its end: ServerHelloDone, or Finished in TLS 1.3. */
  readonly complete: boolean;
  /** Where reading stopped because the bytes did not have the form they should have; null when all was read. */
  readonly problem: string | null;
};

/**
 * Reads what a server sent, as far as it can be read: everything up to TLS 1.2's ChangeCipherSpec, and with the secrets
 * also the protected handshake and alerts of TLS 1.3 (RFC 8446 §5.2, §7.1).
 *
 * Never throws on any input; whatever could be read before malformed bytes is kept.
 */
export function readServerFlight(bytes: Buffer, secrets: ServerSecrets): ServerFlight {
  const reader = flightReader({ serverHello: () => secrets.handshake, application: () => secrets.application });
  reader.push(bytes);
  return reader.flight();
}

/** Where a reader gets the secrets that open a TLS 1.3 server's records, at the moment when it needs them. */
export type SecretSource = {
  /**
   * Called for every ServerHello and HelloRetryRequest of any version; may throw Malformed to refuse it.
   *
   * @param bytes the whole message
   * @returns the server's handshake traffic secret, null when it is not known or there is none
   */
  readonly serverHello: (hello: ServerHello, bytes: Buffer) => Buffer | null;
  readonly application: () => Buffer | null;
};

/** A reader of what a server sends, piece by piece. */
export type FlightReader = {
  /** Takes the next bytes. Never throws on any input. */
  push(bytes: Buffer): void;
  /** What has been read so far. */
  flight(): ServerFlight;
  /** No further bytes are looked at: they are malformed, or protected by keys that are not known. */
  readonly stopped: boolean;
  /** The flight has come to its end. */
  readonly complete: boolean;
  /** A fatal alert has come. */
  readonly refused: boolean;
};

/** close_notify and user_canceled (RFC 8446 §6.1). */
const closureAlerts: ReadonlySet<number> = new Set([0, 90]);

/** More say nothing more; OpenSSL gives up after five in a row. */
const mostWarnings = 20;

/** Reads a server's flight as it comes, in time linear in its bytes. */
export function flightReader(secrets: SecretSource): FlightReader {
  const cut = recordCutter((record) => {
    stopped = !take(record);
    return !stopped;
  });
  const assemble = messageAssembler(message);
  const certificates: Buffer[] = [];
  const alerts: WireAlert[] = [];
  let spokeTls = false;
  let chosen = false;
  let version: number | null = null;
  let suite: number | null = null;
  let group: number | null = null;
  let scheme: number | null = null;
  let requested = false;
  let wentOn = false;
  let complete = false;
  let refused = false;
  let problem: string | null = null;
  let stopped = false;
  /** TLS 1.3 after ServerHello: every handshake message is protected (RFC 8446 §4.1.3). */
  let protectedFromHere = false;
  let opener: ReturnType<typeof recordOpener> = null;

  function message({ type, body, bytes }: HandshakeMessage): void {
    const tls13 = version === protocolVersions["TLSv1.3"];
    if (type === handshakeType.serverHello) {
      serverHello(readServerHello(body), bytes);
    } else if (type === handshakeType.certificate) {
      if (certificates.length > 0) throw new Malformed("second Certificate message");
      certificates.push(...readCertificates(body, tls13));
    } else if (type === handshakeType.certificateRequest) {
      requested = true;
    } else if (type === handshakeType.serverKeyExchange && version !== null && isEcdhe(suite)) {
      const exchange = readEcdheServerKeyExchange(body, version);
      group = exchange?.group ?? null;
      scheme = exchange?.signatureScheme ?? null;
    } else if (type === handshakeType.serverHelloDone) {
      complete = true;
    } else if (type === handshakeType.certificateVerify && tls13) {
      scheme = readCertificateVerifyScheme(body);
    } else if (type === handshakeType.finished && tls13) {
      complete = true;
      const secret = secrets.application();
      opener = suite !== null && secret !== null ? recordOpener(suite, secret) : null;
    }
  }

  function serverHello(hello: ServerHello, bytes: Buffer): void {
    if (chosen) throw new Malformed("second ServerHello");
    chosen = !hello.helloRetryRequest;
    version = hello.version;
    suite = hello.cipherSuite;
    group = hello.group;
    const secret = secrets.serverHello(hello, bytes);
    if (hello.helloRetryRequest || version !== protocolVersions["TLSv1.3"]) return;
    protectedFromHere = true;
    opener = secret === null ? null : recordOpener(suite, secret);
  }

  function content({ type, payload }: Opened, application: boolean): void {
    if (application) wentOn = true;
    if (type === contentType.alert && payload.length >= 2) {
      const code = payload.readUInt8(1);
      // TLS 1.3 ignores the level: every alert but close_notify and user_canceled is fatal (RFC 8446 §6).
      const tls13 = version === protocolVersions["TLSv1.3"];
      const isWarning = tls13 ? closureAlerts.has(code) : payload.readUInt8(0) === 1;
      const level = isWarning ? "warning" : "fatal";
      if (refused || (level === "warning" && alerts.length >= mostWarnings)) return;
      refused = level === "fatal";
      alerts.push({ level, code, description: alertName(code) });
    } else if (type === contentType.handshake && !application) {
      assemble(payload);
    }
  }

  let handshakeDone = false;

  /** Takes the next record; false when nothing further can be read. */
  function take(record: TlsRecord): boolean {
    spokeTls = true;
    if (record.type === contentType.changeCipherSpec) return version === protocolVersions["TLSv1.3"];
    if (record.type !== contentType.applicationData) {
      if (protectedFromHere && record.type === contentType.handshake) {
        throw new Malformed("unprotected handshake message after ServerHello");
      }
      content(record, false);
      return true;
    }
    if (opener === null) return false;
    const before = opener;
    content(opener(record), handshakeDone);
    if (opener !== before) handshakeDone = true;
    return true;
  }

  return {
    push(bytes) {
      if (stopped) return;
      try {
        cut(bytes);
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        stopped = true;
        problem = error.message;
      }
    },
    flight: () => ({
      protocol: version === null ? null : versionName(version),
      cipherSuite: suite === null ? null : cipherSuiteName(suite),
      group: group === null ? null : groupName(group),
      signatureScheme: scheme === null ? null : signatureSchemeName(scheme),
      certificates,
      clientCertificateRequested: requested,
      alerts,
      spokeTls,
      wentOn,
      complete,
      problem,
    }),
    get stopped() {
      return stopped;
    },
    get complete() {
      return complete;
    },
    get refused() {
      return refused;
    },
  };
}

function isEcdhe(suite: number | null): boolean {
  return suite !== null && cipherSuiteName(suite).startsWith("TLS_ECDHE_");
}
