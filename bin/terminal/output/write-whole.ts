import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { printable } from "../../../lambda/text/printable.ts";
import { systemError } from "../system-error.ts";

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
    return `cannot write ${printable(file, 200)}: ${systemError(error)}`;
  }
}
