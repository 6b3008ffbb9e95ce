import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonExcess } from "../../bin/terminal/input/json-text.ts";
import { terminalText } from "../../bin/terminal/output/print.ts";
import { readAccessDenied } from "../../lambda/aws/access-denied.ts";
import { matchesPathPattern } from "../../lambda/cloudfront/path-pattern.ts";
import { readDomainName } from "../../lambda/configuration/domain-name.ts";
import { readFunctionCode } from "../../lambda/configuration/function-code.ts";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import { shortName } from "../../lambda/judge/short-name.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { jsonLine, visibleJsonLine } from "../../lambda/text/json-line.ts";
import { withoutLinks } from "../../lambda/text/links.ts";
import { visible } from "../../lambda/text/printable.ts";
import { shellWord } from "../../lambda/text/shell-word.ts";
import { namesFunction, readBody } from "../../lambda/witness/edge-body.ts";
import { coverageBy } from "../../lambda/x509/server-name.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";

// A text from outside costs time in proportion to its length. What grows with the square of it does not come to an end
// here: a million characters would take it hours.

const root = join(import.meta.dirname, "..", "..");
const size = 1_000_000;
const filling = [
  "a",
  "*",
  "*a",
  "-",
  ".",
  "#",
  ":",
  "/",
  "{{",
  "${",
  "`",
  "'",
  " ",
  "\\",
  "://",
  "a:",
  "\n::",
  "\u200b",
  "\ud800",
];
const texts = filling.flatMap((piece) => {
  const long = piece.repeat(Math.ceil(size / piece.length));
  return [long, `${long}!`, `x${long}`];
});

describe("a million characters cost no more than their length", () => {
  it.each([
    ["on a terminal", terminalText],
    ["in JSON", (text: string) => jsonLine([text])],
    ["in the log", (text: string) => visibleJsonLine([text])],
    ["in a mail", (text: string) => withoutLinks(text)],
    ["in a command", shellWord],
    ["shown", visible],
    ["as a domain name", readDomainName],
    ["as a message of AWS", readAccessDenied],
    ["as the name of a certificate", shortName],
    ["as a wildcard of a certificate", (text: string) => coverageBy(text, "*a".repeat(120))],
    ["as a name that wildcards are for", (text: string) => coverageBy("*a".repeat(120), text)],
    ["as the code of an edge function", readFunctionCode],
    ["as a path that a pattern is for", (text: string) => matchesPathPattern("*a".repeat(120), text)],
    ["as a path pattern", (text: string) => matchesPathPattern(text, "/a".repeat(120))],
    ["as a template in JSON", (text: string) => jsonExcess(`{${text}`)],
    ["as the body of an answer", (text: string) => [readBody(text), namesFunction(text)]],
  ] as const)("%s", (_, read) => {
    for (const text of texts) expect(() => read(text)).not.toThrow();
  });

  it("as names and path patterns of a distribution", () => {
    for (const text of texts) {
      const outline = {
        id: "E1",
        comment: text,
        aliases: [text, `*.${text}`],
        origins: [customOrigin("a.test", 443), customOrigin(text, 443)],
        defaultBehavior: { target: "a.test", originRequestPolicy: "AllViewer" },
        behaviors: [{ pathPattern: text, target: text }],
      };
      const read = readDistribution(distribution(outline, "123456789012"));
      expect(read.kind).toBe("distribution");
      if (read.kind === "distribution") expect(plan([read.distribution], noPolicies).connections).not.toEqual([]);
    }
  });
});

it("makes no regular expression of what comes from outside", () => {
  const made = ["bin", "lambda", "lib"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(folder, path))
      .filter((path) => /\bRegExp\(/.test(readFileSync(join(root, path), "utf8"))),
  );
  // Made when the program starts, of pieces that stand there.
  expect(made.toSorted()).toEqual([
    "bin/terminal/output/print.ts",
    "lambda/cloudfront/origin-domain.ts",
    "lambda/text/printable.ts",
  ]);
});
