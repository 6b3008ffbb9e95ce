import { describe, expect, it } from "vitest";
import { didYouMean } from "../../lib/did-you-mean.ts";

const commands = ["check", "explain", "watch", "what-if", "help"];

describe("didYouMean", () => {
  it.each([
    ["chekc", "check"],
    ["chck", "check"],
    ["checkk", "check"],
    ["xplian", "explain"],
    ["whatif", "what-if"],
    ["hlep", "help"],
  ])("knows that %s was to be %s", (typed, command) => {
    expect(didYouMean(typed, commands)).toBe(`; did you mean "${command}"?`);
  });

  it("guesses nothing where nothing is near", () => {
    for (const typed of [undefined, "", "xyz", "checking-all", "w".repeat(100_000)]) {
      expect(didYouMean(typed, commands)).toBe("");
    }
  });

  it("guesses nothing where two words are as near", () => {
    expect(didYouMean("--ab", ["--aa", "--bb"])).toBe("");
  });
});
