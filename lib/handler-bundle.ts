import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

export type HandlerBundle = {
  /** Holds index.js, its source map and a package.json. */
  readonly directory: string;
  /** Size of index.js. */
  readonly bytes: number;
};

const projectRoot = join(import.meta.dirname, "..");

/**
 * Bundles the handler into one CommonJS file, the very file that is deployed and that the tests and the demo run.
 *
 * The AWS SDK is bundled: it starts faster than the runtime's copy, and its version is the one that was tested. CommonJS
 * starts faster than ES modules here; `package.json` says so to Node. Throws esbuild's error when the code does not build.
 *
 * @param directory where to write; a fresh temporary directory when left out
 */
export function bundleHandler(
  directory: string = mkdtempSync(join(tmpdir(), "origin-watch-")),
  entry: string = join(projectRoot, "lambda", "handler.ts"),
): HandlerBundle {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, "index.js");
  buildSync({
    entryPoints: [entry],
    outfile,
    // Relative paths in the source map then do not depend on where the project was cloned to.
    absWorkingDir: projectRoot,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    minify: true,
    // Stacks in the log keep their names.
    keepNames: false,
    sourcemap: "linked",
    sourcesContent: false,
    charset: "utf8",
    logLevel: "silent",
  });
  writeFileSync(join(directory, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  return { directory, bytes: statSync(outfile).size };
}
