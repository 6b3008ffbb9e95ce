import { check } from "./terminal/check.ts";
import { confessFaults, tolerateClosedPipe } from "./terminal/output.ts";

// `npm run check`, by which the command was known before it had brothers.
confessFaults();
tolerateClosedPipe();
process.exitCode = await check(process.argv.slice(2));
