import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { licenseText, packagesOf } from "../lib/bundled-packages.ts";
import { bundleHandler, handlerEntry, handlerNames } from "../lib/handler-bundle.ts";

/**
 * Builds what the npm package holds, into dist/: Node does not read TypeScript in node_modules. `npm pack` and
 * `npm link` run it (`prepare`); nothing in a clone needs its result.
 */
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const { metafile } = await build({
  entryPoints: { command: join(root, "bin", "command.ts") },
  outdir: join(dist, "command"),
  absWorkingDir: root,
  bundle: true,
  // A command is loaded when it is wanted.
  splitting: true,
  platform: "node",
  target: "node22",
  format: "esm",
  mainFields: ["module", "main"],
  // Packages in CommonJS ask for modules of Node in their own way.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  minify: true,
  metafile: true,
  logLevel: "warning",
});
// Imported, and not part of the bundle, so that an old Node can still be told.
writeFileSync(
  join(dist, "origin-watch.js"),
  `#!/usr/bin/env node
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write("origin-watch: Node 22.15 or newer is needed, this is " + process.versions.node + "\\n");
  process.exit(2);
}
await import("./command/command.js");
`,
);
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
