import { runCommand } from "./terminal/commands.ts";
import { confessFaults, tolerateClosedPipe } from "./terminal/output/output.ts";

confessFaults();
tolerateClosedPipe();
process.exitCode = await runCommand(process.argv.slice(2));
