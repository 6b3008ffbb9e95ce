import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { widgetHtml } from "../../lambda/pages/widget.ts";
import { mixed, now, withCounts } from "./boards.ts";
import { browserMissingFor, openWindow, type Window } from "./browser.ts";
import { openAll } from "./in-page.ts";

const missing = browserMissingFor("the pages by the rules of axe-core");

const muted = [
  "api.example.com: certificate expired, until 2026-12-01 03:12 UTC by the setting mutes, which says: known",
];
const report = reportPage({ board: withCounts, openedAt: new Map(), muted, now }, sha256);

/** The widget is a part of the console's page, which has the landmarks. */
function dashboard(theme: "light" | "dark", kind: "overview" | "origin"): string {
  const lambda = "arn:aws:lambda:eu-west-1:123456789012:function";
  const view = { board: mixed, openedAt: new Map<string, string>(), now, theme, width: 900, muted };
  const called = { functionArn: `${lambda}:board`, muteFunctionArn: `${lambda}:mute` };
  const page = kind === "overview" ? { kind } : { kind, domain: "api.example.com", port: 443 };
  const [ground, text] = theme === "light" ? ["#ffffff", "#000000"] : ["#161d26", "#ffffff"];
  return `<!doctype html><html lang="en"><title>Dashboard</title><body style="background: ${ground}; color: ${text}"><main><h1>Dashboard</h1><h2>Origins</h2>${widgetHtml({ ...view, ...called }, page)}</main>`;
}

describe.skipIf(missing !== null)(`axe-core${missing === null ? "" : ` (${missing})`}`, () => {
  let window: Window;
  beforeAll(async () => {
    window = await openWindow();
  });
  afterAll(async () => {
    await window.close();
  });

  /** What axe-core objects to, an element each, and how many of its rules found something in order. */
  async function objections(html: string, colorScheme: "light" | "dark", forced: boolean, width: number) {
    const { page } = await window.open(html, { colorScheme, width });
    if (forced) await page.emulateMedia({ colorScheme, forcedColors: "active" });
    await page.evaluate(openAll);
    await page.evaluate(axe.source);
    const { violations, passes } = (await page.evaluate("axe.run()")) as axe.AxeResults;
    return {
      found: violations.flatMap(({ id, nodes }) => nodes.map(({ html: element }) => `${id}: ${element}`)),
      passed: passes.length,
    };
  }

  const schemes = [
    ["light", false],
    ["dark", false],
    ["light", true],
    ["dark", true],
  ] as const;

  it.each(schemes)("has nothing to say of the report in %s, forced colours %s", async (scheme, forced) => {
    for (const width of [320, 1280]) {
      const { found, passed } = await objections(report, scheme, forced, width);
      expect(found).toEqual([]);
      expect(passed).toBeGreaterThan(20);
    }
  });

  it.each(schemes)("has nothing to say of the widget in %s, forced colours %s", async (scheme, forced) => {
    for (const kind of ["overview", "origin"] as const) {
      const { found, passed } = await objections(dashboard(scheme, kind), scheme, forced, 900);
      expect(found).toEqual([]);
      expect(passed).toBeGreaterThan(10);
    }
  });

  it("objects to a page that has a fault", async () => {
    const { found } = await objections(report.replace('<html lang="en">', "<html>"), "light", false, 1280);
    expect(found).toEqual([expect.stringContaining("html-has-lang")]);
  });
});
