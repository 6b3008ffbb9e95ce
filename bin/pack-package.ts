import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };

/**
 * Packs what `npm run build` made, with a package.json of its own: that of the clone has scripts, tools and a workspace,
 * which mean nothing to who installs the package, and another least version of Node.
 *
 * `npm pack` in a clone runs it too, when it has written its file, which this one then replaces. What npm says meanwhile of
 * sizes and checksums is of the other.
 */
const ofTheClone = ["scripts", "devDependencies", "workspaces", "allowScripts", "files"];
const kept = Object.entries(manifest).filter(([key]) => !ofTheClone.includes(key));
// The command runs on no older Node (bin/package/origin-watch.js says so); with this npm says it at the installation.
const packed = { ...Object.fromEntries(kept), engines: { node: ">=22.15" } };

const root = join(import.meta.dirname, "..");
const staged = mkdtempSync(join(tmpdir(), "origin-watch-package-"));
try {
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(packed, null, 2)}\n`);
  for (const file of ["README.md", "LICENSE", ...manifest.files]) {
    cpSync(join(root, file), join(staged, file), { recursive: true });
  }
  const destination = process.env.npm_config_pack_destination ?? process.cwd();
  const stdio = process.env.npm_lifecycle_event === "postpack" ? "ignore" : "inherit";
  execFileSync("npm", ["pack", staged, "--pack-destination", destination], { stdio });
} finally {
  rmSync(staged, { recursive: true });
}
