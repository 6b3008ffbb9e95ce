import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleAction } from "./action/bundle-action.ts";

/** Writes what GitHub runs into action/: `npm run build:action`, after every change of what the action is made of. */
const folder = join(import.meta.dirname, "..", "action");
for (const [name, text] of Object.entries(await bundleAction())) writeFileSync(join(folder, name), text);
