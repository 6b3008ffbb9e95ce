import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import { type Board, boardOf } from "../../lambda/board/board.ts";
import { openEffect } from "../../lambda/judge/open-effect.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { widgetHtml } from "../../lambda/pages/widget.ts";
import { identity } from "../../lambda/report/identity.ts";
import { browserMissing, openWindow } from "../pages/browser.ts";
import { recordsIn, runCheck } from "../terminal/run-check.ts";
import { startAccount } from "./account.ts";
import { fingerprintOf, pullRequestSummary, summaryPage } from "./pull-request.ts";

/**
 * `npm run docs:screenshots` takes the pictures in docs/images of what the account in a box looks like. Its origins listen on
 * ports of this machine; the pictures show the usual one. A box remembers no incidents, so the ages are made up.
 */
const images = join(import.meta.dirname, "..", "..", "docs", "images");

const missing = browserMissing();
if (missing !== null) {
  process.stderr.write(`no pictures without a browser: ${missing}\n`);
  process.exitCode = 1;
} else {
  await takePictures(await boardOfTheBox());
  await takePictureOfSummary();
}

async function boardOfTheBox(): Promise<Board> {
  const account = await startAccount({ privateAddress: "10.0.0.1" });
  const { aws, dns, caFile, origins } = account;
  const box = ["--dns-server", dns.address, "--ca", caFile, "--allow-network", "127.0.0.0/8"];
  const startedAt = new Date().toISOString();
  const run = await runCheck(["account", "--json", ...box], { environment: aws.environment });
  await account.close();
  const stdout = origins.reduce((text, { port }) => text.replaceAll(`${port}`, "443"), run.stdout);
  const records = recordsIn({ ...run, stdout });
  const distributions = new Set(records.flatMap(({ uses }) => uses.map((use) => use.distributionId))).size;
  const finishedAt = new Date().toISOString();
  return boardOf({ runId: "the account in a box", startedAt, finishedAt, distributions, records, problems: [] });
}

/** The page says which summary the picture shows, so that a test can tell when it is an old one. */
async function takePictureOfSummary(): Promise<void> {
  const account = await startAccount();
  const summary = await pullRequestSummary(account);
  await account.close();
  const window = await openWindow();
  try {
    const { page } = await window.open(await summaryPage(summary), { width: 1_200, height: 400 });
    await page.screenshot({ path: join(images, "pull-request-summary.png"), fullPage: true });
  } finally {
    await window.close();
  }
  const document = join(images, "..", "pipelines.md");
  const mark = /(?<=<!-- picture of summary )[0-9a-f]+(?= -->)/;
  writeFileSync(document, readFileSync(document, "utf8").replace(mark, fingerprintOf(summary)));
}

/** From half an hour to two days ago. */
function sampleAges({ records, finishedAt }: Board): ReadonlyMap<string, string> {
  const findings = records.flatMap(({ connection: { key }, verdict, findings: all }) =>
    all.filter(({ effect }) => openEffect(verdict, effect) !== null).map(({ code }) => identity({ key, code })),
  );
  const minutes = (index: number) => 25 + ((index * 1_009) % 2_600);
  return new Map(
    findings.map((id, index) => [id, new Date(Date.parse(finishedAt) - minutes(index) * 60_000).toISOString()]),
  );
}

async function takePictures(board: Board): Promise<void> {
  const now = Date.parse(board.finishedAt);
  const openedAt = sampleAges(board);
  const report = reportPage({ board, openedAt, now }, sha256);
  const widget = widgetHtml(
    { board, openedAt, now: now + 240_000, theme: "dark", functionArn: "arn:aws:lambda:function", width: 1_000 },
    { kind: "overview" },
  );
  const dashboard = `<!doctype html><html lang="en"><title>Dashboard</title><body style="margin:0">${widget}</body></html>`;
  const window = await openWindow();
  try {
    const desktop = await window.open(report, { width: 1_200, height: 860 });
    await desktop.page.screenshot({ path: join(images, "report-desktop-light.png") });
    const phone = await window.open(report, { width: 360, height: 720, colorScheme: "dark" });
    await phone.page.screenshot({ path: join(images, "report-phone-dark.png") });
    const frame = await window.open(dashboard, { width: 1_000, height: 760 });
    await frame.page.screenshot({ path: join(images, "widget-dark.png") });
  } finally {
    await window.close();
  }
}
