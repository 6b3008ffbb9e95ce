import { randomBytes } from "node:crypto";
import {
  type NamedGroup,
  namedGroups,
  type ProtocolVersion,
  protocolVersions,
  type SignatureScheme,
  signatureSchemes,
} from "./code-points.ts";
import { createKeyShare, hasKeyShare, type KeyShare } from "./key-share.ts";
import { contentType } from "./records.ts";

/** What a client offers. The order of suites, groups and schemes is preference; nothing is added to the lists. */
export type HelloOffer = {
  readonly versions: readonly ProtocolVersion[];
  /** Code points. */
  readonly cipherSuites: readonly number[];
  readonly groups: readonly NamedGroup[];
  readonly signatureSchemes: readonly SignatureScheme[];
  readonly serverName: string | null;
  /**
   * The groups for which a TLS 1.3 hello carries a key; an empty list makes the server ask for one (HelloRetryRequest).
   * Groups in which no key can be made here are left out. @default the first of `groups` that has one, as OpenSSL and
   * s2n do
   */
  readonly keyShares?: readonly NamedGroup[];
  /** Pads the handshake message to this many bytes (RFC 7685); without effect on SSLv3, which has no extensions. */
  readonly paddedTo?: number;
};

/** What a HelloRetryRequest asks for (RFC 8446 §4.1.4). */
export type RetryRequest = { readonly group: NamedGroup | null; readonly cookie: Buffer | null };

export type EncodedHello = {
  /** The handshake message in TLS records. */
  readonly bytes: Buffer;
  /** The handshake message alone, as it enters the transcript hash (RFC 8446 §4.4.1). */
  readonly message: Buffer;
  readonly sessionId: Buffer;
  readonly keyShares: readonly KeyShare[];
  /** The second hello: the same but for the key share and the cookie asked for (RFC 8446 §4.1.2). */
  retry(request: RetryRequest): EncodedHello;
};

/**
 * Encodes a ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2; RFC 6101 §5.6.1.2 for SSLv3), with fresh random bytes and
 * fresh keys.
 *
 * @throws RangeError when a list is longer than its length field can say: 32,767 suites, 64 KiB of extensions
 */
export function encodeClientHello(offer: HelloOffer): EncodedHello {
  const groups = offer.keyShares ?? offer.groups.filter(hasKeyShare).slice(0, 1);
  return encode(offer, {
    random: randomBytes(32),
    // As OpenSSL does it, so that middleboxes take TLS 1.3 for a resumption of TLS 1.2 (RFC 8446 §D.4).
    sessionId: offersTls13(offer) ? randomBytes(32) : Buffer.alloc(0),
    keyShares: offersTls13(offer) ? groups.map(createKeyShare).filter((share) => share !== null) : [],
    cookie: null,
  });
}

type Fresh = {
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly keyShares: readonly KeyShare[];
  readonly cookie: Buffer | null;
};

function encode(offer: HelloOffer, fresh: Fresh): EncodedHello {
  const message = handshakeMessage(offer, fresh);
  return {
    bytes: inRecords(recordVersion(offer), message),
    message,
    sessionId: fresh.sessionId,
    keyShares: fresh.keyShares,
    retry({ group, cookie }) {
      const share = group === null ? null : createKeyShare(group);
      return encode(offer, { ...fresh, cookie, keyShares: share === null ? fresh.keyShares : [share] });
    },
  };
}

function handshakeMessage(offer: HelloOffer, fresh: Fresh): Buffer {
  const sslv3 = offer.versions.every((version) => version === "SSLv3");
  const suites = sslv3 ? [...offer.cipherSuites, emptyRenegotiationInfoScsv] : offer.cipherSuites;
  const head = Buffer.concat([
    u16(legacyVersion(offer)),
    fresh.random,
    vector(1, fresh.sessionId),
    vector(2, ...suites.map(u16)),
    vector(1, u8(0)),
  ]);
  const extensions = sslv3 ? [] : padded(offer, extensionsOf(offer, fresh), 4 + head.length + 2);
  const clientHello = 1;
  return Buffer.concat([u8(clientHello), vector(3, head, ...(sslv3 ? [] : [vector(2, ...extensions)]))]);
}

