import { describe, expect, it } from "vitest";
import { readInventory } from "../../lambda/configuration/read-inventory.ts";
import { apiBehavior, apiConfig, apiOrigin, apiSummary, secret } from "../plan/api-answers.ts";

function ids(json: unknown): readonly string[] {
  const result = readInventory(json);
  if (result.kind === "unrecognised") throw new Error(result.problem);
  expect(result.problems.filter(({ code }) => code === "distribution-unreadable")).toEqual([]);
  return result.distributions.map(({ id }) => id);
}

function page(items: unknown[], parts: object = {}) {
  return {
    DistributionList: { Marker: "", MaxItems: 100, IsTruncated: false, Quantity: items.length, Items: items, ...parts },
  };
}

function unreadable(id: string, problem: string) {
  return { code: "distribution-unreadable", message: `distribution ${id} is not checked: ${problem}` };
}

const [one, two] = [apiSummary("E1"), apiSummary("E2")];
const cutOff = "the list of distributions was cut off when it was saved; the distributions after it are not checked";

describe("readInventory", () => {
  it.each<[string, unknown, string[]]>([
    ["list-distributions", page([one, two]), ["E1", "E2"]],
    [
      "list-distributions of an empty account",
      { DistributionList: { Marker: "", IsTruncated: false, Quantity: 0 } },
      [],
    ],
    ["its list alone", { Quantity: 2, Items: [one, two] }, ["E1", "E2"]],
    ["its items alone", [one, two], ["E1", "E2"]],
    ["a single item", one, ["E1"]],
    ["no items", [], []],
    ["an empty list alone", { Quantity: 0, Items: [] }, []],
    ["get-distribution", { ETag: "E", Distribution: { Id: "E1", DistributionConfig: apiConfig() } }, ["E1"]],
    ["get-distribution-config", { ETag: "E", DistributionConfig: apiConfig() }, ["unnamed-1"]],
    ["a configuration alone", apiConfig(), ["unnamed-1"]],
    ["several pages", [page([one]), page([two])], ["E1", "E2"]],
    ["several answers of get-distribution", [{ Distribution: one }, { Distribution: two }], ["E1", "E2"]],
    [
      "several configurations",
      [{ DistributionConfig: apiConfig() }, { DistributionConfig: apiConfig() }],
      ["unnamed-1", "unnamed-2"],
    ],
    ["pages that overlap", [page([one]), page([one, two])], ["E1", "E2"]],
  ])("reads %s", (_, json, expected) => {
    expect(ids(json)).toEqual(expected);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "got nothing"],
    ["null", null, "got nothing"],
    ["text", secret, "got a string"],
    ["a number", 7, "got a number"],
    ["an empty object", {}, "got an empty object"],
    ["an answer to another question", { CachePolicyList: { Items: [] } }, "got an object with CachePolicyList"],
    ["other items", { Items: [{ Type: "custom" }] }, "got an object with Items"],
    ["a list of others", [{ CachePolicyList: {} }, 7], "got a list of 2"],
    ["lists in lists", [[one]], "got a list of 1"],
    [
      "an object with many members",
      Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [`${name}\n`, secret])),
      "got an object with a\\u{a}, b\\u{a}, c\\u{a}, d\\u{a}, e\\u{a} ...",
    ],
  ])("says that it is not given an inventory but %s", (_, json, got) => {
    expect(readInventory(json)).toEqual({
      kind: "unrecognised",
      problem: `expected the output of \`aws cloudfront list-distributions\`, \`get-distribution\` or \`get-distribution-config\`, ${got}`,
    });
  });

  it("lists what it cannot read beside what it can", () => {
    const result = readInventory(page([one, { Id: "E9" }, "text", two]));
    expect(result).toMatchObject({
      kind: "configuration",
      distributions: [{ id: "E1" }, { id: "E2" }],
      problems: [
        unreadable("E9", "Origins: expected an object with Items, got nothing"),
        unreadable("without an id", "the value: expected a distribution, got a string"),
      ],
    });
    expect(readInventory([one, { Id: "E9" }])).toMatchObject({
      distributions: [{ id: "E1" }],
      problems: [{ code: "distribution-unreadable" }],
    });
  });

  it("names the distribution of which something could not be read", () => {
    const odd = apiSummary("E3\n", { DefaultCacheBehavior: apiBehavior("a.test", { ViewerProtocolPolicy: "h3" }) });
    expect(readInventory(page([one, odd]))).toMatchObject({
      problems: [
        {
          code: "details-unreadable",
          message: expect.stringMatching(
            /^distribution E3\\u\{a\}: DefaultCacheBehavior\.ViewerProtocolPolicy: .*"h3"/,
          ),
        },
      ],
    });
  });

  it("takes the first of two distributions with one id", () => {
    const again = apiSummary("E1", { Comment: "again", Enabled: "yes" });
    expect(readInventory([one, again])).toMatchObject({ distributions: [{ id: "E1", comment: "shop" }], problems: [] });
  });

  it.each<[string, unknown, string[]]>([
    ["a page without the one after it", page([one], { IsTruncated: true, NextMarker: "E1" }), [cutOff]],
    ["what the CLI prints with --max-items", { ...page([one]), NextToken: "eyJ" }, [cutOff]],
    ["all pages", [page([one], { IsTruncated: true, NextMarker: "E1" }), page([two], { Marker: "E1" })], []],
    [
      "all but the last page",
      [
        page([one], { IsTruncated: true, NextMarker: "E1" }),
        page([two], { Marker: "E1", IsTruncated: true, NextMarker: "E2" }),
      ],
      [cutOff],
    ],
    [
      "a list that is none",
      { DistributionList: { Items: "x" } },
      ["DistributionList.Items: expected a list, got a string; read as empty"],
    ],
    [
      "a list that has lost its distributions",
      { DistributionList: { Quantity: 3 } },
      ["DistributionList.Items: expected a list, got nothing; read as empty"],
    ],
    [
      "a list of something else",
      { DistributionList: { Distributions: [] } },
      ["DistributionList.Items: expected a list, got nothing; read as empty"],
    ],
  ])("notices what is missing from %s", (_, json, problems) => {
    expect(readInventory(json)).toMatchObject({
      kind: "configuration",
      problems: problems.map((message) => ({ code: "details-unreadable", message })),
    });
  });

  it("reads at most ten thousand distributions", () => {
    const many = Array.from({ length: 10_001 }, (_, n) => ({ ...one, Id: `E${n}` }));
    const result = readInventory(many);
    expect(result).toMatchObject({ problems: [{ message: "10001 distributions, of which the first 10000 are read" }] });
    expect(result.kind === "configuration" && result.distributions.length).toBe(10_000);
  });

  it("survives lists nested without end", () => {
    const nested: unknown = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
    expect(readInventory(nested)).toMatchObject({ kind: "unrecognised" });
  });

  it("never repeats a custom header's value", () => {
    const origins = { Items: [apiOrigin("a.test", { DomainName: { HeaderValue: secret } })] };
    for (const json of [page([one]), [apiSummary("E2", { Origins: origins }), secret], { x: secret }]) {
      expect(JSON.stringify(readInventory(json))).not.toContain(secret);
    }
  });
});
