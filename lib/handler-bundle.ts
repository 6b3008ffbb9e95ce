import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Stage } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { buildSync } from "esbuild";

export type HandlerBundle = {
  /** Holds index.js, its source map and a package.json. */
  readonly directory: string;
  /** Size of index.js. */
  readonly bytes: number;
};

const projectRoot = join(import.meta.dirname, "..");

/** Path of one of the functions' entry points, by its file name in lambda/. */
export function handlerEntry(file: "handler.ts" | "relay-handler.ts"): string {
  return join(projectRoot, "lambda", file);
}

/**
 * Where to write a function's asset: beside the assembly, so that a synthesis leaves nothing in the machine's temporary
 * directory.
 */
export function assetDirectory(scope: Construct, name: string): string | undefined {
  const outdir = Stage.of(scope)?.outdir;
  return outdir === undefined ? undefined : join(outdir, name);
}

/**
 * Bundles the handler into one CommonJS file, the very file that is deployed and that the tests and the demo run.
 *
 * The AWS SDK is bundled: it starts faster than the runtime's copy, and its version is the one that was tested. CommonJS
 * starts faster than ES modules here; `package.json` says so to Node. Throws esbuild's error when the code does not build.
 *
 * @param directory where to write, beside what is there already; a fresh temporary directory when left out
 */
export function bundleHandler(
  directory: string = mkdtempSync(join(tmpdir(), "origin-watch-")),
  entry: string = handlerEntry("handler.ts"),
): HandlerBundle {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    // Nothing is written here. The source map names sources relative to this path, and what it says must not depend on
    // where the project was cloned to or where the bundle goes: the hash of the asset covers it.
    outfile: join(projectRoot, "index.js"),
    write: false,
    absWorkingDir: projectRoot,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    minify: true,
    sourcemap: "linked",
    sourcesContent: false,
    charset: "utf8",
    logLevel: "silent",
  });
  mkdirSync(directory, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(directory, basename(path)), contents);
  writeFileSync(join(directory, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  const bytes = outputFiles.find(({ path }) => basename(path) === "index.js")?.contents.byteLength ?? 0;
  return { directory, bytes };
}
