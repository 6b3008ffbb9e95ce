import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type WidgetView, widgetHtml } from "../../lambda/pages/widget.ts";
import { widgetNotice } from "../../lambda/pages/widget-notice.ts";
import type { WidgetPage } from "../../lambda/pages/widget-page.ts";
import { accessibleNodes, headingLevels, nameless } from "./accessibility.ts";
import { mixed, now, withCounts } from "./boards.ts";
import { browserMissingFor, openWindow, type Window } from "./browser.ts";
import { overflowing, poorContrasts } from "./in-page.ts";

const missing = browserMissingFor("the widget in a browser");

const grounds = { light: "#ffffff", dark: "#161d26" } as const;

function widget(page: WidgetPage, changes: Partial<WidgetView> = {}): string {
  const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:widget";
  return widgetHtml(
    { board: mixed, openedAt: new Map(), now, theme: "light", functionArn, width: 900, ...changes },
    page,
  );
}

/** Parts of a dashboard that have nothing to do with the widget. */
const others = `<section id="others"><h1>Dashboard</h1><h3>Graph</h3><p class="run">Text <code>x</code></p><table><tr><th>a</th><td>b</td></tr></table><ul><li>c</li></ul><pre>d</pre><a class="btn" href="#x">e</a><button>f</button><details open><summary>g</summary></details></section>`;

function dashboard(content: string, ground = "#ffffff"): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dashboard</title></head><body style="background: ${ground}">${others}<main>${content}</main></body></html>`;
}

/** Everything that decides how the other parts look. */
const screens = `[...document.querySelectorAll("html, body, #others, #others *")].map((element) =>
  [...getComputedStyle(element)].map((name) => name + getComputedStyle(element).getPropertyValue(name)).filter((each) => !/size|perspective-origin|transform-origin|height|width/.test(each)).join(";"))`;

describe.skipIf(missing !== null)(`the widget in a browser${missing === null ? "" : ` (${missing})`}`, () => {
  let window: Window;
  beforeAll(async () => {
    window = await openWindow();
  });
  afterAll(async () => {
    await window.close();
  });

  const pages: WidgetPage[] = [
    { kind: "overview" },
    { kind: "healthy", from: 0 },
    { kind: "origin", domain: "api.example.com", port: 443 },
  ];

  it.each(["light", "dark"] as const)("has enough contrast in %s", async (theme) => {
    const stale = widget({ kind: "overview" }, { theme, now: now + 86_400_000 });
    const all = [...pages.map((page) => widget(page, { theme })), stale, widgetNotice({ kind: "no-run" }, theme, 900)];
    const { page } = await window.open(dashboard(all.join(""), grounds[theme]));
    await page.evaluate(`document.getElementById("others").remove()`);
    const { texts, poor } = (await page.evaluate(poorContrasts)) as { texts: number; poor: unknown[] };
    expect(texts).toBeGreaterThan(120);
    expect(poor).toEqual([]);
    const ground = await page.evaluate("getComputedStyle(document.querySelector('.ow')).backgroundColor");
    expect(ground).toBe(theme === "light" ? "rgb(255, 255, 255)" : "rgb(22, 29, 38)");
  });

  it.each([
    ["light", 360],
    ["dark", 1_200],
  ] as const)("has cards of distributions that everybody can read, in %s at %i pixels", async (theme, width) => {
    const shown = widget({ kind: "overview" }, { board: withCounts, theme, width });
    const { page } = await window.open(dashboard(shown, grounds[theme]), { width, height: 800 });
    await page.evaluate(`document.getElementById("others").remove()`);
    expect(await page.locator("article:has-text('of requests get 502')").count()).toBe(1);
    expect(((await page.evaluate(poorContrasts)) as { poor: unknown[] }).poor).toEqual([]);
    expect(await page.evaluate(overflowing)).toEqual([]);
    expect(nameless(await accessibleNodes(page))).toEqual([]);
  });

  it("changes nothing else on a dashboard", async () => {
    const before = await (await window.open(dashboard("<p>nothing</p>"))).page.evaluate(screens);
    const after = await (await window.open(dashboard(pages.map((page) => widget(page)).join("")))).page.evaluate(
      screens,
    );
    expect(before).toHaveLength(19);
    expect(after).toEqual(before);
  });

  it.each([360, 559, 560, 1_200])("fits a width of %i pixels", async (width) => {
    const { page } = await window.open(dashboard(pages.map((each) => widget(each, { width })).join("")), {
      width,
      height: 800,
    });
    expect(await page.evaluate(overflowing)).toEqual([]);
  });

  it("is used with the keyboard alone", async () => {
    const { page } = await window.open(dashboard(widget({ kind: "overview" })));
    // The console listens for clicks on the element before an action; so does this.
    await page.evaluate(
      `for (const action of document.querySelectorAll("cwdb-action")) action.previousElementSibling.addEventListener("click", () => { window.called = JSON.parse(action.textContent); })`,
    );
    await page.evaluate(`document.getElementById("others").remove()`);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe(
      "Evidence, steps and command for api.example.com",
    );
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("window.called")).toEqual({ page: "origin", domain: "api.example.com", port: 443 });
  });

  it("shows no parameters to anybody", async () => {
    const { page } = await window.open(dashboard(widget({ kind: "overview" })));
    expect(await page.locator("cwdb-action:visible").count()).toBe(0);
  });

  it.each(pages)("tells a screen reader what everything is: %j", async (each) => {
    const { page } = await window.open(dashboard(widget(each)));
    await page.evaluate(`document.getElementById("others").remove()`);
    const nodes = await accessibleNodes(page);
    expect(nodes.length).toBeGreaterThan(20);
    expect(nameless(nodes)).toEqual([]);
    const levels = headingLevels(nodes);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? level)).toBeLessThanOrEqual(1);
  });
});
