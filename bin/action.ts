import { runAction } from "./action/run-action.ts";
import { printFaults, tolerateClosedPipe } from "./terminal/output/output.ts";

// What `action.yml` starts, as bin/action/bundle-action.ts bundles it.
printFaults();
tolerateClosedPipe();
process.exitCode = await runAction(process.env);
