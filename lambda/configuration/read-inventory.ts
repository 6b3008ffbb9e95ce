import { printable } from "../text/printable.ts";
import { isObject, member, mismatch, outline, type Part } from "./api-value.ts";
import { type ConfigurationProblem, type ConfigurationResult, notChecked, unclear } from "./configuration.ts";
import type { Distribution } from "./distribution.ts";
import { noPolicies } from "./policies.ts";
import { readDistribution } from "./read-distribution.ts";

/** Twenty times AWS's default quota for an account. */
const mostDistributions = 10_000;

/**
 * Reads what a person may have saved from the AWS CLI: `list-distributions` as a whole or only its Items, one or more
 * pages of it, `get-distribution`, `get-distribution-config`, or a list of any of these.
 */
export function readInventory(json: unknown): ConfigurationResult {
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
  const unreadable: ConfigurationProblem[] = [];
  const problems = [...found.problems, ...missingPages(found.pages)];
  if (found.values.length > mostDistributions) {
    problems.push(`${found.values.length} distributions, of which the first ${mostDistributions} are read`);
  }
  found.values.slice(0, mostDistributions).forEach((value, index) => {
    const result = readDistribution(value, `unnamed-${index + 1}`);
    if (result.kind === "unreadable") {
      unreadable.push(notChecked(result.id ?? "without an id", result.problem));
      return;
    }
    const { id } = result.distribution;
    if (distributions.has(id)) return;
    distributions.set(id, result.distribution);
    problems.push(...result.problems.map((problem) => `distribution ${printable(id, 64)}: ${problem}`));
  });
  return {
    kind: "configuration",
    distributions: [...distributions.values()],
    policies: noPolicies,
    problems: [...unclear(problems), ...unreadable],
  };
}

type Found = {
  readonly values: readonly unknown[];
  readonly pages: readonly Page[];
  readonly problems: readonly string[];
};
type Page = { readonly marker: unknown; readonly nextMarker: unknown; readonly truncated: boolean };

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
    problems: answers.flatMap(({ found }) => found?.problems ?? []),
  };
}

function collectFromAnswer(value: unknown): Found | null {
  const answer: Part = { path: "", value };
  const list = member(answer, "DistributionList");
  // With --max-items, the AWS CLI writes its own continuation beside the list.
  if (isObject(list.value)) return collectFromPage(list, typeof member(answer, "NextToken").value === "string");
  const distribution = member(answer, "Distribution").value;
  if (isObject(distribution)) return single(distribution);
  if (isDistribution(value)) return single(value);
  const items = member(answer, "Items").value;
  const isList = Array.isArray(items) && (items.length === 0 || items.some(isDistribution));
  return isList ? collectFromPage(answer, false) : null;
}

function single(value: unknown): Found {
  return { values: [value], pages: [], problems: [] };
}

function isDistribution(value: unknown): boolean {
  const part: Part = { path: "", value };
  return isObject(member(part, "DistributionConfig").value) || isObject(member(part, "Origins").value);
}

function collectFromPage(page: Part, continued: boolean): Found {
  const items = member(page, "Items");
  // The API leaves Items out of an empty list, whose Quantity it gives all the same.
  const usable = Array.isArray(items.value) || (items.value === undefined && member(page, "Quantity").value === 0);
  return {
    values: Array.isArray(items.value) ? items.value : [],
    pages: [
      {
        marker: member(page, "Marker").value,
        nextMarker: member(page, "NextMarker").value,
        truncated: continued || member(page, "IsTruncated").value === true,
      },
    ],
    problems: usable ? [] : [`${mismatch(items, "a list")}; read as empty`],
  };
}

/** A page is continued by the one whose Marker is its NextMarker. */
function missingPages(pages: readonly Page[]): string[] {
  const present = new Set(pages.map(({ marker }) => marker));
  const open = pages.some(
    ({ truncated, nextMarker }) => truncated && !(typeof nextMarker === "string" && present.has(nextMarker)),
  );
  return open
    ? ["the list of distributions was cut off when it was saved; the distributions after it are not checked"]
    : [];
}
