import { expect, test } from "vitest";
import { boardOf } from "../../lambda/board/board.ts";
import { parseBoard, serializeBoard } from "../../lambda/board/board-format.ts";
import { weekStrip } from "../../lambda/pages/week-strip.ts";
import { widgetHtml } from "../../lambda/pages/widget.ts";
import { originId } from "../../lambda/report/origins.ts";
import { chainIncomplete, connectionRecord, report } from "../tell/records.ts";

const now = Date.parse("2026-11-28T12:00:00Z");

test("a strip shows seven days, today last, and says the same in words", () => {
  const strip = String(weekStrip({ "2026-11-24": "failing", "2026-11-28": "at-risk" }, now));
  const squares = [...strip.matchAll(/ow-shape ow-([a-z-]+)" title="([^"]+)"/g)].map(([, tone, title]) => [
    tone,
    title,
  ]);
  expect(squares).toEqual([
    ["skipped", "2026-11-22: not kept"],
    ["skipped", "2026-11-23: not kept"],
    ["failing", "2026-11-24: failing"],
    ["healthy", "2026-11-25: nothing found"],
    ["healthy", "2026-11-26: nothing found"],
    ["healthy", "2026-11-27: nothing found"],
    ["at-risk", "2026-11-28: at risk"],
  ]);
  expect(strip).toContain("failing on 2026-11-24; at risk on 2026-11-28 (UTC)");
});

test.each([undefined, {}, { "2026-11-21": "failing" }, { "2026-11-29": "failing" }] as const)(
  "there is none where nothing was wrong in these days: %j",
  (bad) => {
    expect(weekStrip(bad, now)).toBeNull();
  },
);

test("the board has it for its worst origin and on the page of each, through what is stored", () => {
  const record = connectionRecord("a.example.com", { verdict: "failing", findings: [chainIncomplete] });
  const id = originId(record.connection);
  const badDays = { [id]: { "2026-11-27": "failing" }, "gone.example.com:443": { "2026-11-27": "failing" } } as const;
  const parsed = parseBoard(serializeBoard(boardOf(report([record]), badDays)));
  if (parsed.kind !== "board") throw new Error(parsed.problem);
  expect(parsed.board.badDays).toEqual({ [id]: badDays[id] });
  const view = { board: parsed.board, openedAt: null, now, theme: "light", functionArn: "arn", width: 900 } as const;
  const page = { kind: "origin", domain: record.connection.domain, port: record.connection.port } as const;
  for (const shown of [{ kind: "overview" } as const, page]) {
    expect(widgetHtml(view, shown).match(/class="ow-week"/g)).toHaveLength(1);
  }
  const plain = { ...view, board: boardOf(report([record])) };
  expect(widgetHtml(plain, page)).not.toContain('class="ow-week"');
});
