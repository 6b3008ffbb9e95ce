import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { sharedAssemblies } from "./sandbox/lambda/assembly.ts";

/**
 * What the test files of a run do once between them: synthesise a stack, and compile what they start in processes of
 * their own, which is three quarters of the time that a command takes. Whoever watches while sources change shares nothing,
 * and projects share one folder.
 *
 * @returns deletes it
 */
export function setup({ config, vitest }: TestProject): () => void {
  if (config.watch || process.env[sharedAssemblies] !== undefined) return () => undefined;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "origin-watch-tests-"));
  const assemblies = join(folder, "assemblies");
  mkdirSync(assemblies);
  process.env[sharedAssemblies] = assemblies;
  // V8 counts less precisely in code that comes from the cache (https://nodejs.org/api/module.html#module-compile-cache).
  if (!vitest.config.coverage.enabled) process.env.NODE_COMPILE_CACHE = join(folder, "compiled");
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
