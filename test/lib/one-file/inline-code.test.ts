import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inlineCode } from "../../../lib/one-file/inline-code.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inline-code-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads a text as Lambda does: an `index.js` with nothing beside it, which is CommonJS. */
function load(name: string, text: string): Record<string, unknown> {
  const file = join(folder, `${name}.js`);
  writeFileSync(file, text);
  return createRequire(import.meta.url)(file);
}

/** In two parts, or the test's own reader of source maps would follow it. */
const mapped = `//# ${"sourceMappingURL"}=index.js.map\n`;

const bundle = `"use strict";
const { basename } = require("node:path");
exports.handler = async () => [basename(__filename), typeof module.children, (await import("node:os")).EOL.length];
exports.fail = () => { throw new Error("on purpose"); };
${mapped}`;

describe("inlineCode", () => {
  it("runs the program in the place of the file that it is in, and without a word", async () => {
    writeFileSync(join(folder, "runs.js"), inlineCode(bundle, "a test").text);
    const script = 'require("./runs.js").handler().then((value) => console.log(JSON.stringify(value)))';
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: folder, encoding: "utf8" });
    expect([stdout, stderr]).toEqual(['["program.js","object",1]\n', ""]);
  });

  it("lets a program take the place of all exports", () => {
    expect(load("replaces", inlineCode("module.exports = { one: 1 };\n", "a test").text)).toEqual({ one: 1 });
  });

  it("names the program in a stack trace, and not the lines around it", () => {
    const { fail } = load("fails", inlineCode(bundle, "a test").text) as { fail: () => never };
    let stack = "";
    try {
      fail();
    } catch (error) {
      stack = (error as Error).stack ?? "";
    }
    expect(stack).toContain(`${join(folder, "program.js")}:4:`);
  });

  it("refuses to run another program than the one that it names", () => {
    const { text, sha256 } = inlineCode(bundle, "a test");
    const [other = ""] = /^const packed = .*$/m.exec(inlineCode("exports.handler = 1;\n", "a test").text) ?? [];
    const forged = text.replace(/^const packed = .*$/m, other);
    expect(forged).not.toBe(text);
    expect(() => load("forged", forged)).toThrow(`not the program with SHA-256 ${sha256}`);
  });

  it("can be read with the command that it names", () => {
    const { text } = inlineCode(bundle, "a test");
    const command = /^\/\/ {5}(sed .+)$/m.exec(text)?.[1] ?? "";
    writeFileSync(join(folder, "index.js"), text);
    const read = execFileSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
    expect(read + mapped).toBe(bundle);
  });

  it("is the same for the same bundle", () => {
    expect(inlineCode(bundle, "a test")).toEqual(inlineCode(bundle, "a test"));
  });

  it("keeps a title to one line, so that it cannot be code", () => {
    const { text } = inlineCode(bundle, "a title\nprocess.exit(1) //");
    expect(text.split("\n")[0]).toBe("// a title process.exit(1) //");
  });

  it("refuses characters that would be read wrongly", () => {
    expect(() => inlineCode('exports.handler = "→";', "a test")).toThrow("a test: the bundle is not ASCII");
  });
});
