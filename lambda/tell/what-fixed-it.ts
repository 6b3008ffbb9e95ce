import type { WatchedOrigin } from "../report/origins.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { inOrderLines } from "./in-order.ts";
import type { RunReport } from "./record.ts";
import type { EndedOrigin } from "./summary.ts";

/** What was seen now in place of what is over: a new certificate, a longer chain, and what else is in order. */
export function whatFixedIt(
  ended: EndedOrigin["ended"],
  watched: WatchedOrigin | null,
  report: RunReport,
): readonly string[] {
  const record =
    watched?.records.find(({ verdict }) => verdict === "healthy") ??
    watched?.records.find(({ connection }) => ended.some((finding) => finding.key === connection.key));
  const seen = record?.observed.addresses.find(({ chain }) => chain.length > 0);
  const leaf = seen?.chain[0];
  if (record === undefined || seen === undefined || leaf === undefined) return [];
  const before = ended.flatMap((finding) => (finding.leaf === null ? [] : [finding.leaf]))[0];
  const lines: string[] = [];
  if (before !== undefined && before.sha256 !== leaf.sha256) {
    lines.push(`What changed: a new certificate, valid until ${day(leaf.notAfter)} (before: ${day(before.notAfter)}).`);
  } else if (before !== undefined && before.chainLength !== seen.chain.length) {
    lines.push(
      `What changed: the server sends ${counted(seen.chain.length, "certificate")}, it sent ${before.chainLength} before; the server's own is the same.`,
    );
  } else if (before === undefined) lines.push("What changed: the server answers again.");
  lines.push(...inOrderLines(record, report.finishedAt).map((line) => `Seen now: ${line}`));
  return lines;
}

function day(time: string): string {
  return printable(time, 40).slice(0, 10);
}
