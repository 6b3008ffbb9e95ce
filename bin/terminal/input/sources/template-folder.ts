import { readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Far more stacks than one application has. */
const mostTemplates = 500;
/** A stage is an assembly of its own, and may have stages. */
const deepest = 5;

/** A template's file, and what its stack is called there. */
export type TemplateFile = { readonly path: string; readonly stack: string };

/**
 * The templates in a folder as the CDK writes them (`cdk.out`): one a stack, those of a stage in `assembly-STAGE`. Null
 * when it is no folder; throws the system's error when it cannot be read.
 */
export function templatesIn(folder: string): readonly TemplateFile[] | null {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  return search(folder, 0)
    .slice(0, mostTemplates)
    .map((path) => ({ path, stack: relative(folder, path).replace(suffix, "").replaceAll(sep, "/") }));
}

function search(folder: string, depth: number): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return suffix.test(entry.name) ? [path] : [];
    // Assets are folders too, and may hold whole installations.
    return entry.isDirectory() && entry.name.startsWith("assembly-") && depth < deepest ? search(path, depth + 1) : [];
  });
}

const suffix = /\.template(\.json|\.ya?ml)?$/;
