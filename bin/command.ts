import { main } from "./terminal/commands.ts";
import { printFaults, tolerateClosedPipe } from "./terminal/output/output.ts";

printFaults();
tolerateClosedPipe();
process.exitCode = await main(process.argv.slice(2));
