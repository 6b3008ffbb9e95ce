import { createCipheriv, createHmac, createSecretKey } from "node:crypto";
import { recordOpener } from "../../lambda/tls/key-schedule.ts";
import { contentType, recordCutter } from "../../lambda/tls/records.ts";
import { readServerFlight } from "../../lambda/tls/transcript.ts";
import type { Recorded } from "./recordings.ts";

/** A recording of TLS 1.3 taken apart, so that it can be changed under its protection and sealed again. */
export type Unsealed = {
  /** The records in the clear. */
  readonly clear: Buffer;
  /** The protected handshake messages, run together. */
  readonly handshake: Buffer;
  readonly sealHandshake: Seal;
  readonly sealApplication: Seal;
};

/** Protects one record (RFC 8446 §5.2), `sequence` being its number under this key. */
export type Seal = (sequence: number, type: number, payload: Buffer) => Buffer;

const suites: { readonly [name: string]: { code: number; aead: Aead; keyLength: number; hash: string } } = {
  TLS_AES_128_GCM_SHA256: { code: 0x1301, aead: "aes-128-gcm", keyLength: 16, hash: "sha256" },
  TLS_AES_256_GCM_SHA384: { code: 0x1302, aead: "aes-256-gcm", keyLength: 32, hash: "sha384" },
  TLS_CHACHA20_POLY1305_SHA256: { code: 0x1303, aead: "chacha20-poly1305", keyLength: 32, hash: "sha256" },
};

type Aead = "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";

/** Null for a recording without secrets. */
export function unseal({ bytes, secrets }: Pick<Recorded, "bytes" | "secrets">): Unsealed | null {
  const suite = suites[readServerFlight(bytes, secrets).cipherSuite ?? ""];
  if (suite === undefined || secrets.handshake === null || secrets.application === null) return null;
  const open = recordOpener(suite.code, secrets.handshake)!;
  const clear: Buffer[] = [];
  const handshake: Buffer[] = [];
  for (const record of recordCutter()(bytes)) {
    if (record.type !== contentType.applicationData) {
      clear.push(record.header, record.payload);
      continue;
    }
    const { payload } = open(record);
    handshake.push(payload);
    if (endsWithFinished(Buffer.concat(handshake))) break;
  }
  return {
    clear: Buffer.concat(clear),
    handshake: Buffer.concat(handshake),
    sealHandshake: seal(suite, secrets.handshake),
    sealApplication: seal(suite, secrets.application),
  };
}

function endsWithFinished(messages: Buffer): boolean {
  const finished = 20;
  for (let at = 0; at + 4 <= messages.length; at += 4 + messages.readUIntBE(at + 1, 3)) {
    if (messages[at] === finished) return true;
  }
  return false;
}

function seal({ aead, keyLength, hash }: { aead: Aead; keyLength: number; hash: string }, secret: Buffer): Seal {
  const derive = (label: string, length: number) => {
    const info = Buffer.from(`\0${String.fromCharCode(length, 6 + label.length)}tls13 ${label}\0\x01`, "latin1");
    return createHmac(hash, secret).update(info).digest().subarray(0, length);
  };
  const key = createSecretKey(derive("key", keyLength));
  const iv = derive("iv", 12);
  return (sequence, type, payload) => {
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    const length = payload.length + 1 + 16;
    const header = Buffer.from([contentType.applicationData, 3, 3, length >> 8, length & 0xff]);
    // Node types a ChaCha20-Poly1305 cipher apart from the GCM ones although both take the same calls.
    const cipher =
      aead === "chacha20-poly1305"
        ? createCipheriv(aead, key, nonce, { authTagLength: 16 })
        : createCipheriv(aead, key, nonce, { authTagLength: 16 });
    cipher.setAAD(header, { plaintextLength: payload.length + 1 });
    const inner = Buffer.concat([payload, Buffer.from([type])]);
    return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  };
}
