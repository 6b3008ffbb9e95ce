import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exampleBlock, tagExamples, withExamples } from "./tag-examples.ts";

const page = readFileSync(new URL("../../docs/alerts.md", import.meta.url), "utf8");

test("docs/alerts.md begins with the examples that npm run docs:alerts writes", () => {
  expect(page).toBe(withExamples(page, exampleBlock()));
  expect(page.indexOf("## One example of each tag")).toBe(page.indexOf("## "));
});

test("every tag of the table has its example, and every example stands in the table", () => {
  const [, table = ""] = /^## When\n([\s\S]*?)^## /m.exec(page.replace("A subject is", "## ")) ?? [];
  const named = [...table.matchAll(/`\[([A-Z0-9 ]+)\]/g)].map(([, tag = ""]) => plain(tag));
  const shown = tagExamples().map(({ tag }) => plain(tag));
  expect(new Set(named.filter((tag) => tag !== "STILL AT RISK"))).toEqual(new Set(shown));
});

/** An expiry counts days. */
function plain(tag: string): string {
  return tag.replace(/\d+ DAYS/, "n DAYS");
}
