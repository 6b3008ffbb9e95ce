import { setTimeout as sleep } from "node:timers/promises";
import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { jsonLine } from "../../../lambda/text/json-line.ts";
import { counted } from "../../../lambda/text/phrase.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { type Command, connectionsOf } from "../command.ts";
import type { OptionTable } from "../input/option.ts";
import { shown, UsageError } from "../input/usage-error.ts";
import { one, optional, wholeNumber } from "../input/values.ts";
import { type Change, changesBetween } from "../output/changes.ts";
import { coloured, verdictStyle, verdictWord } from "../output/colour.ts";
import { originLabel } from "../output/listing.ts";
import { exitStatus, untilInterrupted, warn } from "../output/output.ts";
import { printResult } from "../output/print.ts";
import { checkAll, toolsFor } from "../tools.ts";

type WatchOptions = {
  readonly intervalMs: number;
  /** Milliseconds after which it ends, null for never. */
  readonly forMs: number | null;
  readonly untilHealthy: boolean;
};

const options: OptionTable = {
  interval: { type: "string", value: "SECONDS", help: "time between checks (default 60, at least 5)" },
  for: { type: "string", value: "SECONDS", help: "stop after this time" },
  until: { type: "string", value: "healthy", help: "stop when everything is healthy" },
};

/** `watch`: checks repeatedly, and prints only what changes. */
export const watch: Command<WatchOptions> = {
  help: {
    title: "watch: print only what changes",
    usage: [
      "origin-watch watch SOURCE [options]",
      "origin-watch --help lists the sources",
      "In a clone of the project: npm run -s origin-watch -- watch SOURCE",
    ],
    groups: [{ heading: "For watch", options }],
    notes: [
      "Reads the configuration once, and asks DNS in every check. Verdicts, findings,",
      "addresses and certificates are compared with the check before.",
    ],
    exitStatus: ["that of the last check"],
    examples: ["origin-watch watch origin api.example.com --interval 10 --until healthy"],
  },
  read: (values) => {
    const until = one(values, "until");
    if (until !== undefined && until !== "healthy") {
      throw new UsageError(`--until: expected healthy, got ${shown(until)}`);
    }
    const inSeconds = (name: string, least: number, most: number) =>
      optional(values, name, (text) => wholeNumber(`--${name}`, text, least, most) * 1_000);
    return {
      intervalMs: inSeconds("interval", 5, 86_400) ?? 60_000,
      forMs: inSeconds("for", 1, 999_999),
      untilHealthy: until === "healthy",
    };
  },
  run: async (given) => {
    const { options: common, own } = given;
    const { planned, problems } = connectionsOf(given.configuration, given);
    for (const problem of problems) warn(problem);
    const started = Date.now();
    const { signal } = untilInterrupted();
    const round = rounds(planned, toolsFor(common, given.source, signal), signal);
    const print = common.json ? printJson : printWords;
    let records = await round();
    let changes = 0;
    if (!common.json && !signal.aborted) printResult(opening(records, own));
    while (!signal.aborted && !isOver()) {
      // Waits between rounds and not from start to start, so that a slow round is never overtaken.
      await sleep(Math.min(own.intervalMs, remainingMs()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted || remainingMs() === 0) break;
      const next = await round();
      // An interrupted round saw nothing, and that is no change.
      if (signal.aborted) break;
      for (const [index, record] of next.entries()) {
        const before = records[index];
        const different = before === undefined ? [] : changesBetween(before, record);
        changes += different.length;
        for (const change of different) printResult(print(record, change, new Date()));
      }
      records = next;
    }
    if (!common.json) printResult(`${counted(changes, "change")}. Now: ${counts(records)}.\n`);
    return exitStatus(
      records.map(({ verdict }) => verdict),
      problems.length > 0,
    );

    function isOver(): boolean {
      const isHealthy = records.every(({ verdict }) => verdict === "healthy" || verdict === "skipped");
      return (own.untilHealthy && isHealthy) || remainingMs() === 0;
    }

    function remainingMs(): number {
      return own.forMs === null ? Number.POSITIVE_INFINITY : Math.max(0, started + own.forMs - Date.now());
    }
  },
};

/** A round over all connections, each time with names asked for anew; an interrupted one gives what the last gave. */
function rounds(planned: readonly PlannedConnection[], tools: ReturnType<typeof toolsFor>, signal: AbortSignal) {
  let last: readonly ConnectionRecord[] = [];
  return async (): Promise<readonly ConnectionRecord[]> => {
    const records = await checkAll(planned, tools());
    if (!signal.aborted || last.length === 0) last = records;
    return last;
  };
}

function opening(records: readonly ConnectionRecord[], { intervalMs, forMs, untilHealthy }: WatchOptions): string {
  const bad = records.filter(({ verdict }) => verdict !== "healthy" && verdict !== "skipped");
  const lines = bad.map((record) => {
    const codes = [...new Set(record.findings.map(({ code }) => code))].join(", ");
    return `${coloured(verdictWord(record.verdict).toUpperCase().padEnd(8), verdictStyle[record.verdict])} ${originLabel(record)}  ${codes}`;
  });
  const ends = [
    ...(untilHealthy ? ["until all is healthy"] : []),
    ...(forMs === null ? [] : [`for ${seconds(forMs)}`]),
  ];
  const every = `every ${seconds(intervalMs)}, ${ends.join(" or ") || "until Ctrl-C"}`;
  return `Watching ${counted(records.length, "connection")}, ${every}: ${counts(records)}.\n${lines.map((line) => `${line}\n`).join("")}`;
}

function seconds(ms: number): string {
  return counted(ms / 1_000, "second");
}

function counts(records: readonly ConnectionRecord[]): string {
  const byVerdict = Map.groupBy(records, ({ verdict }) => verdict);
  return (
    [...byVerdict].map(([verdict, group]) => `${group.length} ${verdictWord(verdict)}`).join(", ") || "nothing to check"
  );
}

function printJson(record: ConnectionRecord, change: Change, at: Date): string {
  const { connection } = record;
  return `${jsonLine({ at: at.toISOString(), connection, change })}\n`;
}

function printWords(record: ConnectionRecord, change: Change, at: Date): string {
  return `${at.toISOString().slice(11, 19)}  ${originLabel(record)}  ${words(change)}\n`;
}

function words(change: Change): string {
  switch (change.kind) {
    case "verdict": {
      const { from, to, codes } = change;
      const cause = codes.length === 0 ? "" : `: ${codes.join(", ")}`;
      return `${verdictWord(from)} -> ${coloured(verdictWord(to), verdictStyle[to])}${cause}`;
    }
    case "findings": {
      const { gone, codes } = change;
      return `now: ${codes.join(", ") || "nothing"}${gone.length === 0 ? "" : `; gone: ${gone.join(", ")}`}`;
    }
    case "addresses": {
      const { added, removed } = change;
      const parts = [
        ...(added.length === 0 ? [] : [`new address ${added.join(", ")}`]),
        ...(removed.length === 0 ? [] : [`address gone: ${removed.join(", ")}`]),
      ];
      return printable(parts.join("; "), 500);
    }
    case "certificate": {
      const { addresses, notAfter, sha256, serving, of } = change;
      const who = `${serving} of ${counted(of, "address")}`;
      const at = printable(addresses.join(", "), 300);
      return `new certificate at ${at}, valid until ${notAfter.slice(0, 10)}, sha256 ${sha256.slice(0, 16)} (served by ${who})`;
    }
  }
}
