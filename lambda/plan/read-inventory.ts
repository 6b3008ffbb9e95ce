import { printable } from "../text/printable.ts";
import { isObject, typeName } from "./api-value.ts";
import type { Distribution } from "./distribution.ts";
import { readDistribution, type UnreadableDistribution } from "./read-distribution.ts";

export type InventoryResult =
  | {
      readonly kind: "inventory";
      readonly distributions: readonly Distribution[];
      readonly unreadable: readonly UnreadableDistribution[];
      /** What was read with an assumption, or is missing, one sentence each; names the distribution. */
      readonly problems: readonly string[];
    }
  | { readonly kind: "unrecognised"; readonly problem: string };

/** Twenty times AWS's default quota for an account. */
const mostDistributions = 10_000;

/**
 * Reads what a person may have saved from the AWS CLI: `list-distributions` as a whole or only its Items, one or more
 * pages of it, `get-distribution`, `get-distribution-config`, or a list of any of these.
 */
export function readInventory(json: unknown): InventoryResult {
  const found = collect(json);
  if (found === null) {
    return {
      kind: "unrecognised",
      problem:
        "expected the output of `aws cloudfront list-distributions`, `get-distribution` or `get-distribution-config`, " +
        `got ${outline(json)}`,
    };
  }
  const distributions = new Map<string, Distribution>();
  const unreadable: UnreadableDistribution[] = [];
  const problems = [...missingPages(found.pages)];
  if (found.values.length > mostDistributions) {
    problems.push(`${found.values.length} distributions, of which the first ${mostDistributions} are read`);
  }
  found.values.slice(0, mostDistributions).forEach((value, index) => {
    const result = readDistribution(value, `unnamed-${index + 1}`);
    if (result.kind === "unreadable") {
      unreadable.push(result);
      return;
    }
    const { id } = result.distribution;
    if (distributions.has(id)) return;
    distributions.set(id, result.distribution);
    problems.push(...result.problems.map((problem) => `distribution ${printable(id, 64)}: ${problem}`));
  });
  return { kind: "inventory", distributions: [...distributions.values()], unreadable, problems };
}

type Page = { readonly marker: unknown; readonly nextMarker: unknown; readonly truncated: boolean };
type Found = { readonly values: readonly unknown[]; readonly pages: readonly Page[] };

/** The distributions in a saved answer, null when it is none. A list may hold pages and distributions, not further lists. */
function collect(json: unknown): Found | null {
  if (!Array.isArray(json)) return collectFromAnswer(json);
  const elements: readonly unknown[] = json;
  const answers = elements.map((element) => ({ element, found: collectFromAnswer(element) }));
  if (elements.length > 0 && answers.every(({ found }) => found === null)) return null;
  return {
    // What is not recognised stays in, to be listed as unreadable beside the others.
    values: answers.flatMap(({ element, found }) => found?.values ?? [element]),
    pages: answers.flatMap(({ found }) => found?.pages ?? []),
  };
}

function collectFromAnswer(answer: unknown): Found | null {
  if (!isObject(answer)) return null;
  if (isObject(answer["DistributionList"])) return collectFromPage(answer["DistributionList"], answer["NextToken"]);
  if (isObject(answer["Distribution"])) return { values: [answer["Distribution"]], pages: [] };
  if (isObject(answer["DistributionConfig"]) || isObject(answer["Origins"])) return { values: [answer], pages: [] };
  const items = answer["Items"];
  const holdsDistributions = Array.isArray(items) && items.every((item) => isObject(item) && isObject(item["Origins"]));
  return holdsDistributions ? collectFromPage(answer, undefined) : null;
}

/** @param nextToken with `--max-items`, the AWS CLI writes its own continuation beside the list */
function collectFromPage(page: { readonly [name: string]: unknown }, nextToken: unknown): Found {
  const items = page["Items"];
  const truncated = page["IsTruncated"] === true || typeof nextToken === "string";
  return {
    values: Array.isArray(items) ? items : [],
    pages: [{ marker: page["Marker"], nextMarker: page["NextMarker"], truncated }],
  };
}

function missingPages(pages: readonly Page[]): string[] {
  const present = new Set(pages.map(({ marker }) => marker).filter((marker) => typeof marker === "string"));
  const open = pages.some(({ truncated, nextMarker }) => truncated && !present.has(nextMarker as string));
  return open ? ["the list of distributions was cut off when it was saved; the distributions after it are not checked"] : [];
}

/** Type and member names only: values may be secrets. */
function outline(json: unknown): string {
  if (Array.isArray(json)) return `a list of ${json.length} entries, the first of which is ${outline(json[0])}`;
  if (!isObject(json)) return typeName(json);
  const names = Object.keys(json);
  const shown = names.slice(0, 5).map((name) => printable(name, 40));
  if (names.length === 0) return "an empty object";
  return `an object with ${shown.join(", ")}${names.length > shown.length ? " …" : ""}`;
}
