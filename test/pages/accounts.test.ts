import { describe, expect, it } from "vitest";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import { boardOf } from "../../lambda/board/board.ts";
import { parseBoard, serializeBoard } from "../../lambda/board/board-format.ts";
import type { Scope } from "../../lambda/configuration/scope.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { widgetHtml } from "../../lambda/pages/widget.ts";
import { certificateExpiring, chainIncomplete, connectionRecord, report, use } from "../tell/records.ts";
import { countedErrors, countOf } from "../tell/situations.ts";
import { failing, now } from "./boards.ts";

const account = (accountId: string, accountName: string | null): Scope => ({
  accountId,
  accountName,
  partition: "aws",
});
// Two of one name, and one that would be somebody else.
const [shop, other, hostile] = [
  account("111111111111", "shop"),
  account("222222222222", "shop"),
  account("333333333333", "shop (111111111111)</h3><h3>\u202eevil"),
] as const;

const records = [
  connectionRecord("a.example.com", {
    verdict: "failing",
    findings: [chainIncomplete],
    uses: [use("E1A", { scope: shop })],
  }),
  connectionRecord("b.example.com", {
    verdict: "at-risk",
    findings: [certificateExpiring],
    uses: [use("E2B", { scope: other })],
  }),
  connectionRecord("c.example.com", {
    verdict: "at-risk",
    findings: [certificateExpiring],
    uses: [use("E1C", { scope: shop })],
  }),
  connectionRecord("d.example.com", {
    verdict: "at-risk",
    findings: [certificateExpiring],
    uses: [use("E3D", { scope: hostile })],
  }),
  connectionRecord("e.example.com", { uses: [use("E2E", { scope: other }), use("E1E", { scope: shop })] }),
];
const watched = [shop, other, hostile, account("444444444444", null)];

/** The worst one, one of another account, and another one of the first. */
const distributionRecords = (
  [
    ["E1A", 600],
    ["E2B", 500],
    ["E1C", 400],
  ] as const
).map(([id, errors]) => countedErrors(id, "5xx", [countOf(1000, errors)]));

function stored(of: typeof records, accounts: typeof watched) {
  const run = { watched: accounts, read: accounts.length - 1, unread: [], listedBefore: [], isComplete: true };
  const several = accounts.length > 1 ? { accounts: run } : {};
  const parsed = parseBoard(serializeBoard(boardOf(report(of, { ...several, distributionRecords }))));
  if (parsed.kind !== "board") throw new Error(parsed.problem);
  return parsed.board;
}

/** Headings of accounts and distributions, in their order. */
const headings = (html: string) =>
  [...html.matchAll(/<h3 class="ow-account">(.*?)<\/h3>|<h([34])>(?:<a[^>]*>)?(E\d[A-Z])/g)].map(
    ([, name, level, id]) => name ?? `h${level} ${id}`,
  );

describe("a board with several accounts", () => {
  const board = stored(records, watched);
  const page = reportPage({ board, openedAt: null, now }, sha256);
  const widget = widgetHtml(
    {
      board,
      openedAt: new Map(),
      now,
      theme: "light",
      functionArn: "arn:aws:lambda:eu-west-1:1:function:f",
      width: 900,
    },
    { kind: "overview" },
  );

  it("has the distributions of an account together, the account with the worst one first", () => {
    const grouped = [
      "Account shop (111111111111)",
      "h4 E1A",
      "h4 E1C",
      "Account shop (222222222222)",
      "h4 E2B",
      expect.stringMatching(/^Account shop \(111111111111\)&#60;\/h3&#62;.*\\u\{202e\}evil \(333333333333\)$/),
      "h4 E3D",
    ];
    expect(headings(widget)).toEqual(grouped);
    // The page goes on with those that have nothing to do.
    const [tables = ""] = page.split("<summary>Map:");
    expect(headings(tables).slice(0, grouped.length)).toEqual(grouped);
    const well = headings(tables).slice(grouped.length);
    expect(well.toSorted()).toEqual(["Account shop (111111111111)", "Account shop (222222222222)", "h4 E1E", "h4 E2E"]);
  });

  it("says of each origin whose it is, and how many accounts were read", () => {
    const cards = [...page.matchAll(/<article.*?<\/article>/gs)].map(([card]) => card);
    expect(cards.find((card) => card.includes("a.example.com"))).toContain("Account shop (111111111111)");
    for (const html of [page, widget]) expect(html).toContain("3 of 4 accounts read");
  });
});

describe("the cards of what CloudFront counts", () => {
  const inOrder = (html: string) =>
    [...html.matchAll(/<article.*?<\/article>/gs)]
      .map(([card]) => card)
      .filter((card) => card.includes("CloudFront counted"))
      .map((card) => [/\((E\d[A-Z])\)/.exec(card)?.[1], /Account ([^<]*)/.exec(card)?.[1]]);

  it("have those of an account together, and say whose they are", () => {
    const page = reportPage({ board: stored(records, watched), openedAt: null, now }, sha256);
    expect(inOrder(page)).toEqual([
      ["E1A", "shop (111111111111)"],
      ["E1C", "shop (111111111111)"],
      ["E2B", "shop (222222222222)"],
    ]);
    const alone = reportPage({ board: stored(records.slice(0, 1), [shop]), openedAt: null, now }, sha256);
    expect(inOrder(alone)).toContainEqual(["E1A", undefined]);
  });
});

describe("a board with one account", () => {
  it("says so in its title and its head alone", () => {
    const page = reportPage({ board: stored([failing], [shop]), openedAt: null, now }, sha256);
    expect(page).not.toMatch(/class="ow-account"|accounts? read/);
    expect(page.match(/prod \(111122223333\)/g)).toHaveLength(1);
    expect(page).toMatch(/<title>[^<]*\(111122223333 prod\)<\/title>/);
  });
});
