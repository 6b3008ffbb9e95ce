import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import type { Board } from "../../lambda/board/board.ts";
import { parseBoard, serializeBoard } from "../../lambda/board/board-format.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { widgetHtml } from "../../lambda/pages/widget.ts";
import { widgetNotice } from "../../lambda/pages/widget-notice.ts";
import type { WidgetPage } from "../../lambda/pages/widget-page.ts";
import { attacks, countedUnder, hostile, now } from "./boards.ts";
import { browserMissingFor, openWindow, type PageActivity, type Window } from "./browser.ts";
import { openAll, touchAll, vocabulary } from "./in-page.ts";

const missing = browserMissingFor("hostile certificates, names and comments in a browser");

/** All that is ever written; an attack that got through would add to it. */
const ours = {
  elements: `a article b body br button code col colgroup caption cwdb-action dd details div dl dt fieldset footer h1 h2 h3 h4 h5 head
    header html input label legend li main meta ol p path pre rect section span style summary svg table tbody td text th thead time title tr ul`,
  attributes: `action aria-hidden aria-label aria-labelledby charset checked class content d data-verdicts datetime disabled display
    endpoint height href http-equiv id lang name open rel role rx scope type viewBox width x y`,
};
const wordsOf = (text: string) => text.split(/\s+/);

/** As it comes out of the bucket: what the board's format refuses never reaches a page. */
function stored(board: Board): Board {
  const parsed = parseBoard(serializeBoard(board));
  if (parsed.kind === "unreadable") throw new Error(parsed.problem);
  return parsed.board;
}

/** A dashboard without a policy of its own: whatever a browser would run there, it runs. */
function dashboard(widget: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dashboard</title></head><body><main>${widget}</main></body></html>`;
}

describe.skipIf(missing !== null)(`what strangers write${missing === null ? "" : ` (${missing})`}`, () => {
  let window: Window;
  beforeAll(async () => {
    window = await openWindow();
  });
  afterAll(async () => {
    await window.close();
  });

  async function expectObedienceToNobody({ page, requests, dialogs, consoleMessages }: PageActivity): Promise<void> {
    await page.evaluate(openAll);
    await page.evaluate(touchAll);
    const { elements, attributes } = (await page.evaluate(vocabulary)) as Record<keyof typeof ours, string[]>;
    expect(elements.filter((name) => !wordsOf(ours.elements).includes(name))).toEqual([]);
    expect(attributes.filter((name) => !wordsOf(ours.attributes).includes(name))).toEqual([]);
    const links = (await page.evaluate("[...document.links].map((each) => each.getAttribute('href'))")) as string[];
    expect(links.filter((href) => !/^(?:#origin-\d+$|https:\/\/)/.test(href))).toEqual([]);
    expect(await page.evaluate("window.obeyed")).toBeUndefined();
    expect([requests, dialogs, consoleMessages]).toEqual([[], [], []]);
  }

  it("is obeyed by a page that is made to obey, so that the proof below is one", async () => {
    const naive = dashboard(attacks.join("\n"));
    const { page } = await window.open(naive);
    await page.evaluate(touchAll);
    expect(await page.evaluate("window.obeyed")).toBe(1);
  });

  const page = reportPage({ board: stored(hostile), openedAt: null, now }, sha256);
  it.each([
    ["its policy", page],
    ["no policy, which is not needed for it", page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "")],
  ])("stays text in the report with %s", async (_, html) => {
    const activity = await window.open(html);
    await expectObedienceToNobody(activity);
    const text = (await activity.page.evaluate("document.body.textContent")) as string;
    for (const attack of attacks.slice(0, -1)) expect(text).toContain(attack);
    expect(text).toContain("\\u{0}<script>\\u{0}window.obeyed=1</script>\\u{d800}\\u{202e}\\u{2028}");
    expect(await activity.page.title()).toBe("Origin Watch: 8 origins failing, 8 at risk (111122223333 prod)");
  });

  const pages: WidgetPage[] = [
    { kind: "overview" },
    { kind: "more", from: 8 },
    { kind: "healthy", from: 0 },
    ...hostile.records.map(({ connection: { domain, port } }) => ({ kind: "origin", domain, port }) as const),
  ];
  it.each([
    ["light", 900],
    ["dark", 400],
  ] as const)("stays text in a %s widget of %i pixels", async (theme, width) => {
    const view = { board: stored(hostile), openedAt: new Map(), now, theme, functionArn: attacks.join(""), width };
    const widgets = pages.map((page) => widgetHtml(view, page));
    await expectObedienceToNobody(await window.open(dashboard(widgets.join(""))));
  });

  it("stays text in the cards of distributions that CloudFront counts errors of", async () => {
    const inTurn = Array.from({ length: Math.ceil(attacks.length / 5) }, (_, turn) =>
      attacks.slice(turn * 5, turn * 5 + 5),
    );
    for (const some of inTurn) {
      const board = stored(countedUnder(some));
      const openedAt = new Map<string, string>();
      const view = { board, openedAt, now, theme: "light", functionArn: "arn:x", width: 900 } as const;
      for (const html of [
        reportPage({ board, openedAt, now }, sha256),
        dashboard(widgetHtml(view, { kind: "overview" })),
      ]) {
        const activity = await window.open(html);
        await expectObedienceToNobody(activity);
        const text = (await activity.page.evaluate("document.body.textContent")) as string;
        expect(text.match(/of requests get 502/g)).toHaveLength(some.length);
        for (const attack of some) if (!attack.startsWith("\u0000")) expect(text).toContain(attack);
      }
    }
  });

  it("does not take an action elsewhere", async () => {
    const view = {
      board: stored(hostile),
      openedAt: new Map(),
      now,
      theme: "light",
      functionArn: "arn:x",
      width: 900,
    } as const;
    const { page } = await window.open(dashboard(widgetHtml(view, { kind: "overview" })));
    const actions = (await page.evaluate(
      `[...document.querySelectorAll("cwdb-action")].map((each) => [each.getAttribute("endpoint"), each.previousElementSibling.localName, JSON.parse(each.textContent), each.innerHTML === each.textContent])`,
    )) as [string, string, Record<string, unknown>, boolean][];
    expect(actions.length).toBeGreaterThan(10);
    for (const [endpoint, before, parameters, isReadAlike] of actions) {
      expect([endpoint, before, isReadAlike]).toEqual(["arn:x", "button", true]);
      if (parameters.page !== "origin") continue;
      expect(hostile.records.map(({ connection }) => connection.domain)).toContain(parameters.domain);
    }
  });

  it("stays text in a notice", async () => {
    const notices = attacks.flatMap((problem) => [
      widgetNotice({ kind: "unreadable", problem }, "light", 900),
      widgetNotice({ kind: "denied", action: problem }, "dark", 300),
    ]);
    await expectObedienceToNobody(await window.open(dashboard(notices.join(""))));
  });
});
