import { Cursor, Malformed } from "./cursor.ts";

/** Handshake message types (RFC 8446 §4, RFC 5246 §7.4). */
export const handshakeType = {
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  finished: 20,
} as const;

export type HandshakeMessage = {
  readonly type: number;
  readonly body: Buffer;
  /** The message with its header, as it enters the transcript hash (RFC 8446 §4.4.1). */
  readonly bytes: Buffer;
};

/** The message is longer than anything that a certificate chain can need. */
const longestMessage = 256 * 1024;

/**
 * The pieces that an unfinished message is kept in: a Buffer takes a hundred times the memory of the one byte that a
 * hostile server may put into a record. In step with the bytes, so that joining them stays linear.
 */
function mostPieces(bytes: number): number {
  return Math.max(256, bytes / 16);
}

/** More of the shortest possible do not fit into the largest Certificate message that OpenSSL reads. */
const mostCertificates = 1_000;

/**
 * Reassembles handshake messages from record payloads: they may be fragmented and coalesced, but no record
 * may be empty (RFC 8446 §5.1). Work and memory are linear in the bytes.
 *
 * @param take gets each message
 * @returns a function that takes the next payload and passes on the messages that are whole by then; it throws Malformed
 * after the last good one.
 */
export function messageAssembler(take: (message: HandshakeMessage) => void): (payload: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = headerLength;
  return (payload) => {
    if (payload.length === 0) throw new Malformed("empty handshake record");
    pieces.push(payload);
    held += payload.length;
    if (held < needed) {
      if (pieces.length >= mostPieces(held)) pieces = [Buffer.concat(pieces, held)];
      return;
    }
    let rest = pieces.length === 1 ? payload : Buffer.concat(pieces, held);
    for (needed = lengthKnown(rest); rest.length >= needed; needed = lengthKnown(rest)) {
      take({ type: rest.readUInt8(0), body: rest.subarray(headerLength, needed), bytes: rest.subarray(0, needed) });
      rest = rest.subarray(needed);
    }
    pieces = [rest];
    held = rest.length;
  };
}

const headerLength = 4;

/** How many bytes the next step needs: a whole header, or a whole message. */
function lengthKnown(bytes: Buffer): number {
  if (bytes.length < headerLength) return headerLength;
  const length = bytes.readUIntBE(1, 3);
  if (length > longestMessage) throw new Malformed(`handshake message of ${length} bytes`);
  return headerLength + length;
}

export type ServerHello = {
  readonly version: number;
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly cipherSuite: number;
  readonly compression: number;
  /** The group of the key share (TLS 1.3 only). */
  readonly group: number | null;
  /** The server's public key (TLS 1.3 only); null in a HelloRetryRequest. */
  readonly publicKey: Buffer | null;
  /** To be given back in the second hello (RFC 8446 §4.2.2). */
  readonly cookie: Buffer | null;
  readonly helloRetryRequest: boolean;
};

/** The random that marks a HelloRetryRequest (RFC 8446 §4.1.3). */
const helloRetryRandom = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");

const extension = { supportedVersions: 43, cookie: 44, keyShare: 51 } as const;

/** RFC 8446 §4.1.3. */
export function readServerHello(body: Buffer): ServerHello {
  const hello = new Cursor(body);
  const legacyVersion = hello.uint16();
  const random = hello.bytes(32);
  const sessionId = hello.vector(1).rest();
  const cipherSuite = hello.uint16();
  const compression = hello.uint8();
  const helloRetryRequest = random.equals(helloRetryRandom);
  let version = legacyVersion;
  let group: number | null = null;
  let publicKey: Buffer | null = null;
  let cookie: Buffer | null = null;
  if (hello.remaining > 0) {
    const extensions = hello.vector(2);
    while (extensions.remaining > 0) {
      const type = extensions.uint16();
      const data = extensions.vector(2);
      if (type === extension.supportedVersions) version = data.uint16();
      if (type === extension.cookie) cookie = data.vector(2).rest();
      if (type === extension.keyShare) {
        group = data.uint16();
        publicKey = helloRetryRequest ? null : data.vector(2).rest();
      }
    }
  }
  return { version, random, sessionId, cipherSuite, compression, group, publicKey, cookie, helloRetryRequest };
}

/** The first certificates of a Certificate message, DER, in the order sent (RFC 5246 §7.4.2, RFC 8446 §4.4.2). */
export function readCertificates(body: Buffer, tls13: boolean): Buffer[] {
  const message = new Cursor(body);
  if (tls13) message.vector(1);
  const list = message.vector(3);
  const certificates: Buffer[] = [];
  while (list.remaining > 0 && certificates.length < mostCertificates) {
    certificates.push(list.vector(3).rest());
    if (tls13) list.vector(2);
  }
  return certificates;
}

export type ServerKeyExchange = { readonly group: number; readonly signatureScheme: number | null };

/**
 * ServerKeyExchange of an ECDHE suite (RFC 8422 §5.4); null for explicit curves, which no CloudFront suite uses.
 * Before TLS 1.2 the signature algorithm is not on the wire.
 */
export function readEcdheServerKeyExchange(body: Buffer, version: number): ServerKeyExchange | null {
  const message = new Cursor(body);
  const namedCurve = 3;
  if (message.uint8() !== namedCurve) return null;
  const group = message.uint16();
  message.vector(1);
  return { group, signatureScheme: version >= 0x0303 ? message.uint16() : null };
}

/** The signature scheme of a CertificateVerify message (RFC 8446 §4.4.3). */
export function readCertificateVerifyScheme(body: Buffer): number {
  return new Cursor(body).uint16();
}
