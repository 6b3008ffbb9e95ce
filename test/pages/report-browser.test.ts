import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import type { Board } from "../../lambda/board/board.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { connectionRecord, use } from "../tell/records.ts";
import { fleet } from "../tell/situations.ts";
import { accessibleNodes, headingLevels, nameless } from "./accessibility.ts";
import { boardFrom, failing, mixed, mixedRecords, now, withCounts } from "./boards.ts";
import { browserMissingFor, openWindow, type Window } from "./browser.ts";
import { openAll, overflowing, poorContrasts } from "./in-page.ts";

const missing = browserMissingFor("the HTML report in a browser");

/** Pages of a document; `pdfinfo` has to count the same where there is one. */
function pagesIn(pdf: Buffer): number {
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  const { error, stdout } = spawnSync("pdfinfo", ["-"], { input: pdf, encoding: "utf8" });
  if (error === undefined) expect(/^Pages: +(\d+)$/m.exec(stdout)?.[1]).toBe(String(pages));
  return pages;
}

function reportOf(board: Board): string {
  return reportPage({ board, openedAt: new Map(), now }, sha256);
}

describe.skipIf(missing !== null)(`the report in a browser${missing === null ? "" : ` (${missing})`}`, () => {
  let window: Window;
  beforeAll(async () => {
    window = await openWindow();
  });
  afterAll(async () => {
    await window.close();
  });

  it.each(["light", "dark"] as const)("has enough contrast in %s", async (colorScheme) => {
    const { page } = await window.open(reportOf(mixed), { colorScheme });
    await page.evaluate(openAll);
    const ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    expect(ground).toBe(colorScheme === "light" ? "rgb(244, 246, 248)" : "rgb(13, 18, 24)");
    const { texts, poor } = (await page.evaluate(poorContrasts)) as { texts: number; poor: unknown[] };
    expect(texts).toBeGreaterThan(150);
    expect(poor).toEqual([]);
  });

  it.each([
    ["a phone", 360],
    ["a narrow phone", 320],
    ["a desk", 1200],
  ])("fits %s, whatever the names are", async (_, width) => {
    const long = connectionRecord(`${"a".repeat(60)}.${"b".repeat(60)}.example.com`, {
      ...failing,
      uses: [
        use("E1LONG", {
          aliases: [`${"c".repeat(63)}.${"d".repeat(63)}.example.com`],
          pathPatterns: [`/${"e".repeat(200)}/*`],
        }),
      ],
      reproduce: `openssl s_client -connect ${"f".repeat(200)}`,
    });
    const { page } = await window.open(reportOf(boardFrom([...mixedRecords, long])), { width, height: 740 });
    await page.evaluate(openAll);
    expect(await page.evaluate(overflowing)).toEqual([]);
  });

  it.each([
    ["light", 360],
    ["dark", 1200],
  ] as const)("has cards of distributions that everybody can read, in %s at %i pixels", async (colorScheme, width) => {
    const { page } = await window.open(reportOf(withCounts), { colorScheme, width, height: 740 });
    await page.evaluate(openAll);
    expect(await page.locator("article:has-text('of requests get 502')").count()).toBe(1);
    expect(((await page.evaluate(poorContrasts)) as { poor: unknown[] }).poor).toEqual([]);
    expect(await page.evaluate(overflowing)).toEqual([]);
    const nodes = await accessibleNodes(page);
    expect(nodes.map(({ role, name }) => `${role} ${name}`)).toContainEqual(expect.stringMatching(/^heading .*E1SHOP/));
    expect(nameless(nodes)).toEqual([]);
    const levels = headingLevels(nodes);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? level)).toBeLessThanOrEqual(1);
  });

  it("shows on the first screen of a phone what is wrong, for whom, and what to do", async () => {
    const { page } = await window.open(reportOf(boardFrom(mixedRecords)), { width: 360, height: 740 });
    const first = page.locator("article").first();
    for (const part of [".ow-cause", "p:has-text('get 502')", ".ow-first"]) {
      const box = await first.locator(part).first().boundingBox();
      expect([part, (box?.y ?? 1_000) + (box?.height ?? 0) <= 740]).toEqual([part, true]);
    }
  });

  it("is used with the keyboard alone", async () => {
    const { page } = await window.open(reportOf(mixed));
    const focused = () => page.evaluate("document.activeElement.id || document.activeElement.textContent");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("show-all");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("show-failing");
    expect(await page.locator("article:visible h3").allTextContents()).toEqual(["api.example.com: Failing"]);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Evidence, steps and command for api.example.com");
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(outline).toBe("solid");
    const command = page.locator("article:visible .ow-command");
    expect(await command.isVisible()).toBe(false);
    await page.keyboard.press("Enter");
    expect(await command.isVisible()).toBe(true);
    await command.click();
    expect(await page.evaluate("getSelection().toString()")).toBe(failing.reproduce);
  });

  it("shows with each filter what it counts", async () => {
    const { page } = await window.open(reportOf(mixed));
    for (const verdict of ["failing", "at-risk", "unknown", "healthy", "skipped"] as const) {
      await page.locator(`label:has(#show-${verdict})`).click();
      const open = page.locator("article:visible, details.ow-origin:visible");
      expect([verdict, await open.count()]).toEqual([verdict, mixed.origins[verdict]]);
      expect(await page.locator(`tbody tr:visible:not([data-verdicts="${verdict}"])`).count()).toBe(0);
      expect(await page.locator(`tbody tr:visible[data-verdicts="${verdict}"]`).count()).toBeGreaterThan(0);
    }
    await page.locator("label:has(#show-all)").click();
    expect(await page.locator("article:visible").count()).toBe(4);
    expect(await page.locator("details.ow-origin:visible").count()).toBe(0);
  });

  it("opens what a row leads to", async () => {
    const { page } = await window.open(reportOf(mixed));
    for (const name of ["api.example.com", "well.example.com"]) {
      await page.evaluate(
        `[...document.querySelectorAll(".ow-distribution details")].forEach((each) => { each.open = true; })`,
      );
      await page.locator(`.ow-distribution a:has-text("${name}")`).first().click();
      const target = page.locator(":target");
      await target.waitFor({ state: "visible" });
      expect(await target.locator("h4").first().isVisible()).toBe(true);
    }
  });

  it("asks nobody for anything, and complains of nothing", async () => {
    const { page, requests, dialogs, consoleMessages } = await window.open(reportOf(mixed));
    await page.evaluate(openAll);
    await page.emulateMedia({ media: "print" });
    expect([requests, dialogs, consoleMessages]).toEqual([[], [], []]);
  });

  it("prints a summary, then what was opened", async () => {
    const { page } = await window.open(reportOf(mixed));
    await page.locator("article summary").first().click();
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.locator("fieldset").isVisible()).toBe(false);
    expect(await page.locator("article .ow-command").first().isVisible()).toBe(true);
    expect(await page.locator("article .ow-command").nth(1).isVisible()).toBe(false);
    expect(await page.locator("article .ow-first").nth(1).isVisible()).toBe(true);
    expect(await page.locator(".ow-origin").first().isVisible()).toBe(false);
    expect(await page.locator(".ow-distribution").first().isVisible()).toBe(false);
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(22, 25, 31)");
  });

  it.each([
    [28, 8],
    [500, 30],
  ])("prints %d failing origins of as many causes on at most %d pages", async (count, most) => {
    const own = fleet(count, "failing").map((record, index) => ({
      ...record,
      findings: record.findings.map((finding) => ({ ...finding, title: `${finding.title} (${index})` })),
    }));
    const { page } = await window.open(reportOf(boardFrom(own)));
    expect(await page.locator("article").count()).toBe(count);
    const pages = pagesIn(await page.pdf({ format: "A4" }));
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThanOrEqual(most);
  });

  it("breaks no card that is folded up over two columns or pages", async () => {
    const { page } = await window.open(reportOf(mixed));
    await page.locator("article summary").first().click();
    await page.emulateMedia({ media: "print" });
    const inside = `[...document.querySelectorAll("article")].map((card) => getComputedStyle(card).breakInside)`;
    expect(await page.evaluate(inside)).toEqual(["auto", "avoid", "avoid", "avoid"]);
  });

  it.each([320, 360, 1280])(
    "breaks no word of a tile at %i pixels, and cuts no mark of the timeline off",
    async (width) => {
      const { page } = await window.open(reportOf(mixed), { width });
      const lines = `[...document.querySelectorAll(".ow-tile span")].map((label) => {
      const range = document.createRange();
      range.selectNodeContents(label);
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    })`;
      expect(await page.evaluate(lines)).toEqual([1, 1, 1, 1, 1, 1]);
      const cut = `(() => {
      const { right } = document.querySelector(".ow-timeline").getBoundingClientRect();
      return [...document.querySelectorAll(".ow-timeline text")].filter((mark) => mark.getBoundingClientRect().right > right + 0.5).length;
    })()`;
      expect(await page.evaluate(cut)).toBe(0);
    },
  );

  it("shows in forced colours too which count is chosen", async () => {
    const { page } = await window.open(reportOf(mixed));
    await page.emulateMedia({ forcedColors: "active" });
    const widths = `[...document.querySelectorAll(".ow-tile")].map((tile) => getComputedStyle(tile).borderTopWidth)`;
    expect(await page.evaluate(widths)).toEqual(["3px", "1px", "1px", "1px", "1px", "1px"]);
  });

  it("lays out all of fewer than 200 origins, so that a capture of the page shows them", async () => {
    const { page } = await window.open(reportOf(boardFrom(fleet(199, "failing"))));
    const hidden = `[...document.querySelectorAll("*")].filter((each) => getComputedStyle(each).contentVisibility === "auto")`;
    expect(await page.evaluate(`${hidden}.length`)).toBe(0);
  });

  it("leaves out of the layout what is out of sight of 2,000 origins", async () => {
    const many = boardFrom([
      ...fleet(100, "failing"),
      ...fleet(1_900, "healthy").map((record, index) => ({
        ...record,
        connection: { ...record.connection, domain: `well-${index}.example.com`, key: `well-${index}` },
      })),
    ]);
    const { page } = await window.open(reportOf(many));
    const seen = (selector: string, visibly = "true") =>
      page.evaluate(`[...document.querySelectorAll("${selector}")].filter((each) => ${visibly}).length`);
    const inLayout = "each.checkVisibility()";
    expect([await seen(".ow-member"), await seen(".ow-origin")]).toEqual([100, 1_900]);
    for (const selector of [".ow-member", ".ow-distribution", ".ow-origin"]) {
      const isSkipped = "getComputedStyle(each).contentVisibility === 'auto'";
      expect([selector, await seen(selector, isSkipped)]).toEqual([selector, await seen(selector)]);
    }
    const rendered = "each.checkVisibility({ contentVisibilityAuto: true })";
    expect(await seen(".ow-member b", rendered)).toBeLessThan(40);
    expect(await seen("*")).toBeLessThan(2_000 * 110);
    await page.locator("label:has(#show-failing)").click();
    expect([await seen(".ow-member", inLayout), await seen(".ow-origin", inLayout)]).toEqual([100, 0]);
    await page.locator("label:has(#show-healthy)").click();
    expect([await seen(".ow-member", inLayout), await seen(".ow-origin", inLayout)]).toEqual([0, 1_900]);
  });
});

