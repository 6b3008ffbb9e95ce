import { expect, test } from "vitest";
import { parseBoard } from "../../lambda/board/board-format.ts";
import { keepBoard, leastTimeForBoard, type StoreBoard } from "../../lambda/board/keep-board.ts";
import { connectionRecord, report, scope } from "../tell/records.ts";

const run = report([connectionRecord("a.example.com")]);

test("stores the board of the run, within what is left of its time", async () => {
  const stored: [text: string, withinMs: number][] = [];
  const kept = await keepBoard(
    run,
    async (pieces, withinMs) => {
      const text = [...pieces].join("");
      stored.push([text, withinMs]);
      return { kind: "stored", bytes: text.length };
    },
    leastTimeForBoard,
  );
  const [[text, withinMs] = ["", 0]] = stored;
  expect(kept).toEqual({ kind: "stored", bytes: text.length });
  expect(withinMs).toBe(leastTimeForBoard);
  expect(parseBoard(text)).toMatchObject({ kind: "board", board: { runId: run.runId } });
});

test("begins nothing when the time is up", async () => {
  const store = () => Promise.reject(new Error("it was begun"));
  expect(await keepBoard(run, store, leastTimeForBoard - 1)).toEqual({ kind: "failed", error: "no time was left" });
});

test("turns a fault of ours into a value: people were told already, and the log must be written", async () => {
  const store = () => Promise.reject(new Error("a bug\n\u001b[31m"));
  expect(await keepBoard(run, store, 60_000)).toEqual({ kind: "failed", error: "a bug\\u{a}\\u{1b}[31m" });
});

test("replaces the last board unless no distribution could be listed", async () => {
  const asked: boolean[] = [];
  const store: StoreBoard = async (_text, _withinMs, replacing) => {
    asked.push(replacing);
    return { kind: "last-kept" };
  };
  const problem = { code: "inventory-failed", message: "m", remedy: "r", scope } as const;
  // An account without distributions, one that could not be listed, and one of which only a part could be.
  await keepBoard(report([]), store, 60_000);
  expect(await keepBoard(report([], { problems: [problem] }), store, 60_000)).toEqual({ kind: "last-kept" });
  await keepBoard({ ...run, problems: [problem] }, store, 60_000);
  expect(asked).toEqual([true, false, true]);
});
