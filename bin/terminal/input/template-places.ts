import { join } from "node:path";
import type { WrittenResource } from "../../../lambda/configuration/read-template.ts";
import { type Place, type PlaceOf, placeOfFile } from "./place.ts";
import { readText } from "./read-file.ts";
import { inYaml, itemsOf, memberOf, type YamlNode } from "./yaml-tree.ts";

/** CloudFormation takes a megabyte, and one that is much larger was none. */
const mostCharacters = 2_097_152;

/**
 * Where origins stand in templates: the origin itself, or where its id is not written out the distribution.
 *
 * @param given the file or folder, `-` for standard input, which cannot be read again
 * @param written by the ids of distributions
 */
export function templatePlaces(
  given: string,
  isFolder: boolean,
  written: ReadonlyMap<string, WrittenResource>,
): PlaceOf {
  const trees = new Map<string, YamlNode | null>();
  return ({ distributionId, originId }) => {
    const at = written.get(distributionId);
    if (at === undefined || given === "-") return null;
    const file = isFolder ? join(given, at.path) : given;
    const tree = trees.get(file) ?? treeOf(file);
    trees.set(file, tree);
    const place = placeIn(file, tree, at.logicalId, originId);
    return at.construct === null ? place : { ...place, construct: at.construct };
  };
}

function treeOf(file: string): YamlNode | null {
  const read = readText(file);
  return read.kind === "unreadable" || read.text.length > mostCharacters ? null : inYaml(read.text);
}

function placeIn(file: string, tree: YamlNode | null, logicalId: string, originId: string): Place {
  const resource = memberOf(memberOf(tree, "Resources"), logicalId);
  const config = memberOf(memberOf(resource, "Properties"), "DistributionConfig");
  const origin = itemsOf(memberOf(config, "Origins")).find((item) => memberOf(item, "Id")?.text === originId);
  const found = origin ?? resource;
  return found === null ? placeOfFile(file) : placeOfFile(file, found.line, found.column);
}
