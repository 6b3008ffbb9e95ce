import { randomBytes } from "node:crypto";
import type { RawBehavior } from "./raw-origin.ts";

/** A server's first flight up to TLS 1.2, as bytes that need no key: what Node itself cannot be made to send. */
export type ServerFlight = {
  /** The number on the wire: 0x0300 for SSLv3 to 0x0303 for TLS 1.2. */
  readonly version: number;
  /** The number of the cipher suite, for example 0x0004 for RC4-MD5 or 0x000a for DES-CBC3-SHA. */
  readonly cipherSuite: number;
  /** DER, sent in this order whatever it is, so that the leaf need not be the first. */
  readonly certificates: readonly Uint8Array[];
  /** Body of a ServerKeyExchange message, left out for static RSA. */
  readonly serverKeyExchange?: Uint8Array;
  /** Adds a CertificateRequest for RSA and ECDSA client certificates of any authority. */
  readonly requestClientCertificate?: boolean;
  /** The renegotiation_info extension (RFC 5746 §3.6), which only old servers lack. @default true, but for SSLv3 */
  readonly secureRenegotiation?: boolean;
  /** @default 0; anything else is a violation of what every client here offers */
  readonly compression?: number;
  /**
   * Bytes of handshake that a record carries: messages are then cut and run together to fill records of this length
   * (RFC 5246 §6.2.1). @default every message begins a record of its own
   */
  readonly fragment?: number;
};

/** Answers every ClientHello with this flight and then closes; the handshake cannot be completed. */
export function serverFlight(flight: ServerFlight): RawBehavior {
  return { kind: "reply", bytes: serverFlightBytes(flight) };
}

/**
 * ServerHello, Certificate, ServerKeyExchange, CertificateRequest and ServerHelloDone (RFC 5246 §7.4; RFC 6101 §5.6
 * for SSLv3), one record each as far as they fit.
 */
export function serverFlightBytes(flight: ServerFlight): Buffer {
  const { version } = flight;
  const messages = [
    message(2, [
      u16(version),
      randomBytes(32),
      u8(0),
      u16(flight.cipherSuite),
      u8(flight.compression ?? 0),
      ...extensions(flight),
    ]),
    message(11, [u24Vector(flight.certificates.map((certificate) => u24Vector([certificate])))]),
    ...(flight.serverKeyExchange === undefined ? [] : [message(12, [flight.serverKeyExchange])]),
    ...(flight.requestClientCertificate === true ? [certificateRequest(version)] : []),
    message(14, []),
  ];
  const { fragment } = flight;
  if (fragment !== undefined) return Buffer.concat(records(version, Buffer.concat(messages), fragment));
  return Buffer.concat(messages.flatMap((bytes) => records(version, bytes, MAX_FRAGMENT)));
}

function extensions({ version, secureRenegotiation = version > 0x0300 }: ServerFlight): Buffer[] {
  return secureRenegotiation ? [u16(5), u16(0xff01), u16(1), u8(0)] : [];
}

/** RFC 5246 §7.4.4; the list of signature schemes is new in TLS 1.2. */
function certificateRequest(version: number): Buffer {
  const types = [u8(2), u8(1), u8(64)];
  const schemes = version >= 0x0303 ? [u16(4), u16(0x0401), u16(0x0403)] : [];
  return message(13, [...types, ...schemes, u16(0)]);
}

function message(type: number, parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([u8(type), u24Vector(parts)]);
}

function records(version: number, bytes: Buffer, longest: number): Buffer[] {
  const fragments: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += longest) {
    const fragment = bytes.subarray(at, at + longest);
    fragments.push(Buffer.concat([u8(22), u16(version), u16(fragment.length), fragment]));
  }
  return fragments;
}

function u24Vector(parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u8(body.length >> 16), u16(body.length & 0xffff), body]);
}

function u8(value: number): Buffer {
  return Buffer.from([value]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** RFC 5246 §6.2.1. */
const MAX_FRAGMENT = 16_384;
