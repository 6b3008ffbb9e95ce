import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { WrittenAt } from "../../../lambda/configuration/terraform-references.ts";
import { type Place, type PlaceOf, placeOfFile } from "./place.ts";

/** Files that are looked into, and how long one may be: no source is longer. */
const mostFiles = 2_000;
const mostBytes = 1024 * 1024;

/**
 * Where distributions stand in the sources of Terraform, where these lie beside the file. Only `.tf` files of the folders
 * that the plan names are looked into, and of these only the first words of a block; no link is followed, nothing outside
 * the folder of the process is read, and nothing of `.terraform`.
 *
 * @param base the folder of the root module
 */
export function terraformPlaces(base: string, written: ReadonlyMap<string, WrittenAt>): PlaceOf {
  const folders = new Map<string, ReadonlyMap<string, Place>>();
  let files = 0;
  return ({ distributionId }) => {
    const at = written.get(distributionId);
    if (at === undefined) return null;
    const folder = join(base, at.folder);
    const known = folders.get(folder) ?? blocksIn(folder);
    folders.set(folder, known);
    return known.get(wordsOf(at.block)) ?? null;
  };

  function blocksIn(folder: string): ReadonlyMap<string, Place> {
    const blocks = new Map<string, Place>();
    for (const file of isWithin(folder) ? sourcesIn(folder) : []) {
      files += 1;
      if (files > mostFiles) break;
      for (const [index, line] of linesOf(file).entries()) {
        const words = wordsIn(line);
        if (words !== null && !blocks.has(words)) blocks.set(words, placeOfFile(file, index + 1));
      }
    }
    return blocks;
  }
}

function isWithin(folder: string): boolean {
  try {
    const steps = relative(realpathSync("."), realpathSync(folder)).split(sep);
    return steps[0] !== ".." && !steps.includes(".terraform");
  } catch {
    return false;
  }
}

function sourcesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".tf"))
      .map(({ name }) => join(folder, name))
      .toSorted();
  } catch {
    return [];
  }
}

function linesOf(file: string): readonly string[] {
  try {
    const { size } = lstatSync(file);
    return size > mostBytes ? [] : readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

/** `resource "TYPE" "NAME" {` and `module "NAME" {` begin a line. */
function wordsIn(line: string): string | null {
  const [keyword = "", ...rest] = line.slice(0, 1_000).split('"');
  const word = keyword.trim();
  const labels = rest.filter((_, index) => index % 2 === 0);
  const [first = "", second = ""] = labels;
  if (word === "resource" && labels.length >= 2) return wordsOf(["resource", first, second]);
  return word === "module" && labels.length >= 1 ? wordsOf(["module", first]) : null;
}

function wordsOf(words: readonly string[]): string {
  return JSON.stringify(words);
}
