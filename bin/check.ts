import { runCommand } from "./terminal/command.ts";
import { check } from "./terminal/commands/check.ts";
import { printFaults, tolerateClosedPipe } from "./terminal/output/output.ts";

// `npm run check`: the command on its own.
printFaults();
tolerateClosedPipe();
process.exitCode = await runCommand(process.argv.slice(2), check);
