import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { licenseText, packagesOf } from "../../lib/bundled-packages.ts";

const root = join(import.meta.dirname, "..", "..");

/** The files in `action/` by their names. */
export type ActionBundle = Readonly<Record<"index.js" | "THIRD-PARTY-LICENSES.txt", string>>;

/**
 * Bundles the action into one file for Node 24. GitHub runs it as it is in the repository, without installing anything, so
 * it is committed; the same sources always give the same bytes.
 */
export async function bundleAction(): Promise<ActionBundle> {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(root, "bin", "action.ts")],
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    // What only `--stack` loads, which no input of the action asks for.
    external: ["./deployment.ts"],
    banner: { js: readFileSync(join(root, "bin", "package", "require.js"), "utf8") },
    minify: true,
    charset: "ascii",
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error("esbuild made no file");
  return {
    "index.js": bundle.text,
    "THIRD-PARTY-LICENSES.txt": licenseText(packagesOf(Object.keys(metafile.inputs))),
  };
}
