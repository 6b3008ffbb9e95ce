import { describe, expect, it } from "vitest";
import { shownBy } from "../../lambda/report/shown.ts";
import { finding } from "../tell/records.ts";

const mismatch = finding("certificate-host-mismatch", { effect: "may" });
const incomplete = finding("chain-incomplete");
const expired = finding("certificate-expired");
const note = finding("chain-superfluous", { effect: "note" });
const ofTheName = finding("some-addresses-failing", { effect: "may", address: null });

describe("shownBy", () => {
  it("shows the worst finding at an address, and of several as bad the first", () => {
    expect(shownBy([note, mismatch, incomplete, expired])?.code).toBe("chain-incomplete");
    expect(shownBy([ofTheName, mismatch])?.code).toBe("certificate-host-mismatch");
  });

  it("falls back on what no address has, and then on a note", () => {
    expect(shownBy([note, ofTheName])?.code).toBe("some-addresses-failing");
    expect(shownBy([note])?.code).toBe("chain-superfluous");
    expect(shownBy([])).toBeUndefined();
  });
});
