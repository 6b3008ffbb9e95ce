import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

export type HandlerBundle = {
  /** Holds index.js, its source map and a package.json. */
  readonly directory: string;
  /** Size of index.js. */
  readonly bytes: number;
  /** Paths from the root of the project of all source files that are in it, those of packages among them. */
  readonly used: readonly string[];
};

const projectRoot = join(import.meta.dirname, "..");

/** The functions, by the names of their files in lambda/functions, which their folders of code have too. */
export const handlerNames = [
  "watch",
  "relay",
  "status-board",
  "board-mutes",
  "worker",
  "vpc-worker",
  "egress-worker",
] as const;

export type HandlerName = (typeof handlerNames)[number];

/** Path of a function's entry point. */
export function handlerEntry(name: HandlerName): string {
  return join(projectRoot, "lambda", "functions", `${name}.ts`);
}

/**
 * Bundles the handler into one CommonJS file, the very file that is deployed and that the tests and the demo run.
 *
 * The AWS SDK is bundled: it starts faster than the runtime's copy, and its version is the one that was tested. CommonJS
 * starts faster than ES modules here; `package.json` says so to Node. Throws with esbuild's words when the code does not build.
 *
 * @param directory where to write, beside what is there already; a fresh temporary directory when left out
 */
export function bundleHandler(
  directory: string = mkdtempSync(join(tmpdir(), "origin-watch-")),
  entry: string = handlerEntry("watch"),
): HandlerBundle {
  const { files, used } = built(entry);
  mkdirSync(directory, { recursive: true });
  for (const { path, text } of files) writeFileSync(join(directory, basename(path)), text);
  writeFileSync(join(directory, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  const bytes = Buffer.byteLength(files.find(({ path }) => basename(path) === "index.js")?.text ?? "");
  return { directory, bytes, used };
}

type Built = {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly used: readonly string[];
};

function built(entry: string): Built {
  const worker = join(import.meta.dirname, "bundle-process.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [worker, entry], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${entry} could not be bundled: ${stderr}`);
  return JSON.parse(stdout) as Built;
}
