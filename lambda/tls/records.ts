import { Malformed } from "./cursor.ts";

/** Record content types (RFC 8446 §5.1). */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export type TlsRecord = {
  readonly type: number;
  /** legacy_record_version as sent. */
  readonly version: number;
  /** The five header bytes: the additional data of TLS 1.3 record protection. */
  readonly header: Buffer;
  readonly payload: Buffer;
};

/** The longest payload that any version allows: 2^14 plus the 2,048 bytes of TLS 1.2 expansion (RFC 5246 §6.2.3). */
const longestPayload = 16_384 + 2_048;

/**
 * Cuts a byte string into TLS records. A record that has not arrived whole ends the list silently.
 *
 * @throws Malformed when the bytes cannot be TLS records.
 */
export function* records(bytes: Buffer): Generator<TlsRecord> {
  let at = 0;
  while (at < bytes.length) {
    const type = bytes.readUInt8(at);
    if (type < contentType.changeCipherSpec || type > contentType.applicationData) {
      throw new Malformed(`record type ${type}`);
    }
    if (at + 5 > bytes.length) return;
    if (bytes.readUInt8(at + 1) !== 3) throw new Malformed(`record version major ${bytes.readUInt8(at + 1)}`);
    const length = bytes.readUInt16BE(at + 3);
    if (length > longestPayload) throw new Malformed(`record of ${length} bytes`);
    if (at + 5 + length > bytes.length) return;
    yield {
      type,
      version: bytes.readUInt16BE(at + 1),
      header: bytes.subarray(at, at + 5),
      payload: bytes.subarray(at + 5, at + 5 + length),
    };
    at += 5 + length;
  }
}
