import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import { writeWhole } from "../../bin/terminal/output/write-whole.ts";
import { boardOf } from "../../lambda/board/board.ts";
import { parseState } from "../../lambda/incidents/state-format.ts";
import { openedAtOf } from "../../lambda/pages/open-since.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import type { DistributionRecord } from "../../lambda/report/distribution-record.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { mutedNow } from "../../lambda/tell/muted-now.ts";

type LogRecord = { readonly message?: string } & ConnectionRecord & DistributionRecord & RunReport;

/**
 * Writes what a run saw as an HTML file, from its log records and the state that it left.
 *
 * @param file where to; a new temporary folder unless given
 * @returns where it is
 */
export function writeDemoReport(logs: readonly string[], state: string, file?: string): string {
  const lines = logs.map((line) => JSON.parse(line) as LogRecord);
  const run = lines.find(({ message }) => message === "run");
  const parsed = parseState(state);
  if (run === undefined || parsed.kind === "unreadable") throw new Error("the run left no record or no state");
  const named = (name: string) => lines.filter(({ message }) => message === name);
  const board = boardOf({ ...run, records: named("connection"), distributionRecords: named("distribution") });
  const openedAt = openedAtOf([...parsed.state.incidents, ...parsed.state.distributionIncidents]);
  const page = reportPage(
    { board, openedAt, muted: mutedNow(parsed.state), now: Date.parse(board.finishedAt) },
    sha256,
  );
  const target = file ?? join(mkdtempSync(join(tmpdir(), "origin-watch-demo-")), "report.html");
  const failure = writeWhole(target, page);
  if (failure !== null) throw new Error(failure);
  return target;
}
