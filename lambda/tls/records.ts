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

const headerLength = 5;

/**
 * Cuts a stream of bytes into TLS records, however it arrives in pieces. Work and memory are linear in the bytes.
 *
 * @param take gets each record; it answers whether it wants more
 * @returns a function that takes the next piece and passes on the records that are whole by then; it throws Malformed
 * after the last good one when the bytes cannot be TLS records.
 */
export function recordCutter(take: (record: TlsRecord) => boolean): (bytes: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = 1;
  return (bytes) => {
    pieces.push(bytes);
    held += bytes.length;
    if (held < needed) return;
    let rest = pieces.length === 1 ? bytes : Buffer.concat(pieces, held);
    for (needed = lengthKnown(rest); rest.length >= needed; needed = lengthKnown(rest)) {
      const wantsMore = take({
        type: rest.readUInt8(0),
        version: rest.readUInt16BE(1),
        header: rest.subarray(0, headerLength),
        payload: rest.subarray(headerLength, needed),
      });
      if (!wantsMore) return;
      rest = rest.subarray(needed);
    }
    pieces = [rest];
    held = rest.length;
  };
}

/** How many bytes the next step needs: one, a whole header, or a whole record. */
function lengthKnown(bytes: Buffer): number {
  if (bytes.length === 0) return 1;
  const type = bytes.readUInt8(0);
  if (type < contentType.changeCipherSpec || type > contentType.applicationData) {
    throw new Malformed(`record type ${type}`);
  }
  if (bytes.length < headerLength) return headerLength;
  if (bytes.readUInt8(1) !== 3) throw new Malformed(`record version major ${bytes.readUInt8(1)}`);
  const length = bytes.readUInt16BE(3);
  if (length > longestPayload) throw new Malformed(`record of ${length} bytes`);
  return headerLength + length;
}
