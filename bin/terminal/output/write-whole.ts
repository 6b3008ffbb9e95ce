import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { printable } from "../../../lambda/text/printable.ts";

/**
 * Writes a file whole or not at all: whoever reads it meanwhile sees the old one or the new one.
 *
 * @returns what went wrong in a few words, null when nothing did
 */
export function writeWhole(file: string, text: string): string | null {
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(beside, text);
    renameSync(beside, file);
    return null;
  } catch (error) {
    rmSync(beside, { force: true });
    const code = error instanceof Error && "code" in error ? String(error.code) : "error";
    return `cannot write ${printable(file, 200)} (${code})`;
  }
}
