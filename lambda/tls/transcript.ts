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
} from "./messages.ts";
import { contentType, records } from "./records.ts";

/** The secrets that open a TLS 1.3 server's records, as `keylog` lines give them. */
export type ServerSecrets = { readonly handshake: Buffer | null; readonly application: Buffer | null };

export type WireAlert = { readonly level: "warning" | "fatal"; readonly code: number; readonly description: string };

/** What a server said, read from its side of the wire. */
export type ServerFlight = {
  readonly protocol: string | null;
  readonly cipherSuite: string | null;
  readonly group: string | null;
  readonly signatureScheme: string | null;
  readonly certificates: readonly Buffer[];
  readonly clientCertificateRequested: boolean;
  readonly alerts: readonly WireAlert[];
  /** Anything at all came that has the form of a TLS record. */
  readonly spokeTls: boolean;
  /** Records came under the application keys: the server has accepted the client's Finished and gone on. */
  readonly wentOn: boolean;
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
  const reader = flightReader(secrets);
  let problem: string | null = null;
  try {
    for (const record of records(bytes)) {
      if (!reader.record(record)) break;
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    problem = error.message;
  }
  return { ...reader.flight(), problem };
}

function flightReader(secrets: ServerSecrets) {
  const assemble = messageAssembler();
  const certificates: Buffer[] = [];
  const alerts: WireAlert[] = [];
  let spokeTls = false;
  let version: number | null = null;
  let suite: number | null = null;
  let group: number | null = null;
  let scheme: number | null = null;
  let requested = false;
  let wentOn = false;
  let opener: ReturnType<typeof recordOpener> = null;

  function message({ type, body }: HandshakeMessage): void {
    const tls13 = version === protocolVersions["TLSv1.3"];
    if (type === handshakeType.serverHello) {
      const hello = readServerHello(body);
      version = hello.version;
      suite = hello.cipherSuite;
      group = hello.group;
      if (!hello.helloRetryRequest && version === protocolVersions["TLSv1.3"] && secrets.handshake !== null) {
        opener = recordOpener(suite, secrets.handshake);
      }
    } else if (type === handshakeType.certificate) {
      certificates.push(...readCertificates(body, tls13));
    } else if (type === handshakeType.certificateRequest) {
      requested = true;
    } else if (type === handshakeType.serverKeyExchange && version !== null && isEcdhe(suite)) {
      const exchange = readEcdheServerKeyExchange(body, version);
      group = exchange?.group ?? null;
      scheme = exchange?.signatureScheme ?? null;
    } else if (type === handshakeType.certificateVerify && tls13) {
      scheme = readCertificateVerifyScheme(body);
    } else if (type === handshakeType.finished && tls13) {
      opener = suite !== null && secrets.application !== null ? recordOpener(suite, secrets.application) : null;
    }
  }

  function content({ type, payload }: Opened, application: boolean): void {
    if (application) wentOn = true;
    if (type === contentType.alert && payload.length >= 2) {
      const code = payload.readUInt8(1);
      // TLS 1.3 ignores the level: every alert but close_notify and user_canceled is fatal (RFC 8446 §6).
      const level = payload.readUInt8(0) === 1 ? "warning" : "fatal";
      alerts.push({ level, code, description: alertName(code) });
    } else if (type === contentType.handshake && !application) {
      for (const each of assemble(payload)) message(each);
    }
  }

  let handshakeDone = false;
  return {
    /** Takes the next record; false when nothing further can be read. */
    record(record: Parameters<NonNullable<typeof opener>>[0]): boolean {
      spokeTls = true;
      if (record.type === contentType.changeCipherSpec) return version === protocolVersions["TLSv1.3"];
      if (record.type !== contentType.applicationData) {
        content(record, false);
        return true;
      }
      if (opener === null) return false;
      const before = opener;
      content(opener(record), handshakeDone);
      if (opener !== before) handshakeDone = true;
      return true;
    },
    flight(): Omit<ServerFlight, "problem"> {
      return {
        protocol: version === null ? null : versionName(version),
        cipherSuite: suite === null ? null : cipherSuiteName(suite),
        group: group === null ? null : groupName(group),
        signatureScheme: scheme === null ? null : signatureSchemeName(scheme),
        certificates,
        clientCertificateRequested: requested,
        alerts,
        spokeTls,
        wentOn,
      };
    },
  };
}

function isEcdhe(suite: number | null): boolean {
  return suite !== null && cipherSuiteName(suite).startsWith("TLS_ECDHE_");
}
