import { createCipheriv, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { contentType } from "../../lambda/tls/records.ts";

/** The protection of a TLS 1.3 suite (RFC 8446 §B.4). */
export type Protection = {
  readonly code: number;
  readonly aead: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
  readonly keyLength: number;
  readonly hash: "sha256" | "sha384";
};

export const protections = {
  TLS_AES_128_GCM_SHA256: { code: 0x1301, aead: "aes-128-gcm", keyLength: 16, hash: "sha256" },
  TLS_AES_256_GCM_SHA384: { code: 0x1302, aead: "aes-256-gcm", keyLength: 32, hash: "sha384" },
  TLS_CHACHA20_POLY1305_SHA256: { code: 0x1303, aead: "chacha20-poly1305", keyLength: 32, hash: "sha256" },
} as const satisfies Readonly<Record<string, Protection>>;

/** Protects one record (RFC 8446 §5.2), `sequence` being its number under this key. */
export type Seal = (sequence: number, type: number, payload: Buffer) => Buffer;

/** What seals a server's records with a traffic secret. */
export function sealer({ aead, keyLength, hash }: Protection, secret: Buffer): Seal {
  const key = createSecretKey(derived(hash, secret, "key", keyLength));
  const iv = derived(hash, secret, "iv", 12);
  return (sequence, type, payload) => {
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    const length = payload.length + 1 + 16;
    const header = Buffer.from([contentType.applicationData, 3, 3, length >> 8, length & 0xff]);
    const cipher = cipherFor(aead, key, nonce);
    cipher.setAAD(header, { plaintextLength: payload.length + 1 });
    const inner = Buffer.concat([payload, Buffer.from([type])]);
    return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  };
}

/** HKDF-Expand-Label without a context (RFC 8446 §7.1). */
export function derived(hash: Protection["hash"], secret: Buffer, label: string, length: number): Buffer {
  const info = Buffer.from(`\0${String.fromCharCode(length, 6 + label.length)}tls13 ${label}\0\x01`, "latin1");
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}

/** Node types a ChaCha20-Poly1305 cipher apart from the GCM ones although both take the same calls. */
function cipherFor(aead: Protection["aead"], key: KeyObject, nonce: Buffer) {
  return aead === "chacha20-poly1305"
    ? createCipheriv(aead, key, nonce, { authTagLength: 16 })
    : createCipheriv(aead, key, nonce, { authTagLength: 16 });
}
