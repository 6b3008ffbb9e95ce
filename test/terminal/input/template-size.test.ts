import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mostTemplateCharacters, readDocuments } from "../../../bin/terminal/input/documents.ts";

it("reads templates of whatever is worst in 64 MB, or says that they are too much", () => {
  const program = join(import.meta.dirname, "hostile-templates.ts");
  const child = spawnSync(process.execPath, ["--max-old-space-size=64", "--max-semi-space-size=2", program], {
    encoding: "utf8",
  });
  expect([child.stderr, child.status]).toEqual(["", 0]);
  const results = child.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as [name: string, megabytes: number, result: string]);
  expect(results).toHaveLength(40);
  for (const each of results) {
    expect(each).toEqual([
      each[0],
      each[1],
      expect.stringMatching(
        /^(configuration|it merges too much|it is (too large|nested too deeply|larger than CloudFormation takes))$/,
      ),
    ]);
  }
  // What a person writes is read up to what CloudFormation takes.
  const read = results.filter(([, , result]) => result === "configuration");
  expect(new Set(read.map(([name]) => name)).size).toBe(18);
  const whole = ["a text", "origins", "parameters", "conditions", "names", "escapes"];
  for (const name of whole) expect(read).toContainEqual([name, 1.05, "configuration"]);
});

it("takes no template that is twice as large as CloudFormation takes, and answers of the API of any size", () => {
  const text = (length: number) => `["${"a".repeat(length - 4)}"]`;
  const tooLarge = { kind: "unreadable", problem: "it is larger than CloudFormation takes" };
  expect(readDocuments(text(mostTemplateCharacters), true).kind).toBe("documents");
  expect(readDocuments(text(mostTemplateCharacters + 1), true)).toEqual(tooLarge);
  expect(readDocuments(text(mostTemplateCharacters + 1)).kind).toBe("documents");
});

it.each([
  ["brackets in texts", JSON.stringify({ a: `"\\${"[".repeat(1_000)}`, b: ["]"] })],
  ["depth that a person may write", `${"[".repeat(200)}${"]".repeat(200)}`],
])("reads %s", (_, text) => {
  expect(readDocuments(text, true).kind).toBe("documents");
});

it.each([
  ["depth", `${"[".repeat(201)}${"]".repeat(201)}`, "it is nested too deeply"],
  ["depth after an escape", `["\\"", ${"[".repeat(200)}`, "it is nested too deeply"],
  ["items", `[${"0,".repeat(300_001)}0]`, "it is too large"],
])("says that there is too much %s", (_, text, problem) => {
  expect(readDocuments(text, true)).toEqual({ kind: "unreadable", problem });
});