describe.skipIf(missing !== null)(`the report with a screen reader${missing === null ? "" : ` (${missing})`}`, () => {
  let window: Window;
  beforeAll(async () => {
    window = await openWindow({ screenReader: true });
  });
  afterAll(async () => {
    await window.close();
  });

  it("tells what everything is, also what is out of sight", async () => {
    const { page } = await window.open(reportOf(mixed));
    const nodes = await accessibleNodes(page);
    expect(nameless(nodes)).toEqual([]);
    const roles = nodes.map(({ role }) => role);
    for (const landmark of ["banner", "main", "contentinfo"])
      expect(roles.filter((role) => role === landmark)).toEqual([landmark]);
    expect(nodes.filter(({ role }) => role === "region").map(({ name }) => name)).toEqual([
      "What needs attention",
      "Certificates expiring next",
      "By distribution",
      "Healthy",
      "Skipped",
    ]);
    const tables = nodes.filter(({ role }) => role === "table").map(({ name }) => name);
    expect(tables).toContain("Origins of E1SHOP");
    expect(tables).not.toContain("");
    expect(nodes.filter(({ role, level }) => role === "heading" && level === 3).map(({ name }) => name)).toEqual([
      "api.example.com : Failing",
      "img.example.com : At risk",
      "soon.example.com : At risk",
      "internal-alb.example.com : Unknown",
      "E1EXAMPLE",
      "E1SHOP Shop",
      "E2BLOG Blog",
      "E4IMG",
    ]);
    const head = await page.locator("fieldset").ariaSnapshot();
    expect(head).toContain('group "Show origins"');
    expect(head).toMatch(/radio "1 Failing"/);
  });

  it("skips no level of headings when everything is open", async () => {
    const { page } = await window.open(reportOf(mixed));
    await page.evaluate(openAll);
    const nodes = await accessibleNodes(page);
    expect(nameless(nodes)).toEqual([]);
    const levels = headingLevels(nodes);
    expect([levels[0], Math.max(...levels)]).toEqual([1, 5]);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  });

  it("keeps rows rows and cells cells where they are laid out anew", async () => {
    const { page } = await window.open(reportOf(mixed), { width: 360, height: 740 });
    const rows = await page.locator("table").first().ariaSnapshot();
    expect(rows).toMatch(/- row "Failing new in the last run api\.example\.com/);
    expect(rows).toMatch(/- cell "Failing new in the last run"/);
    expect(rows).toMatch(/- rowheader "api\.example\.com Intermediate certificate missing/);
    expect((await page.locator("tbody th").first().boundingBox())?.width).toBeGreaterThan(250);
  });
});
