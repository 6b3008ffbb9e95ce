import { check } from "./terminal/commands/check.ts";
import { confessFaults, tolerateClosedPipe } from "./terminal/output/output.ts";

// `npm run check`, by which the command was known before it had brothers.
confessFaults();
tolerateClosedPipe();
process.exitCode = await check(process.argv.slice(2));