function extensionsOf(offer: HelloOffer, { keyShares, cookie }: Fresh): Buffer[] {
  const { serverName, groups, versions } = offer;
  const schemes = offersTls12(offer) || offersTls13(offer) ? offer.signatureSchemes : [];
  const extensions: Buffer[] = [];
  if (serverName !== null) {
    const hostName = 0;
    extensions.push(extension(0, vector(2, u8(hostName), vector(2, Buffer.from(serverName, "latin1")))));
  }
  if (groups.length > 0) {
    extensions.push(extension(10, vector(2, ...groups.map((group) => u16(namedGroups[group])))));
    // Uncompressed points, the only form that is not deprecated (RFC 8422 §5.1.2).
    if (offersBelowTls13(offer)) extensions.push(extension(11, vector(1, u8(0))));
  }
  if (schemes.length > 0) {
    extensions.push(extension(13, vector(2, ...schemes.map((scheme) => u16(signatureSchemes[scheme])))));
  }
  if (offersBelowTls13(offer)) {
    extensions.push(extension(23)); // extended_master_secret (RFC 7627 §5.1)
    extensions.push(extension(0xff01, vector(1))); // renegotiation_info of a first handshake (RFC 5746 §3.4)
  }
  if (offersTls13(offer)) {
    const codes = versions.map((version) => protocolVersions[version]).toSorted((a, b) => b - a);
    extensions.push(extension(43, vector(1, ...codes.map(u16))));
    const shares = keyShares.map(({ group, publicKey }) => Buffer.concat([u16(group), vector(2, publicKey)]));
    extensions.push(extension(51, vector(2, ...shares)));
    if (cookie !== null) extensions.push(extension(44, vector(2, cookie)));
  }
  return extensions;
}

/** Adds the padding extension (RFC 7685 §3), of which the first four bytes cannot be saved. */
function padded(offer: HelloOffer, extensions: readonly Buffer[], before: number): readonly Buffer[] {
  const length = extensions.reduce((sum, { length }) => sum + length, before);
  const missing = (offer.paddedTo ?? 0) - length;
  return missing <= 0 ? extensions : [...extensions, extension(21, Buffer.alloc(Math.max(0, missing - 4)))];
}

/** The highest version offered, but never above TLS 1.2: TLS 1.3 is in supported_versions alone (RFC 8446 §4.1.2). */
function legacyVersion({ versions }: HelloOffer): number {
  return Math.min(protocolVersions["TLSv1.2"], Math.max(...versions.map((version) => protocolVersions[version])));
}

/** TLS 1.0's, for servers that stumble over anything newer (RFC 8446 §5.1), or SSLv3's when that is offered. */
function recordVersion({ versions }: HelloOffer): number {
  return versions.includes("SSLv3") ? protocolVersions.SSLv3 : protocolVersions.TLSv1;
}

function offersTls13({ versions }: HelloOffer): boolean {
  return versions.includes("TLSv1.3");
}

function offersTls12({ versions }: HelloOffer): boolean {
  return versions.includes("TLSv1.2");
}

function offersBelowTls13({ versions }: HelloOffer): boolean {
  return versions.some((version) => version !== "TLSv1.3");
}

/** Says in SSLv3 what the renegotiation_info extension says elsewhere (RFC 5746 §3.3). */
const emptyRenegotiationInfoScsv = 0x00ff;

/** RFC 8446 §5.1. */
const longestFragment = 16_384;

function inRecords(version: number, message: Buffer): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += longestFragment) {
    const fragment = message.subarray(at, at + longestFragment);
    records.push(u8(contentType.handshake), u16(version), vector(2, fragment));
  }
  return Buffer.concat(records);
}

function extension(type: number, ...data: readonly Buffer[]): Buffer {
  return Buffer.concat([u16(type), vector(2, ...data)]);
}

/** A vector with a length prefix of one, two or three bytes (RFC 8446 §3.4). */
function vector(prefix: 1 | 2 | 3, ...parts: readonly Buffer[]): Buffer {
  const length = Buffer.alloc(prefix);
  length.writeUIntBE(
    parts.reduce((sum, part) => sum + part.length, 0),
    0,
    prefix,
  );
  return Buffer.concat([length, ...parts]);
}

function u8(value: number): Buffer {
  return Buffer.from([value]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
