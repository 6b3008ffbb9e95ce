import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { judgesSection } from "../../bench/judges-section.ts";
import { certificateCases } from "./corpus.ts";
import { inTurns } from "./in-turns.ts";
import { productVerdict } from "./product.ts";
import { documentedCodes, kindOf, readTable, refusals } from "./table.ts";

const rows = readTable();
const cases = certificateCases();

describe("the three judges", () => {
  it("were shown every case", () => {
    expect(rows.map(({ id }) => id)).toEqual(cases.map(({ id }) => id));
  });

  it.each(rows.filter((row) => refusals(row) === 2))("both refuse, so it fails: $id", ({ verdict }) => {
    expect(verdict).toBe("failing");
  });

  it.each(rows.filter((row) => refusals(row) === 1))("one refuses, so it is not healthy: $id", ({ verdict }) => {
    expect(["failing", "at-risk"]).toContain(verdict);
  });

  it.each(rows.filter((row) => refusals(row) === 0))("both accept, so nothing fails but by AWS's word: $id", (row) => {
    const fatal = row.findings.filter((finding) => /:50[24]$/.test(finding)).map((finding) => finding.split(":")[0]!);
    expect(fatal.filter((code) => !documentedCodes.has(code))).toEqual([]);
    expect(row.verdict).not.toBe("unknown");
  });

  it("stand in the documentation as in the table", () => {
    const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "detection.md"), "utf8");
    expect(page).toContain(judgesSection(rows));
  });
});

describe("what the product says of certificates, as in the table", () => {
  it.each([...Map.groupBy(cases, kindOf)])("%s", async (kind, ofKind) => {
    const said = await inTurns(ofKind, 8, async (each) => ({ id: each.id, ...(await productVerdict(each)) }));
    const expected = rows.filter((row) => kindOf(row) === kind);
    expect(said).toEqual(expected.map(({ id, verdict, findings }) => ({ id, verdict, findings })));
  });
});
