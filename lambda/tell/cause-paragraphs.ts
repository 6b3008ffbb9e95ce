import type { Incident } from "../incidents/state.ts";
import type { Finding } from "../judge/finding.ts";
import { openEffect } from "../judge/open-effect.ts";
import { type Cause, causesIn } from "../report/causes.ts";
import { evidenceLines } from "../report/evidence.ts";
import { identity } from "../report/identity.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { asClause, enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/**
 * The findings of an origin as paragraphs: why, with expected and seen, then what to do. The same finding on several
 * addresses or connections is told once, with all of them named.
 *
 * @param open the origin's open findings, in the order in which they are to be told
 * @param fresh those of them that are new
 */
export function causeParagraphs(
  records: readonly ConnectionRecord[],
  open: readonly Incident[],
  fresh: readonly Incident[],
): readonly string[] {
  const causes = openCausesIn(records, open);
  const shown = causes.slice(0, maxCauses);
  const freshIds = new Set(fresh.map(identity));
  const paragraphs = shown.flatMap((cause, index) => {
    const number = causes.length > 1 ? ` (${index + 1} of ${causes.length})` : "";
    // Beside what is new only; where nothing is, the message says so as a whole.
    const earlier = freshIds.size === 0 || cause.ids.some((id) => freshIds.has(id)) ? null : cause.openedAt;
    return [causeParagraph(cause, number, records.length, earlier), ...remedy(cause.finding)];
  });
  return causes.length > shown.length
    ? [...paragraphs, `${causes.length - shown.length} more findings of this origin are in the log.`]
    : paragraphs;
}

const maxCauses = 8;

/** A cause with what is known of it as an incident. */
type OpenCause = Cause & { readonly ids: readonly string[]; readonly openedAt: string };

function openCausesIn(records: readonly ConnectionRecord[], open: readonly Incident[]): readonly OpenCause[] {
  const order = [...new Set(open.map((finding) => finding.code))];
  const openedAt = new Map(open.map((finding) => [identity(finding), finding.openedAt]));
  const seen = records.flatMap((record) =>
    record.findings
      .filter((finding) => openEffect(record.verdict, finding.effect) !== null)
      .map((finding) => ({ finding, record })),
  );
  return causesIn(seen)
    .map((cause) => {
      const keys = cause.occurrences.map(({ record }) => record.connection.key);
      const ids = [...new Set(keys.map((key) => identity({ key, code: cause.finding.code })))];
      return { ...cause, ids, openedAt: ids.map((id) => openedAt.get(id) ?? "").sort()[0] ?? "" };
    })
    .sort((a, b) => order.indexOf(a.finding.code) - order.indexOf(b.finding.code));
}

function causeParagraph(cause: OpenCause, number: string, connections: number, toldSince: string | null): string {
  const { finding, addresses, serverNames } = cause;
  const lines = [`Why${number}: ${asClause(finding.title)}`, printable(finding.explanation, 1500)];
  if (toldSince !== null) lines.push(`Told before, first seen ${instant(toldSince)}.`);
  lines.push(...evidenceLines(finding.evidence));
  if (addresses.length > 0) lines.push(`Address: ${enumerated(addresses, 10)}`);
  if (connections > 1 && serverNames.length > 0) lines.push(`Server name: ${enumerated(serverNames, 10)}`);
  lines.push(`Rule: ${printable(finding.source, 300)}`);
  return lines.filter((line) => line !== "").join("\n");
}

function remedy({ remedy: steps }: Pick<Finding, "remedy">): readonly string[] {
  if (steps.length === 0) return [];
  const numbered = steps.slice(0, 10).map((text, index) => `${index + 1}. ${printable(text, 600)}`);
  return [["What to do:", ...numbered].join("\n")];
}
