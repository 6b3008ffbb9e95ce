import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Page } from "playwright-core";

/** A real Chromium for pages that people look at. */

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function executable(): string | undefined {
  const { CHROMIUM_PATH } = process.env;
  return (CHROMIUM_PATH === undefined ? usual : [CHROMIUM_PATH]).find(existsSync);
}

/** Why there is no browser on this machine, null when there is one. */
export function browserMissing(): string | null {
  return executable() === undefined
    ? "no Chromium at CHROMIUM_PATH or in /usr/bin (Debian: apt-get install chromium)"
    : null;
}

/** Says on standard error what is left untested without a browser, so that nobody takes silence for success. */
export function browserMissingFor(what: string): string | null {
  const missing = browserMissing();
  if (missing !== null) process.stderr.write(`\nNOT TESTED: ${what}: ${missing}\n`);
  return missing;
}

/** What a page did that a page without scripts cannot do. */
export type PageActivity = {
  readonly page: Page;
  /** Addresses that it asked for, but for its own file. */
  readonly requests: readonly string[];
  readonly dialogs: readonly string[];
  /** Messages of the console, complaints of its policy among them. */
  readonly consoleMessages: readonly string[];
};

export type Screen = { readonly width?: number; readonly height?: number; readonly colorScheme?: "light" | "dark" };

export type Window = {
  /** Opens a page as a file on the disk, in the place of the one before. */
  readonly open: (html: string, screen?: Screen) => Promise<PageActivity>;
  readonly close: () => Promise<void>;
};

/** @param screenReader as if one ran: only then Chromium puts into its tree what `content-visibility` skips */
export async function openWindow({ screenReader = false } = {}): Promise<Window> {
  const args = screenReader ? ["--force-renderer-accessibility"] : [];
  const browser = await chromium.launch({ executablePath: executable() ?? "", args });
  const context = await browser.newContext();
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-pages-"));
  const file = join(folder, "page.html");
  const address = pathToFileURL(file).href;
  let before: Page | null = null;
  return {
    async open(html, { width = 1_200, height = 900, colorScheme = "light" } = {}) {
      await before?.close();
      writeFileSync(file, html);
      const page = await context.newPage();
      before = page;
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      const activity = { page, requests: [] as string[], dialogs: [] as string[], consoleMessages: [] as string[] };
      page.on("request", (request) => {
        if (request.url().split("#")[0] !== address) activity.requests.push(request.url());
      });
      page.on("dialog", (dialog) => {
        activity.dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      page.on("console", (message) => activity.consoleMessages.push(message.text()));
      page.on("pageerror", (error) => activity.consoleMessages.push(String(error)));
      await page.goto(address);
      return activity;
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
