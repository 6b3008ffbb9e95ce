import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placeOfFile } from "../../../bin/terminal/input/place.ts";

const before = process.cwd();
const outside = realpathSync(mkdtempSync(join(tmpdir(), "origin-watch-place-")));
const folder = join(outside, "repository");
beforeAll(() => {
  mkdirSync(join(folder, "infra"), { recursive: true });
  writeFileSync(join(folder, "infra", "plan 1.json"), "");
  writeFileSync(join(outside, "secret.json"), "");
  symlinkSync(join(outside, "secret.json"), join(folder, "linked.json"));
  symlinkSync(outside, join(folder, "up"));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(outside, { recursive: true });
});

describe("the place of a file", () => {
  it.each([
    ["infra/plan 1.json", "infra/plan 1.json"],
    ["./infra/../infra/plan 1.json", "infra/plan 1.json"],
    ["gone.json", "gone.json"],
    ["-", "origin-watch"],
    ["../secret.json", "origin-watch"],
    ["linked.json", "origin-watch"],
    ["up/secret.json", "origin-watch"],
    ["up/gone.json", "origin-watch"],
    ["/etc/hostname", "origin-watch"],
    [".", "origin-watch"],
  ])("%s is %s", (file, place) => {
    expect(placeOfFile(file)).toEqual({ file: place, line: null, column: null });
  });

  it("is from the folder where the process runs, whatever way it is given", () => {
    expect(placeOfFile(join(folder, "infra", "plan 1.json"), 3, 4)).toEqual({
      file: "infra/plan 1.json",
      line: 3,
      column: 4,
    });
  });
});
