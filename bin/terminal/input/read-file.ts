import { readFileSync } from "node:fs";
import { printable } from "../../../lambda/text/printable.ts";
import type { Unreadable } from "./source.ts";

/** @param file a path, or `-` for standard input */
export function readText(
  file: string,
): { readonly kind: "text"; readonly name: string; readonly text: string } | Unreadable {
  const name = nameOf(file);
  try {
    return { kind: "text", name, text: decoded(readFileSync(file === "-" ? 0 : file)) };
  } catch (error) {
    return unreadable(name, error);
  }
}

/** A file for a sentence. */
export function nameOf(file: string): string {
  return file === "-" ? "standard input" : printable(file, 200);
}

/** @param error the system's */
export function unreadable(name: string, error: unknown): Unreadable {
  const code = error instanceof Error && "code" in error ? String(error.code) : "error";
  return { kind: "unreadable", message: `cannot read ${name} (${code})` };
}

export function readJson(file: string): { readonly kind: "json"; readonly value: unknown } | Unreadable {
  const read = readText(file);
  if (read.kind === "unreadable") return read;
  try {
    return { kind: "json", value: JSON.parse(read.text) };
  } catch {
    return { kind: "unreadable", message: `${read.name} is ${read.text.trim() === "" ? "empty" : "not JSON"}` };
  }
}

/** UTF-8, or the UTF-16 that PowerShell's `>` writes; a byte order mark is no part of JSON. */
function decoded(bytes: Buffer): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);
}
