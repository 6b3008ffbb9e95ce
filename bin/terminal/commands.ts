import { check } from "./check.ts";
import { explain } from "./explain.ts";
import { overview } from "./help.ts";
import { complain, exit } from "./output.ts";
import { watch } from "./watch.ts";
import { whatIf } from "./what-if.ts";
import { shown } from "./wrong.ts";

type Run = (argv: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, Run>> = { check, explain, watch, "what-if": whatIf };

/** Runs the command that the first word names, and gives the exit status. */
export async function runCommand([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(overview);
    return name === undefined ? exit.usage : exit.healthy;
  }
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (run !== undefined) return run(rest);
  complain(`expected ${Object.keys(commands).join(", ")} or help, got ${shown(name)}`);
  return exit.usage;
}
