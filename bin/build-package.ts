import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { licenseText, packagesOf } from "../lib/bundled-packages.ts";
import { bundleHandler, handlerEntry, handlerNames } from "../lib/handler-bundle.ts";
import { bundleCommand } from "./package/bundle-command.ts";

/**
 * Builds what the npm package holds, into dist/: Node does not read TypeScript in node_modules. `npm run
 * package` runs it; nothing in a clone needs its result but `npm link`.
 */
const root = join(import.meta.dirname, "..");
const parts = join(import.meta.dirname, "package");
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const metafile = await bundleCommand(join(dist, "command"));
copyFileSync(join(parts, "origin-watch.js"), join(dist, "origin-watch.js"));
chmodSync(join(dist, "origin-watch.js"), 0o755);

const handlers = handlerNames.map((name) => bundleHandler(join(dist, "handlers", name), handlerEntry(name)));
execFileSync(
  process.execPath,
  [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.package.json"],
  {
    cwd: root,
    stdio: "inherit",
  },
);

const used = [...Object.keys(metafile.inputs), ...handlers.flatMap((handler) => handler.used)];
writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), licenseText(packagesOf(used)));
