import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package of which something is in a bundle. */
export type BundledPackage = {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package states it. */
  readonly license: string;
  /** The licence in full, or null where the package brings none. */
  readonly text: string | null;
};

const projectRoot = join(import.meta.dirname, "..");

/**
 * The packages that source files belong to, in the order of their names.
 *
 * @param used paths from the root of the project, as a bundle lists them
 */
export function packagesOf(used: readonly string[]): readonly BundledPackage[] {
  const folders = new Set(used.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  return [...folders].map(readPackage).toSorted((a, b) => (id(a) < id(b) ? -1 : 1));
}

function id({ name, version }: BundledPackage): string {
  return `${name}@${version}`;
}

function readPackage(folder: string): BundledPackage {
  const directory = join(projectRoot, folder);
  const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const file = readdirSync(directory).find((name) => /^licen[cs]e(\.(md|txt))?$/i.test(name));
  return {
    name: textOf(manifest, "name"),
    version: textOf(manifest, "version"),
    license: textOf(manifest, "license"),
    text: file === undefined ? null : readFileSync(join(directory, file), "utf8").trim(),
  };
}

function textOf(manifest: unknown, key: string): string {
  const value: unknown = typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, key) : undefined;
  if (typeof value !== "string") throw new Error(`a bundled package has no ${key} in its package.json`);
  return value;
}

/** One text with every licence, each once, and under it the packages that have it. */
export function licenseText(packages: readonly BundledPackage[]): string {
  const groups = Map.groupBy(packages, ({ license, text }) => text ?? `Licence: ${license}`);
  const parts = [...groups].map(([text, members]) => {
    const names = members.map((each) => `${id(each)} (${each.license})`).join("\n");
    return `${names}\n\n${text}\n`;
  });
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}

/** A bill of materials in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). */
export function billOfMaterials(packages: readonly BundledPackage[], version: string): string {
  const components = packages.map(({ name, version: own, license }) => {
    const purl = `pkg:npm/${name.replace("@", "%40")}@${own}`;
    return { type: "library", "bom-ref": purl, name, version: own, purl, licenses: [{ license: { id: license } }] };
  });
  const metadata = { component: { type: "application", "bom-ref": "origin-watch", name: "origin-watch", version } };
  return `${JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata, components }, null, 2)}\n`;
}
