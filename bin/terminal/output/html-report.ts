import { createHash, randomUUID } from "node:crypto";
import { boardOf } from "../../../lambda/board/board.ts";
import { reportPage } from "../../../lambda/pages/report-page.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import type { Remembered } from "../commands/deployment.ts";

/** A check and when it was made, in ms since the epoch. */
export type Checked = {
  readonly records: readonly ConnectionRecord[];
  /** What could not be read, a sentence each. */
  readonly problems: readonly string[];
  readonly startedAt: number;
  readonly finishedAt: number;
  /** As of when it was judged. */
  readonly now: number;
  /** What a deployment remembers, where it was asked. */
  readonly remembered?: Omit<Remembered, "kind">;
};

/** The result as one HTML file that needs nothing else. */
export function htmlReport({ records, problems, startedAt, finishedAt, now, remembered }: Checked): string {
  const users = records.flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId));
  const board = boardOf({
    runId: randomUUID(),
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    distributions: new Set(users).size,
    records,
    problems: problems.map((message) => ({ code: "details-unreadable", message, remedy: "", scope: null })),
  });
  return reportPage({ board, openedAt: null, ...remembered, inTerminal: true, now }, sha256);
}

/** In Base64, as a content security policy has it. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
