import type { Verdict } from "../../../lambda/judge/finding.ts";
import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { verdictWord } from "./colour.ts";
import { rewriteLine } from "./print.ts";

/** Says on standard error how far a check has come. */
export type Progress = {
  readonly add: (record: ConnectionRecord) => void;
  /** Takes the line away again. */
  readonly end: () => void;
};

const silent: Progress = { add: () => undefined, end: () => undefined };
const betweenLinesMs = 100;

/** Says what is waited for, until the function that it returns takes the line away; only on a terminal, as progress. */
export function waitingFor(what: string): () => void {
  const { stderr } = process;
  if (!showsProgress(stderr)) return () => undefined;
  rewriteLine(`${what} ...`);
  return () => rewriteLine();
}

function showsProgress(stderr: NodeJS.WriteStream): boolean {
  return stderr.isTTY && process.env.TERM !== "dumb";
}

/** One line that is written over again and again; nothing at all where standard error is no terminal. */
export function progressOf(planned: readonly PlannedConnection[], wanted: boolean): Progress {
  const { stderr } = process;
  const [only] = planned;
  const total = planned.length;
  if (!wanted || !showsProgress(stderr) || only === undefined) return silent;
  if (total === 1) return progressOfOne(only);
  const started = performance.now();
  const counts = new Map<Verdict, number>();
  let done = 0;
  let latest = "";
  let written = Number.NEGATIVE_INFINITY;
  return {
    add({ verdict, connection, findings }) {
      done += 1;
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
      if (verdict === "failing" || verdict === "at-risk") latest = `${connection.domain} ${findings[0]?.code ?? ""}`;
      const now = performance.now();
      if (now - written < betweenLinesMs) return;
      written = now;
      const rate = Math.round((done * 1000) / Math.max(1, now - started));
      const bad = (["failing", "at-risk"] as const).flatMap((each) =>
        counts.has(each) ? [`${counts.get(each)} ${verdictWord(each)}`] : [],
      );
      const parts = [`${done} of ${total} checked`, `${rate}/s`, ...bad, ...(latest === "" ? [] : [latest])];
      rewriteLine(printable(parts.join(", "), Math.max(20, stderr.columns - 1)));
    },
    end: () => rewriteLine(),
  };
}

/** Says of a single origin how long it has not answered, and how long one that is silent is waited for. */
function progressOfOne({ connection, kind }: PlannedConnection): Progress {
  if (kind !== "probe") return silent;
  const { domain, port, connectTimeoutMs, connectAttempts } = connection;
  const longest = Math.ceil((connectTimeoutMs * connectAttempts) / 1_000);
  const started = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    const time = seconds <= longest ? `${seconds} of ${longest} seconds` : `${seconds} seconds`;
    const text = `checking ${domain}:${port}, no answer yet (${time})`;
    rewriteLine(printable(text, Math.max(20, process.stderr.columns - 1)));
  }, 1_000);
  const end = () => {
    clearInterval(timer);
    rewriteLine();
  };
  return { add: end, end };
}
