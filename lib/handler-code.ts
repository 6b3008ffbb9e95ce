import { cpSync, existsSync } from "node:fs";
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
  return Code.fromAsset(existsSync(ready) ? ready : bundledOnce(scope, name));
}

/** Where a function was bundled in this process: an app with several stacks needs it several times. */
const bundled = new Map<HandlerName, string>();

function bundledOnce(scope: Construct, name: HandlerName): string {
  const wanted = assetDirectory(scope, name);
  const known = bundled.get(name);
  if (wanted !== undefined && known !== undefined && existsSync(known)) {
    if (known !== wanted) cpSync(known, wanted, { recursive: true });
    return wanted;
  }
  const { directory } = bundleHandler(wanted, handlerEntry(name));
  bundled.set(name, directory);
  return directory;
}

/** Beside the assembly, so that a synthesis leaves nothing in the machine's temporary directory. */
function assetDirectory(scope: Construct, name: HandlerName): string | undefined {
  const outdir = Stage.of(scope)?.outdir;
  return outdir === undefined ? undefined : join(outdir, name);
}
