import manifest from "../../package.json" with { type: "json" };
import { shown } from "./input/usage-error.ts";
import { overview } from "./output/help.ts";
import { complain, exit } from "./output/output.ts";

type Run = (argv: readonly string[]) => Promise<number>;

/** Loaded when they are wanted: help need not wait for the AWS SDK. */
const commands: Readonly<Record<string, () => Promise<Run>>> = {
  check: async () => (await import("./commands/check.ts")).check,
  explain: async () => (await import("./commands/explain.ts")).explain,
  watch: async () => (await import("./commands/watch.ts")).watch,
  "what-if": async () => (await import("./commands/what-if.ts")).whatIf,
};

/** Runs the command that the first word names, and gives the exit status. */
export async function runCommand([name, ...rest]: readonly string[]): Promise<number> {
  switch (name) {
    case undefined:
      process.stdout.write(overview);
      return exit.usage;
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(overview);
      return exit.healthy;
    case "version":
    case "--version":
      process.stdout.write(`${manifest.version}\n`);
      return exit.healthy;
    default: {
      const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (load !== undefined) return (await load())(rest);
      complain(`expected ${Object.keys(commands).join(", ")} or help, got ${shown(name)}`);
      return exit.usage;
    }
  }
}
