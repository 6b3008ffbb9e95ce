import { main } from "./terminal/commands.ts";
import { reportFaults, tolerateClosedPipe } from "./terminal/output/output.ts";

reportFaults();
tolerateClosedPipe();
process.exitCode = await main(process.argv.slice(2));
