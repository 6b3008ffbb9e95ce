import type { Verdict } from "../../../lambda/judge/finding.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { systemError } from "../system-error.ts";
import { printError } from "./print.ts";

/** Exit statuses, the same for every command. */
export const exit = { healthy: 0, failing: 1, usage: 2, uncertain: 3, interrupted: 130 } as const;

/** @param incomplete something could not be read, so that more may be wrong than was seen */
export function exitStatus(verdicts: Iterable<Verdict>, incomplete: boolean): number {
  const seen = new Set(verdicts);
  if (seen.has("failing")) return exit.failing;
  return seen.has("at-risk") || seen.has("unknown") || incomplete ? exit.uncertain : exit.healthy;
}

/** Says after a result that it is not the whole one. */
export function interruptedStatus(): number {
  warn("interrupted; what was not reached by then is shown as out-of-time");
  return exit.interrupted;
}

export function warn(message: string): void {
  printError(`origin-watch: ${printable(message, 1_000)}\n`);
}

/**
 * A fault of this program must not pass for one of an origin, and Node's own exit status for it would be that of
 * `failing`.
 */
export function printFaults(): void {
  process.on("uncaughtException", (error) => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const lines = stack.split("\n").slice(0, 20);
    warn("this is a fault of the program and says nothing of an origin");
    printError(lines.map((line) => `${printable(line, 300)}\n`).join(""));
    process.exit(exit.usage);
  });
}

/** A reader that has seen enough (`| head`) closes the pipe; that is no fault. */
export function tolerateClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    warn(`cannot write the result: ${systemError(error)}`);
    process.exit(exit.usage);
  });
}

/** Ctrl-C ends the waiting, and what is known by then is shown. A second one ends the program at once. */
export function untilInterrupted(): AbortController {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  return controller;
}

/** Columns of a terminal, null where the text goes into a file or a pipe and nothing is shortened. */
export function widthOf(stream: NodeJS.WriteStream): number | null {
  return stream.isTTY ? Math.max(60, stream.columns) : null;
}
