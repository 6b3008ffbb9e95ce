import { existsSync } from "node:fs";
import { join } from "node:path";
import { Code } from "aws-cdk-lib/aws-lambda";
import { Stage } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { bundleHandler, type HandlerName, handlerEntry } from "./handler-bundle.ts";

/**
 * The code of one of the functions: bundled from its source in a clone of the project, and ready beside this file in the
 * package, which has no sources.
 */
export function handlerCode(scope: Construct, name: HandlerName): Code {
  const ready = join(import.meta.dirname, "..", "handlers", name);
  return Code.fromAsset(existsSync(ready) ? ready : bundled(scope, name));
}

/** Where a function was bundled before in this process: the sources do not change meanwhile, and bundling is slow. */
const directories = new Map<HandlerName, string>();

function bundled(scope: Construct, name: HandlerName): string {
  const before = directories.get(name);
  if (before !== undefined && existsSync(before)) return before;
  const { directory } = bundleHandler(assetDirectory(scope, name), handlerEntry(name));
  directories.set(name, directory);
  return directory;
}

/** Beside the assembly, so that a synthesis leaves nothing in the machine's temporary directory. */
function assetDirectory(scope: Construct, name: HandlerName): string | undefined {
  const outdir = Stage.of(scope)?.outdir;
  return outdir === undefined ? undefined : join(outdir, name);
}
