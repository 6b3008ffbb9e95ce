import { createDecipheriv, createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { Malformed } from "./cursor.ts";
import { contentType, type TlsRecord } from "./records.ts";

/** The protection of a TLS 1.3 suite: its AEAD with key length in bytes, and its hash (RFC 8446 §B.4). */
const protections = {
  4865: { aead: "aes-128-gcm", keyLength: 16, hash: "sha256" },
  4866: { aead: "aes-256-gcm", keyLength: 32, hash: "sha384" },
  4867: { aead: "chacha20-poly1305", keyLength: 32, hash: "sha256" },
} as const;

type Protection = (typeof protections)[keyof typeof protections];

const ivLength = 12;
const tagLength = 16;

export type Opened = { readonly type: number; readonly payload: Buffer };

/**
 * Opens the records of one direction and epoch of a TLS 1.3 connection, in order, given its traffic secret.
 *
 * @param suite code point of the suite from ServerHello
 * @returns null for a suite that TLS 1.3 does not define, else a function that opens the next record.
 */
export function recordOpener(suite: number, trafficSecret: Buffer): ((record: TlsRecord) => Opened) | null {
  const protection = protectionOf(suite);
  if (protection === null) return null;
  // Derived for the first record: behind a healthy handshake none comes under the application keys.
  let keys: ReturnType<typeof recordKeys> | null = null;
  let sequence = 0;
  return (record) => {
    keys ??= recordKeys(protection, trafficSecret);
    // The nonce is the static iv with the record's number in its last eight bytes (RFC 8446 §5.3).
    const nonce = Buffer.from(keys.iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    sequence += 1;
    return open(protection.aead, keys.key, nonce, record);
  };
}

/** As KeyObjects, for a quarter of the time that Buffers take: servers may cut their messages into tiny records. */
function recordKeys({ hash, keyLength }: Protection, trafficSecret: Buffer): { key: KeyObject; iv: Buffer } {
  const secret = createSecretKey(trafficSecret);
  return {
    key: createSecretKey(expandLabel(hash, secret, "key", empty, keyLength)),
    iv: expandLabel(hash, secret, "iv", empty, ivLength),
  };
}

/**
 * The secret that protects the rest of the server's handshake, server_handshake_traffic_secret of a full handshake
 * without a pre-shared key (RFC 8446 §7.1).
 *
 * @param suite code point of the suite from ServerHello
 * @param sharedSecret of the key exchange (§7.4)
 * @param messages ClientHello to ServerHello; with a HelloRetryRequest among them they are four (§4.4.1)
 * @returns null for a suite that `recordOpener` does not know
 */
export function serverHandshakeSecret(suite: number, sharedSecret: Buffer, messages: readonly Buffer[]): Buffer | null {
  const hash = protectionOf(suite)?.hash;
  if (hash === undefined) return null;
  const length = hashLength[hash];
  const digest = (parts: readonly Buffer[]) => createHash(hash).update(Buffer.concat(parts)).digest();
  const early = extract(hash, Buffer.alloc(length), Buffer.alloc(length));
  const derived = expandLabel(hash, early, "derived", digest([]), length);
  const handshake = extract(hash, derived, sharedSecret);
  const [first = empty, ...others] = messages;
  const messageHash = 254;
  const transcript =
    others.length > 1 ? [Buffer.from([messageHash, 0, 0, length]), digest([first]), ...others] : messages;
  return expandLabel(hash, handshake, "s hs traffic", digest(transcript), length);
}

type HashName = "sha256" | "sha384";

const hashLength = { sha256: 32, sha384: 48 } as const;
const empty = Buffer.alloc(0);

function protectionOf(suite: number) {
  return suite === 4865 || suite === 4866 || suite === 4867 ? protections[suite] : null;
}

function open(
  aead: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305",
  key: KeyObject,
  nonce: Buffer,
  record: TlsRecord,
): Opened {
  const sealed = record.payload.length - tagLength;
  if (sealed < 1) throw new Malformed("protected record without content");
  // Node types a ChaCha20-Poly1305 decipher apart from the GCM ones although both take the same calls.
  const decipher =
    aead === "chacha20-poly1305"
      ? createDecipheriv(aead, key, nonce, { authTagLength: tagLength })
      : createDecipheriv(aead, key, nonce, { authTagLength: tagLength });
  decipher.setAAD(record.header, { plaintextLength: sealed });
  decipher.setAuthTag(record.payload.subarray(sealed));
  let inner: Buffer;
  try {
    inner = decipher.update(record.payload.subarray(0, sealed));
    // Only checks the tag: these ciphers hold nothing back.
    decipher.final();
  } catch {
    throw new Malformed("protected record that does not authenticate");
  }
  // TLSInnerPlaintext: content, its type, then zero padding (RFC 8446 §5.2).
  let end = inner.length - 1;
  while (end >= 0 && inner[end] === 0) end -= 1;
  if (end < 0) throw new Malformed("protected record without a content type");
  return { type: inner[end] ?? contentType.alert, payload: inner.subarray(0, end) };
}

/** HKDF-Extract (RFC 5869 §2.2). */
function extract(hash: HashName, salt: Buffer, secret: Buffer): Buffer {
  return createHmac(hash, salt).update(secret).digest();
}

/** HKDF-Expand-Label for outputs of at most one hash block (RFC 8446 §7.1, RFC 5869 §2.3). */
function expandLabel(
  hash: HashName,
  secret: Buffer | KeyObject,
  label: string,
  context: Buffer,
  length: number,
): Buffer {
  const name = Buffer.from(`tls13 ${label}`, "ascii");
  const lengths = Buffer.from([length >> 8, length & 0xff, name.length]);
  const info = Buffer.concat([lengths, name, Buffer.from([context.length]), context, Buffer.from([1])]);
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}
