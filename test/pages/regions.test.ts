import { describe, expect, it } from "vitest";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import { boardOf } from "../../lambda/board/board.ts";
import { parseBoard, serializeBoard } from "../../lambda/board/board-format.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { report } from "../tell/records.ts";
import { brokenApi, imagesByRegion, refusedInRegions } from "../tell/situations.ts";
import { now } from "./boards.ts";

/** As the function stores it and a page reads it. */
function stored(...records: Parameters<typeof report>[0]) {
  const board = boardOf(report(records));
  const parsed = parseBoard(serializeBoard(board));
  if (parsed.kind !== "board") throw new Error(parsed.problem);
  const places = ({ records: all }: typeof board) =>
    all.map(({ observed, findings }) => [observed, findings.map(({ seenFrom }) => seenFrom)]);
  expect(places(parsed.board)).toEqual(places(board));
  return reportPage({ board: parsed.board, openedAt: null, now }, sha256).replaceAll(/<[^>]*>/g, " ");
}

describe("an origin that was checked from several Regions", () => {
  it("says of each finding from where it was seen, and of each address from where it was checked", () => {
    const page = stored(refusedInRegions, imagesByRegion);
    expect(page).toMatch(
      /Seen from\s+us-east-1 and sa-east-1, not from eu-west-1, could not be checked from ap-northeast-1/,
    );
    expect(page).toMatch(/Checked from\s+us-east-1 and sa-east-1\s/);
    expect(page).toMatch(/Checked from\s+eu-west-1 and ap-northeast-1\s/);
    expect(page).toMatch(/198\.51\.100\.9, server name \(SNI\) img\.example\.com\s+Checked from\s+us-east-1\s/);
    expect(page).toContain("no answer to 1 of 3 Regions");
  });

  it("says nothing of it where there is one", () => {
    expect(stored(brokenApi)).not.toMatch(/Seen from|Checked from\s/);
  });
});
