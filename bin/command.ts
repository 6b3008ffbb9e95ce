import { runCommand } from "./terminal/commands.ts";
import { tolerateClosedPipe } from "./terminal/output.ts";

tolerateClosedPipe();
process.exitCode = await runCommand(process.argv.slice(2));
