import type { Incident } from "../incidents/state.ts";
import type { Finding } from "../judge/finding.ts";
import { openEffect } from "../judge/open-effect.ts";
import { printable } from "../text/printable.ts";
import { evidenceLines } from "./evidence.ts";
import { asClause, enumerated, utc } from "./phrase.ts";
import type { ConnectionRecord } from "./record.ts";

/**
 * The findings of an origin as paragraphs: why, with expected and seen, then what to do. The same finding on several
 * addresses or connections is told once, with all of them named.
 *
 * @param open the origin's open findings, in the order in which they are to be told
 * @param fresh those of them that are new
 */
export function whyParagraphs(
  records: readonly ConnectionRecord[],
  open: readonly Incident[],
  fresh: readonly Incident[],
): readonly string[] {
  const causes = causesIn(records, open);
  const shown = causes.slice(0, maxCauses);
  const freshIds = new Set(fresh.map(({ key, code }) => `${code} ${key}`));
  const paragraphs = shown.flatMap((cause, index) => {
    const number = causes.length > 1 ? ` (${index + 1} of ${causes.length})` : "";
    // Beside what is new only; where nothing is, the message says so as a whole.
    const earlier = freshIds.size === 0 || cause.ids.some((id) => freshIds.has(id)) ? null : cause.openedAt;
    return [why(cause, number, records.length, earlier), ...remedy(cause.finding)];
  });
  return causes.length > shown.length
    ? [...paragraphs, `${causes.length - shown.length} more findings of this origin are in the log.`]
    : paragraphs;
}

const maxCauses = 8;

/** One finding as it is told, with all the places where it is the same. */
type Cause = {
  readonly finding: Finding;
  readonly ids: readonly string[];
  readonly openedAt: string;
  readonly addresses: readonly string[];
  readonly serverNames: readonly string[];
};

function causesIn(records: readonly ConnectionRecord[], open: readonly Incident[]): readonly Cause[] {
  const order = [...new Set(open.map((finding) => finding.code))];
  const openedAt = new Map(open.map((finding) => [`${finding.code} ${finding.key}`, finding.openedAt]));
  const seen = records.flatMap((record) =>
    record.findings
      .filter((finding) => openEffect(record.verdict, finding.effect) !== null)
      .map((finding) => ({ finding, record, id: `${finding.code} ${record.connection.key}` })),
  );
  return [...Map.groupBy(seen, ({ finding }) => JSON.stringify([finding.code, finding.title, finding.evidence]))]
    .map(([, group]): Cause => {
      const ids = [...new Set(group.map(({ id }) => id))];
      return {
        finding: (group[0] as (typeof group)[number]).finding,
        ids,
        openedAt: ids.map((id) => openedAt.get(id) ?? "").sort()[0] ?? "",
        addresses: distinct(group.map(({ finding }) => finding.address)),
        serverNames: distinct(group.map(({ record }) => record.connection.serverName)),
      };
    })
    .sort((a, b) => order.indexOf(a.finding.code) - order.indexOf(b.finding.code));
}

function why(cause: Cause, number: string, connections: number, toldSince: string | null): string {
  const { finding, addresses, serverNames } = cause;
  const lines = [`Why${number}: ${asClause(finding.title)}`, printable(finding.explanation, 1500)];
  if (toldSince !== null) lines.push(`Told before, first seen ${utc(toldSince)}.`);
  lines.push(...evidenceLines(finding.evidence));
  if (addresses.length > 0) lines.push(`Address: ${enumerated(addresses, 10)}`);
  if (connections > 1 && serverNames.length > 0) lines.push(`Server name: ${enumerated(serverNames, 10)}`);
  lines.push(`Rule: ${printable(finding.source, 300)}`);
  return lines.filter((line) => line !== "").join("\n");
}

function remedy({ remedy: steps }: Finding): readonly string[] {
  if (steps.length === 0) return [];
  const numbered = steps.slice(0, 10).map((text, index) => `${index + 1}. ${printable(text, 600)}`);
  return [["What to do:", ...numbered].join("\n")];
}

function distinct(texts: readonly (string | null)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== null))].map((text) => printable(text, 253));
}
