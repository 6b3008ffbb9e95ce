import { check } from "./terminal/check.ts";
import { tolerateClosedPipe } from "./terminal/output.ts";

// `npm run check`, by which the command was known before it had brothers.
tolerateClosedPipe();
process.exitCode = await check(process.argv.slice(2));
