import { didYouMean } from "../../lib/did-you-mean.ts";
import manifest from "../../package.json" with { type: "json" };
import { runCommand } from "./command.ts";
import { sources } from "./input/sources.ts";
import { shown } from "./input/usage-error.ts";
import { sourceLines } from "./output/help.ts";
import { exit, warn } from "./output/output.ts";
import { printResult } from "./output/print.ts";

type Run = (argv: readonly string[]) => Promise<number>;

/** Loaded when they are wanted: help need not wait for the others. */
const commands: Readonly<Record<string, { readonly purpose: string; readonly run: Run }>> = {
  check: {
    purpose: "what fails, who is affected, how to fix it",
    run: async (argv) => runCommand(argv, (await import("./commands/check.ts")).check),
  },
  explain: {
    purpose: "everything known about one origin, for a ticket",
    run: async (argv) => runCommand(argv, (await import("./commands/explain.ts")).explain),
  },
  watch: {
    purpose: "check repeatedly and print only what changes",
    run: async (argv) => runCommand(argv, (await import("./commands/watch.ts")).watch),
  },
  "what-if": {
    purpose: "what a configuration change would break or fix (changes nothing)",
    run: async (argv) => runCommand(argv, (await import("./commands/what-if.ts")).whatIf),
  },
  mute: {
    purpose: "hold back messages about an origin for a time; unmute ends it",
    run: async (argv) => (await import("./commands/mute.ts")).mute(argv),
  },
  unmute: {
    purpose: "take back what mute asked for",
    run: async (argv) => (await import("./commands/mute.ts")).unmute(argv),
  },
};

/** Runs the command that the first word names, and gives the exit status. */
export async function main([name, ...rest]: readonly string[]): Promise<number> {
  switch (name) {
    case undefined:
      printResult(overview());
      return exit.usage;
    case "help":
    case "--help":
    case "-h":
      printResult(overview());
      return exit.healthy;
    case "version":
    case "--version":
      printResult(`${manifest.version}\n`);
      return exit.healthy;
    default: {
      const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (command !== undefined) return command.run(rest);
      const names = Object.keys(commands);
      const suggestion = didYouMean(name, [...names, "help", "version"]);
      warn(`unknown command ${shown(name)}${suggestion || `; the commands are ${names.join(", ")}, help and version`}`);
      return exit.usage;
    }
  }
}

function overview(): string {
  const purposes = Object.entries(commands).map(([name, { purpose }]) => `  ${name.padEnd(12)}${purpose}`);
  return `origin-watch: would CloudFront answer 502?

Usage
  origin-watch COMMAND SOURCE [options]
  In a clone of the project: npm run -s origin-watch -- COMMAND SOURCE

Commands
${purposes.join("\n")}

Sources
${sourceLines(sources, "")
  .map((line) => `  ${line}`)
  .join("\n")}

origin-watch COMMAND --help shows the options of a command, and
origin-watch --version the version.

Examples
  origin-watch check account                             what fails, how to fix
  origin-watch check account --sort expiry               which expires next
  origin-watch explain account --origin api.example.com  all about one origin
  origin-watch check origin api.example.com              is it fixed?
  origin-watch what-if account --protocols TLSv1.2       would TLS 1.2 break it?
`;
}
