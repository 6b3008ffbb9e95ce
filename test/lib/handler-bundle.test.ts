import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleHandler } from "../../lib/handler-bundle.ts";

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "handler-bundle-"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function entry(code: string): string {
  const file = join(root, "entry.ts");
  writeFileSync(file, code);
  return file;
}

describe("bundleHandler", () => {
  it("makes CommonJS that runs where package.json of the project says otherwise", () => {
    const directory = join(root, "runs");
    const { bytes } = bundleHandler(directory, entry("export const handler = async (): Promise<string> => 'a → b';"));
    expect(readdirSync(directory).toSorted()).toEqual(["index.js", "index.js.map", "package.json"]);
    expect(readFileSync(join(directory, "index.js")).byteLength).toBe(bytes);
    expect(JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))).toEqual({ type: "commonjs" });
    const { handler } = createRequire(import.meta.url)(join(directory, "index.js"));
    return expect(handler()).resolves.toBe("a → b");
  });

  it("writes the same bytes wherever they go, so that the asset keeps its hash", () => {
    const directories = [join(root, "one"), join(root, "much", "deeper", "two")];
    for (const directory of directories) bundleHandler(directory);
    const [first, second] = directories.map((directory) =>
      readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), "utf8")]),
    );
    expect(second).toEqual(first);
  });

  it("names the project's own sources by their path in the project, and carries none of their text", () => {
    const directory = join(root, "map");
    bundleHandler(directory);
    const map = JSON.parse(readFileSync(join(directory, "index.js.map"), "utf8"));
    expect(map.sources).toContain("lambda/functions/watch.ts");
    expect(map.sourcesContent).toBeUndefined();
    expect(readFileSync(join(directory, "index.js"), "utf8")).toMatch(/\/\/# sourceMappingURL=index\.js\.map\n$/);
  });

  it("leaves alone what is in the directory already, and writes nothing beside the sources", () => {
    const directory = join(root, "shared");
    mkdirSync(directory);
    writeFileSync(join(directory, "notes.txt"), "keep me");
    bundleHandler(directory, entry("export const handler = 1;"));
    expect(readFileSync(join(directory, "notes.txt"), "utf8")).toBe("keep me");
    expect(existsSync(join(import.meta.dirname, "..", "..", "index.js"))).toBe(false);
  });

  it("throws when the code does not build", () => {
    expect(() => bundleHandler(join(root, "broken"), entry("export const = 1;"))).toThrow("Expected identifier");
    expect(existsSync(join(root, "broken"))).toBe(false);
  });
});
