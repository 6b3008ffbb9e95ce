import { type Dirent, readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { TemplateFile } from "../../../../lambda/configuration/template-stack.ts";
import { printable } from "../../../../lambda/text/printable.ts";
import { systemError } from "../../system-error.ts";
import { mostTemplateCharacters } from "../documents.ts";
import { readText } from "../read-file.ts";
import { readSaved } from "./read-saved.ts";

/** The templates of a folder, and what could not be read. */
export type Folder = {
  readonly files: readonly TemplateFile[];
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
};

/** Far more stacks than one application has. */
const mostTemplates = 500;
/** Files that are looked into. */
const mostFiles = 5_000;
/** A stage of the CDK is an assembly of its own, and may have stages. */
const deepest = 8;

/**
 * The templates in a folder, whatever they are called: one that the CDK wrote (`cdk.out`), with those of its stages in
 * `assembly-STAGE`, or one of somebody's own. Null when it is no folder; throws the system's error when it cannot be read.
 */
export function templatesIn(folder: string): Folder | null {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const files: TemplateFile[] = [];
  const problems: string[] = [];
  const paths = search(folder, readdirSync(folder, { withFileTypes: true }), 0, problems);
  const remarks: string[] = [];
  const names = new Set<string>();
  for (const path of paths.slice(0, mostFiles)) {
    const inFolder = relative(folder, path).replaceAll(sep, "/");
    if (files.length >= mostTemplates || !mayBeTemplate(path)) continue;
    const saved = readSaved(path, true);
    if (saved.kind === "unreadable") {
      problems.push(saved.message);
      continue;
    }
    remarks.push(...saved.remarks);
    // What the CDK calls a template is one; any other file may be something else that names resources.
    const templates = [...saved.templates, ...(cdk.test(inFolder) ? [...saved.answers, ...saved.others] : [])];
    for (const template of templates) {
      const name = stackName(inFolder, names);
      names.add(name);
      files.push({ name, path: inFolder, template });
    }
  }
  if (paths.length > mostFiles)
    problems.push(`of ${paths.length} files in the folder the first ${mostFiles} are looked into`);
  if (files.length >= mostTemplates) problems.push(`the first ${mostTemplates} templates of the folder are read`);
  return { files, problems, remarks };
}

/** The file's name without what every template's has; all of it where another file has the same. */
function stackName(path: string, taken: ReadonlySet<string>): string {
  const short = path.replace(cdk, "").replace(extension, "");
  if (!taken.has(short)) return short;
  let name = path;
  for (let number = 2; taken.has(name); number += 1) name = `${path}#${number}`;
  return name;
}

/**
 * A file that is broken must be told from one that is no template, so that its text decides. One that is larger than
 * CloudFormation takes, such as the CDK's `tree.json`, is none.
 */
function mayBeTemplate(path: string): boolean {
  if (cdk.test(path)) return true;
  const read = readText(path);
  if (read.kind === "unreadable") return true;
  const { text } = read;
  return text.length <= mostTemplateCharacters && text.includes("Resources") && text.includes("AWS::");
}

/** @param problems gets a sentence for each folder below that cannot be read, and each link that leads nowhere */
function search(folder: string, entries: readonly Dirent[], depth: number, problems: string[]): readonly string[] {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return extension.test(entry.name) ? [path] : [];
    // Assets are folders too, and may hold whole installations.
    const isOther = /^(?:\.|asset\.|node_modules$)/.test(entry.name);
    const isLink = entry.isSymbolicLink() && extension.test(entry.name);
    if (!isLink && (!entry.isDirectory() || isOther || depth >= deepest)) return [];
    try {
      // Links are not followed, but one to a template that is not there is a template that is not checked.
      if (isLink) statSync(path);
      if (isLink) return [];
      return search(path, readdirSync(path, { withFileTypes: true }), depth + 1, problems);
    } catch (error) {
      problems.push(`cannot read ${printable(path, 300)}: ${systemError(error)}`);
      return [];
    }
  });
}

const cdk = /\.template(\.json|\.ya?ml)?$/;
const extension = /\.(json|ya?ml|template|cfn|cform)$/i;
