import { performance } from "node:perf_hooks";
import { sha256 } from "../bin/terminal/output/html-report.ts";
import { boardOf } from "../lambda/board/board.ts";
import { reportPage } from "../lambda/pages/report-page.ts";
import { widgetHtml } from "../lambda/pages/widget.ts";
import { browserMissing, openWindow } from "../test/pages/browser.ts";
import { address, certificate, chainIncomplete, connectionRecord, report, use } from "../test/tell/records.ts";

/** `npm run bench:report`: the report of 2,000 origins in 500 distributions, 100 of them failing, in a real browser. */
const origins = 2_000;

const records = Array.from({ length: origins }, (_, index) => {
  const domain = `origin-${index}.example.com`;
  const chain = [certificate(domain), certificate("R11")];
  return connectionRecord(domain, {
    uses: [
      use(`E${index % 500}`, { aliases: [`site-${index % 500}.example.com`], comment: "Shop" }),
      use(`E${(index * 7) % 500}`),
    ],
    observed: { addresses: [address(domain, { chain }), address(domain, { chain, address: "203.0.113.9" })] },
    ...(index < 100 ? { verdict: "failing", findings: [chainIncomplete] } : {}),
  });
});
const board = boardOf(report(records));
const now = Date.parse(board.finishedAt);

const started = performance.now();
const page = reportPage({ board, openedAt: new Map(), now }, sha256);
line("making the report", performance.now() - started, `${(page.length / 1e6).toFixed(1)} MB`);

const widgetStarted = performance.now();
const view = { board, openedAt: new Map(), now, theme: "dark", functionArn: "arn:aws:lambda:x", width: 900 } as const;
const widget = widgetHtml(view, { kind: "overview" });
line("making the widget", performance.now() - widgetStarted, `${(widget.length / 1e3).toFixed(0)} kB`);

const missing = browserMissing();
if (missing === null) await inBrowser();
else console.log(missing);

async function inBrowser(): Promise<void> {
  const window = await openWindow();
  try {
    const { page: tab } = await window.open(page);
    const read = "performance.getEntriesByType('navigation')[0].domInteractive";
    const elements = await tab.evaluate("document.getElementsByTagName('*').length");
    line("reading it", Number(await tab.evaluate(read)), `${String(elements)} elements`);
    for (const verdict of ["failing", "healthy", "all"]) {
      const painted = await tab.evaluate(`new Promise((done) => {
        const start = performance.now();
        document.getElementById("show-${verdict}").click();
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
      })`);
      line(`showing ${verdict}`, Number(painted), "");
    }
  } finally {
    await window.close();
  }
}

function line(what: string, ms: number, remark: string): void {
  console.log(`${what.padEnd(20)} ${Math.round(ms).toString().padStart(6)} ms  ${remark}`.trimEnd());
}
