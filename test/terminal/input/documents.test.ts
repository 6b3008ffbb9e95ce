import { describe, expect, it } from "vitest";
import { readDocuments } from "../../../bin/terminal/input/documents.ts";

function values(text: string): readonly unknown[] {
  const read = readDocuments(text);
  if (read.kind === "unreadable") throw new Error(read.problem);
  return read.values;
}

function problem(text: string): string {
  const read = readDocuments(text);
  return read.kind === "unreadable" ? read.problem : "";
}

describe("readDocuments", () => {
  it.each<[string, string, unknown]>([
    ["yes, no, on and off", "[yes, No, ON, off, true]", [true, false, true, false, true]],
    ["y and n, which CloudFormation takes for text", "[y, n, Y, N]", ["y", "n", "Y", "N"]],
    ["quoted words as text", "['yes', \"no\", !!str on]", ["yes", "no", "on"]],
    ["nothing", "[null, ~, ]", [null, null]],
    ["numbers that are whole", "[443, -1, +2, 010, 1e3, 1.10]", [443, -1, 2, "010", "1e3", "1.10"]],
    ["dates as text", "a: 2010-09-09", { a: "2010-09-09" }],
    ["keys as text", "{yes: 1, 2: b, ~: c}", { yes: 1, "2": "b", "~": "c" }],
    ["short forms of functions", "a: !Ref X", { a: { Ref: "X" } }],
    [
      "short forms that hold short forms",
      "!If [C, !Sub a, !GetAtt B.C]",
      { "Fn::If": ["C", { "Fn::Sub": "a" }, { "Fn::GetAtt": "B.C" }] },
    ],
    ["a short form whose value looks like a boolean", "!Ref On", { Ref: "On" }],
    ["aliases", "a: &x [1]\nb: *x", { a: [1], b: [1] }],
    ["a merge", "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
    ["merges of several, of which the first counts", "{<<: [{a: 1}, {a: 2, b: 2}], c: 3}", { a: 1, b: 2, c: 3 }],
    [
      "names that an object has by itself",
      "{__proto__: {a: 1}, constructor: 2}",
      JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'),
    ],
    ["JSON with what only YAML allows", '{"a": 1, "b": [1,],}', { a: 1, b: [1] }],
    ["block text", "a: |\n  yes\nb: >-\n  no", { a: "yes\n", b: "no" }],
  ])("reads %s", (_, text, expected) => {
    expect(values(text)).toEqual([expected]);
  });

  it("keeps what is merged from the prototype of the object", () => {
    const [read] = values("{<<: {__proto__: {a: 1}}}");
    expect([Object.keys(read as object), (read as { a?: unknown }).a]).toEqual([["__proto__"], undefined]);
  });

  it.each([
    ["JSON values", '{"a": 1}\n{"b": "}{"}\n[]'],
    ["YAML documents", "---\na: 1\n---\nb: '}{'\n---\n[]\n"],
  ])("reads %s that stand one after the other", (_, text) => {
    expect(values(text)).toEqual([{ a: 1 }, { b: "}{" }, []]);
  });

  it.each([
    ["YAML", "a:\n  b: 1\n  c: 2\n  b: 3\n", { a: { b: 3, c: 2 } }],
    ["JSON", '{"a": {\n"x": ":", "b": 1,\n"c": 2,\n"b": 3}}', { a: { x: ":", b: 3, c: 2 } }],
  ])("takes the last of two equal names in %s, and says so", (_, text, expected) => {
    expect(readDocuments(text)).toEqual({
      kind: "documents",
      values: [expected],
      remarks: ['line 4: "b" stands there twice; the last one counts, as in CloudFormation'],
    });
  });

  it.each([
    ["nothing", " \n", "it is empty"],
    ["remarks only", "# x\n", "it is empty"],
    ["a tab", "a:\n\tb: 1", "in line 2, column 1"],
    ["an end that is missing", '{"a": [1', "in line 1, column 9"],
    ["an alias without an anchor", "a: *b", "an alias without an anchor before it in line 1, column 5"],
    ["an anchor that holds itself", "a: &x [1, *x]", "an alias without an anchor before it in line 1"],
    ["a merge of what is no mapping", "<<: 1", "<< merges mappings only in line 1, column 1"],
    ["a merge of a function", "a: {<<: !If [A, {b: 1}, {b: 2}]}", "<< merges mappings only in line 1"],
    ["a key that is a list", "? [a]\n: 1", "a key that is not text in line 1"],
    ["a hostile word", `a: b\n\u001b[31m: *${"x".repeat(500)}`, "in line 2"],
  ])("says what is wrong with %s", (_, text, expected) => {
    expect(problem(text)).toContain(expected);
    expect(problem(text).length).toBeLessThan(220);
    expect(problem(text)).not.toMatch(/\p{Cc}/u);
  });

  // Each of these took a parser minutes or gigabytes somewhere.
  it.each([
    ["lists in lists", "[".repeat(1_000_000)],
    ["lists in lists, in blocks", "- ".repeat(500_000)],
    ["mappings in mappings", "{a: ".repeat(250_000)],
    ["keys of keys", "? ".repeat(500_000)],
    ["entries", `[${"a,".repeat(500_000)}]`],
    ["documents", "---\n".repeat(250_000)],
    ["values", "{}".repeat(50_000)],
    [
      "merges",
      `a: &a {${Array.from({ length: 3_000 }, (_, n) => `k${n}: v`).join()}}\nb: {<<: [${"*a,".repeat(100_000)}]}`,
    ],
    ["text", "x".repeat(3_000_000)],
    ["quotes", `"${"''".repeat(500_000)}`],
  ])("gives up on too many %s", (_, text) => {
    expect(problem(text)).not.toBe("");
  });

  it("does not unfold aliases", () => {
    const levels = Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(8)}]`);
    const [read] = values(["a0: &a0 [x]", ...levels].join("\n"));
    expect(Object.keys(read as object)).toHaveLength(41);
  });
});
