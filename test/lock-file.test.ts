import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

type Entry = {
  readonly integrity?: string;
  readonly link?: true;
  readonly inBundle?: true;
  readonly resolved?: string;
};
const lock = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, Entry>>;
};
const installed = Object.entries(lock.packages).filter(([path, { link }]) => path.includes("node_modules/") && !link);

test("every package is held to its checksum, those for other systems too", () => {
  // What is bundled comes in the archive of another package, whose checksum covers it.
  const open = installed.filter(
    ([, { inBundle, integrity }]) => !inBundle && !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""),
  );
  expect(installed.length).toBeGreaterThan(100);
  expect(open.map(([path]) => path)).toEqual([]);
});

test("no package is held to the place where somebody got it", () => {
  expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});
