import { rmSync } from "node:fs";
import { billOfMaterials, licenseText, packagesOf } from "../lib/bundled-packages.ts";
import { bundleHandler, handlerEntry, handlerNames } from "../lib/handler-bundle.ts";
import manifest from "../package.json" with { type: "json" };

// `npm run licenses` prints the licences of everything that is in the deployed functions, `-- --sbom` a bill of materials.
const used = handlerNames.flatMap((name) => {
  const bundle = bundleHandler(undefined, handlerEntry(name));
  rmSync(bundle.directory, { recursive: true });
  return bundle.used;
});
const packages = packagesOf(used);
process.stdout.write(
  process.argv.includes("--sbom") ? billOfMaterials(packages, manifest.version) : licenseText(packages),
);
