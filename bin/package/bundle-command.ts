import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";

const root = join(import.meta.dirname, "..", "..");

/** Bundles the terminal command for Node 22 and newer, in parts: one is loaded when it is wanted. */
export async function bundleCommand(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: { command: join(root, "bin", "command.ts") },
    outdir,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node22",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: readFileSync(join(import.meta.dirname, "require.js"), "utf8") },
    minify: true,
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}
