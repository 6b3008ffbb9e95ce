/** Writes DER (ITU-T X.690), also where what is written makes no sense: the cases are made of both. */

/** One element: tag byte, length, contents run together. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}

export function set(...contents: readonly Uint8Array[]): Buffer {
  return der(0x31, ...contents);
}

export function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

/** A small whole number. */
export function integer(value: number): Buffer {
  const bytes = [value & 0xff];
  for (let rest = value >> 8; rest !== 0 && rest !== -1; rest >>= 8) bytes.unshift(rest & 0xff);
  if (value >= 0 && (bytes[0] ?? 0) > 0x7f) bytes.unshift(0);
  if (value < 0 && (bytes[0] ?? 0) < 0x80) bytes.unshift(0xff);
  return der(0x02, Buffer.from(bytes));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, ...[40 * first + second, ...rest].map(base128));
}

export function octets(...contents: readonly Uint8Array[]): Buffer {
  return der(0x04, ...contents);
}

/** A bit string of whole bytes, or of fewer bits than they have. */
export function bits(content: Uint8Array, unused = 0): Buffer {
  return der(0x03, Buffer.from([unused]), content);
}

export function text(tag: number, value: string, encoding: BufferEncoding = "latin1"): Buffer {
  return der(tag, Buffer.from(value, encoding));
}

/** A context-specific tag that holds other elements. */
export function explicit(number: number, ...contents: readonly Uint8Array[]): Buffer {
  return der(0xa0 + number, ...contents);
}

/** A context-specific tag in place of a simple type's own. */
export function implicit(number: number, content: Uint8Array): Buffer {
  return der(0x80 + number, content);
}

export const nothing = der(0x05);

function lengthOf({ length }: Uint8Array): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  if (length < 0x1_0000) return Buffer.from([0x82, length >> 8, length & 0xff]);
  return Buffer.from([0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]);
}

function base128(arc: number): Buffer {
  const bytes = [arc & 0x7f];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest & 0x7f));
  return Buffer.from(bytes);
}
