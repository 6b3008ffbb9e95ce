import { describe, expect, test } from "vitest";
import { type Board, boardOf, maxBoardBytes, maxBoardRecordBytes } from "../../lambda/board/board.ts";
import { parseBoard, serializeBoard } from "../../lambda/board/board-format.ts";
import { chainIncomplete, connectionRecord, report, use } from "../tell/records.ts";
import { countedErrors, countedQuietly, countOf, stoppedCause } from "../tell/situations.ts";

const healthy = connectionRecord("well.example.com");
const failing = connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] });
const skipped = connectionRecord("bucket.example.com", { verdict: "skipped", skipped: "s3-origin" });

function boardFrom(parsed: ReturnType<typeof parseBoard>): Board {
  if (parsed.kind === "unreadable") throw new Error(parsed.problem);
  return parsed.board;
}

describe("boardOf", () => {
  test("has the worst connections first, and counts origins and not connections", () => {
    const other = connectionRecord("api.example.com", { connection: { key: "other" } });
    const board = boardOf(report([healthy, skipped, other, failing]));
    expect(board.records.map(({ verdict }) => verdict)).toEqual(["failing", "healthy", "healthy", "skipped"]);
    expect(board.origins).toEqual({ failing: 1, "at-risk": 0, unknown: 0, healthy: 1, skipped: 1 });
    expect(board.recordsLeftOut).toBe(0);
  });

  test("keeps a record of a hostile origin in bounds", () => {
    const uses = Array.from({ length: 5_000 }, (_, index) => use(`E${index}`));
    const [record] = boardOf(report([{ ...failing, uses }])).records;
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThanOrEqual(maxBoardRecordBytes);
    expect(record?.findings).toHaveLength(1);
    expect(record?.leftOut?.uses).toBeGreaterThan(0);
  });

  test("leaves out what is healthy when there is too much, and counts it", () => {
    const many = Array.from({ length: 8_000 }, (_, index) => connectionRecord(`o${index}.example.com`));
    const board = boardOf(report([...many, failing]));
    expect(board.records[0]?.connection.domain).toBe("api.example.com");
    expect(board.recordsLeftOut).toBe(many.length + 1 - board.records.length);
    expect(board.recordsLeftOut).toBeGreaterThan(0);
    expect(board.origins.healthy).toBe(8_000);
    expect(Buffer.byteLength(JSON.stringify(board.records))).toBeLessThanOrEqual(maxBoardBytes + 2);
  });
});

describe("what CloudFront counts", () => {
  const some = countOf(1000, 100, { byStatus: { "502": 100, "504": 0 } });
  const many = countOf(1000, 600, { byStatus: { "502": 0, "504": 600 } });
  const others = { ...countedQuietly("E3", countOf(1000, 990)), otherErrors: true };

  test("is on the board where it is many errors, the largest share first, and errors of another kind last", () => {
    const distributionRecords = [
      others,
      countedQuietly("E4", countOf(1000, 0)),
      countedErrors("E1", "502", [some], { possibleCauses: Array.from({ length: 9 }, () => stoppedCause) }),
      countedErrors("E2", "504", [some, many]),
    ];
    const board = boardOf(report([healthy], { distributionRecords }));
    expect(board.counted.map(({ distributionId, code, effect }) => [distributionId, code, effect])).toEqual([
      ["E2", "viewers-get-errors", "504"],
      ["E1", "viewers-get-errors", "502"],
      ["E3", null, "5xx"],
    ]);
    expect(board.counted.map(({ count }) => count)).toEqual([
      many,
      some,
      others.traffic.kind === "counted" && others.traffic.current,
    ]);
    expect(board.counted[1]?.possibleCauses).toHaveLength(3);
    expect(board.origins.failing).toBe(0);
    expect(boardFrom(parseBoard(serializeBoard(board)))).toEqual(board);
  });

  test("is of as many as there is room for", () => {
    const distributionRecords = Array.from({ length: 130 }, (_, index) => countedErrors(`E${index}`, "502", [some]));
    const { counted, countedLeftOut } = boardOf(report([healthy], { distributionRecords }));
    expect([counted.length, countedLeftOut]).toEqual([100, 30]);
  });

  test("is nothing on a board of an earlier version", () => {
    const { counted: _, ...rest } = boardOf(report([healthy]));
    const { countedLeftOut: __, ...old } = rest;
    expect(boardFrom(parseBoard(JSON.stringify(old)))).toMatchObject({ counted: [], countedLeftOut: 0 });
  });
});

describe("a stored board", () => {
  const problem = { code: "out-of-time", scope: null, message: "Time ran out.", remedy: "Give it more." } as const;

  test("comes back as it was", () => {
    const uses = Array.from({ length: 5_000 }, (_, index) => use(`E${index}`));
    const board = boardOf(report([healthy, { ...failing, uses }, skipped], { problems: [problem] }));
    expect(boardFrom(parseBoard(serializeBoard(board)))).toEqual(board);
  });

  test("of a version that told neither scopes nor vantages is read", () => {
    const board = boardOf(report([failing]));
    const old = serializeBoard(board)
      .replaceAll(/"scope":\{[^}]*\},/g, "")
      .replaceAll(/,"seenFrom":"[^"]*"/g, "");
    expect(old).not.toMatch(/scope|seenFrom/);
    const [record] = boardFrom(parseBoard(old)).records;
    expect(record?.uses[0]?.scope).toEqual({ accountId: null, accountName: null, partition: null });
    expect(record?.observed.addresses[0]?.seenFrom).toBe("here");
  });

  test.each([
    ["no JSON", () => "{", "it is not JSON"],
    ["another version", (board: Board) => JSON.stringify({ ...board, schemaVersion: 2 }), "schemaVersion: "],
    [
      "a verdict that is none",
      (board: Board) => serializeBoard(board).replace(':"failing"', ':"fine"'),
      "records.0.verdict: ",
    ],
    ["records that are none", (board: Board) => JSON.stringify({ ...board, records: [null] }), "records.0: "],
    ["a time that is none", (board: Board) => JSON.stringify({ ...board, finishedAt: "<b>" }), "finishedAt: "],
  ])("with %s is unreadable", (_, write, problem) => {
    const board = boardOf(report([failing]));
    const parsed = parseBoard(write(board));
    expect(parsed).toEqual({ kind: "unreadable", problem: expect.stringContaining(problem) });
  });
});
