/** DER that does not have the form it should have. Thrown inside this folder, never across its border. */
export class MalformedDer extends Error {}

/** One DER element (ITU-T X.690 §8.1): its tag byte, its contents, and the whole encoding. */
export type Element = { readonly tag: number; readonly content: Buffer; readonly encoding: Buffer };

export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The element at the front of the bytes. */
export function element(bytes: Buffer): Element {
  if (bytes.length === 0) throw new MalformedDer("an element expected, nothing left");
  return elementAt(bytes, 0, 0);
}

/** The elements that the bytes consist of. Their number is bounded by the bytes alone, which are. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = elementAt(bytes, at, 0);
    found.push(next);
    at += next.encoding.length;
  }
  return found;
}

/** The children of a constructed element that must have the given tag. */
export function children(parent: Element, expected: number): Element[] {
  if (parent.tag !== expected) throw new MalformedDer(`tag ${parent.tag}, ${expected} expected`);
  return elements(parent.content);
}

/** Dotted form of an object identifier (X.690 §8.19); in hexadecimal where it is longer than any that means something here. */
export function objectIdentifier({ content }: Element): string {
  const last = content.at(-1);
  if (last === undefined || last >= 0x80) throw new MalformedDer("object identifier without an end");
  if (content.length > 100) return content.toString("hex");
  const arcs: number[] = [];
  let arc = 0;
  let within = false;
  for (const byte of content) {
    if (!within && byte === 0x80) throw new MalformedDer("object identifier with a needless zero");
    arc = arc * 128 + (byte & 0x7f);
    within = byte >= 0x80;
    if (within) continue;
    arcs.push(arc);
    arc = 0;
  }
  const first = arcs[0] ?? 0;
  const root = first < 40 ? 0 : first < 80 ? 1 : 2;
  return [root, first - 40 * root, ...arcs.slice(1)].join(".");
}

/** Text of a character string element; an unknown type is read as Latin-1, which loses nothing. */
export function characterString({ tag: type, content }: Element): string {
  if (type === tag.utf8String) return content.toString("utf8");
  if (type === tag.bmpString && content.length % 2 === 0) return Buffer.from(content).swap16().toString("utf16le");
  if (type === tag.universalString && content.length % 4 === 0) return utf32(content);
  return content.toString("latin1");
}

/** Milliseconds since the epoch of a Time (RFC 5280 §4.1.2.5); NaN when it is not a time. */
export function time({ tag: type, content }: Element): number {
  const text = content.toString("latin1");
  const match = /^(\d{2,4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?Z$/.exec(
    type === tag.utcTime ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text,
  );
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second ?? 0));
}

/** Deeper nesting of elements of indefinite length is no certificate, and would only cost time. */
const deepest = 30;

/**
 * Also reads the indefinite length of BER (X.690 §8.1.3.6): DER forbids it, and both OpenSSL and AWS's library take it.
 */
function elementAt(bytes: Buffer, at: number, depth: number): Element {
  const { headerLength, contentLength } = header(bytes, at);
  const begin = at + headerLength;
  if (contentLength !== null) {
    const end = begin + contentLength;
    if (end > bytes.length) throw new MalformedDer(`element of ${contentLength} bytes, ${bytes.length - at} left`);
    return { tag: bytes.readUInt8(at), content: bytes.subarray(begin, end), encoding: bytes.subarray(at, end) };
  }
  if (depth >= deepest) throw new MalformedDer("elements nested too deeply");
  let end = begin;
  while (end + 2 <= bytes.length && bytes.readUInt16BE(end) !== 0) {
    end += elementAt(bytes, end, depth + 1).encoding.length;
  }
  if (end + 2 > bytes.length) throw new MalformedDer("element of indefinite length without an end");
  return { tag: bytes.readUInt8(at), content: bytes.subarray(begin, end), encoding: bytes.subarray(at, end + 2) };
}

/** A null length is indefinite. */
function header(bytes: Buffer, at: number): { headerLength: number; contentLength: number | null } {
  if (at + 2 > bytes.length) throw new MalformedDer("element cut short");
  const type = bytes.readUInt8(at);
  if ((type & 0x1f) === 0x1f) throw new MalformedDer("tag number above 30");
  const first = bytes.readUInt8(at + 1);
  if (first < 0x80) return { headerLength: 2, contentLength: first };
  const lengthBytes = first & 0x7f;
  const isConstructed = (type & 0x20) !== 0;
  if (lengthBytes === 0 && isConstructed) return { headerLength: 2, contentLength: null };
  if (lengthBytes === 0 || lengthBytes > 4 || at + 2 + lengthBytes > bytes.length) {
    throw new MalformedDer("length in a form that DER does not allow");
  }
  return { headerLength: 2 + lengthBytes, contentLength: bytes.readUIntBE(at + 2, lengthBytes) };
}

function utf32(content: Buffer): string {
  const characters: string[] = [];
  for (let at = 0; at < content.length; at += 4) {
    const code = content.readUInt32BE(at);
    characters.push(code > 0x10_ffff ? "\u{fffd}" : String.fromCodePoint(code));
  }
  return characters.join("");
}
