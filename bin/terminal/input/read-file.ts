import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { printable } from "../../../lambda/text/printable.ts";
import { systemError } from "../system-error.ts";
import type { Unreadable } from "./source.ts";

/** The list of 10,000 distributions, which is more than is looked at, takes a third of it. */
const mostBytes = 256 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** @param file a path, or `-` for standard input */
export function readText(
  file: string,
): { readonly kind: "text"; readonly name: string; readonly text: string } | Unreadable {
  const name = nameOf(file);
  try {
    const bytes = readBytes(file === "-" ? 0 : file);
    return bytes === null
      ? { kind: "unreadable", message: `cannot read ${name}: it has more than ${mostBytes} bytes` }
      : { kind: "text", name, text: decoded(bytes) };
  } catch (error) {
    return unreadable(name, error);
  }
}

/** All of a file or of a descriptor, which may be a pipe; null where it is too much. */
function readBytes(source: string | number): Buffer | null {
  const descriptor = typeof source === "number" ? source : openSync(source, "r");
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    // Most files come whole, so that a large one is not held twice.
    const size = fstatSync(descriptor).size;
    while (total <= mostBytes) {
      const chunk = Buffer.allocUnsafe(total === 0 ? Math.min(Math.max(size, chunkBytes), mostBytes + 1) : chunkBytes);
      const length = readChunk(descriptor, chunk);
      if (length === 0) return chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks, total);
      total += length;
      chunks.push(chunk.subarray(0, length));
    }
    return null;
  } finally {
    if (typeof source === "string") closeSync(descriptor);
  }
}

/** A pipe that is set not to block has nothing at times; a terminal on some systems says so at the end. */
function readChunk(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/** A file for a sentence. */
export function nameOf(file: string): string {
  return file === "-" ? "standard input" : printable(file, 200);
}

/** @param error the system's */
export function unreadable(name: string, error: unknown): Unreadable {
  return { kind: "unreadable", message: `cannot read ${name}: ${systemError(error)}` };
}

/** UTF-8, or the UTF-16 that PowerShell's `>` writes; a byte order mark is no part of JSON. */
function decoded(bytes: Buffer): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);
}
