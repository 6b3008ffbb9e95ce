import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import type { Use } from "../../../lambda/plan/connection.ts";

/** Where something is written. */
export type Place = {
  /** A path from the folder of the process, with `/`; never one that leads out of it. */
  readonly file: string;
  /** From 1; null where only the file is known. */
  readonly line: number | null;
  /** From 1, in UTF-16 units; null where only the line is known. */
  readonly column: number | null;
  /** What made it, where somebody who looks there finds nothing that he wrote: the path of a construct of the CDK. */
  readonly construct?: string;
};

/** Where the origin of a use is written, null where that is not known. */
export type PlaceOf = (use: Pick<Use, "distributionId" | "originId">) => Place | null;

/** For what stands in no file of the folder. */
const elsewhere = "origin-watch";

/** The place of a file as a whole. A name that leads out of the folder, also through a link, tells nobody anything. */
export function placeOfFile(file: string, line: number | null = null, column: number | null = null): Place {
  return { file: inFolder(file) ?? elsewhere, line, column };
}

/** Whether a file is, or would be, in the folder of the process, whatever its links lead to. */
export function isInFolder(file: string): boolean {
  return inFolder(file) !== null;
}

function inFolder(file: string): string | null {
  if (file === "-") return null;
  try {
    // What was given may have gone since; its folder has not.
    const real = existing(file) ?? join(realpathSync(dirname(file)), file.split(/[/\\]/).at(-1) ?? "");
    const path = relative(realpathSync("."), real);
    if (path === "" || path.startsWith("..") || isAbsolute(path)) return null;
    return path.split(sep).join("/");
  } catch {
    return null;
  }
}

function existing(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}
