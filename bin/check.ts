import { runCommand } from "./terminal/command.ts";
import { check } from "./terminal/commands/check.ts";
import { reportFaults, tolerateClosedPipe } from "./terminal/output/output.ts";

// `npm run check`: the command on its own.
reportFaults();
tolerateClosedPipe();
process.exitCode = await runCommand(process.argv.slice(2), check);
