/** Bytes that do not have the form that their protocol demands. Thrown inside a parser, never across its border. */
export class Malformed extends Error {}

/** What a parser at the border of this folder answers. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Runs a parser and turns malformed input into a value; any other error is a bug and passes through. */
export function parsed<T>(parse: () => T): Parsed<T> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, problem: error.message };
    throw error;
  }
}

/** Reads big-endian fields from the front of a byte string and refuses to run past its end. */
export class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(count: number): Buffer {
    if (count > this.remaining) throw new Malformed(`${count} bytes expected, ${this.remaining} left`);
    const start = this.#at;
    this.#at += count;
    return this.#bytes.subarray(start, this.#at);
  }

  uint8(): number {
    return this.bytes(1).readUInt8(0);
  }

  uint16(): number {
    return this.bytes(2).readUInt16BE(0);
  }

  uint24(): number {
    return this.bytes(3).readUIntBE(0, 3);
  }

  /** A vector with a length prefix of one, two or three bytes (RFC 8446 §3.4). */
  vector(prefix: 1 | 2 | 3): Cursor {
    const length = prefix === 1 ? this.uint8() : prefix === 2 ? this.uint16() : this.uint24();
    return new Cursor(this.bytes(length));
  }

  rest(): Buffer {
    return this.bytes(this.remaining);
  }
}
