import { vi } from "vitest";
import { runCommand } from "../../bin/terminal/command.ts";
import { check } from "../../bin/terminal/commands/check.ts";
import { type CheckRun, recordsIn } from "./run-check.ts";

/**
 * Runs `check` in this process, which takes a fraction of the time of one of its own. One at a time.
 *
 * @param format `text` where it is not run with `--json`
 */
export async function checkInProcess(args: readonly string[], format: "json" | "text" = "json") {
  const out: string[] = [];
  const err: string[] = [];
  const into = (texts: string[]) => (text: string | Uint8Array) => {
    texts.push(String(text));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(into(out)),
    vi.spyOn(process.stderr, "write").mockImplementation(into(err)),
  ];
  try {
    const run: CheckRun = { status: await runCommand(args, check), stdout: out.join(""), stderr: err.join("") };
    return { ...run, records: format === "text" ? [] : recordsIn(run) };
  } finally {
    for (const spy of spies) spy.mockRestore();
    // The command waits for Ctrl-C as long as its process lives.
    process.removeAllListeners("SIGINT");
  }
}
