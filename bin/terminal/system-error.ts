import { getSystemErrorMap } from "node:util";

/** What the system says of a file that cannot be read or written, in words: `no such file or directory`. */
export function systemError(error: unknown): string {
  if (!(error instanceof Error)) return "error";
  const { errno, code } = error as NodeJS.ErrnoException;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return words ?? code ?? "error";
}
