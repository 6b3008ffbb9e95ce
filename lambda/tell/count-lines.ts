import { ruleOf } from "../judge/catalogue.ts";
import type { Finding } from "../judge/finding.ts";
import { countLine, countWords } from "../report/counted.ts";
import type { ConnectionRecord, DistributionTraffic, RunReport } from "../report/record.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/** Distributions whose count a message about origins quotes; those with the most errors. */
const mostCounts = 3;

/** What CloudFront counted for the distributions that use the connections, those with the most errors first. */
export function trafficOf(
  records: readonly Pick<ConnectionRecord, "uses">[],
  { distributionRecords = [] }: Pick<RunReport, "distributionRecords">,
): readonly DistributionTraffic[] {
  if (distributionRecords.length === 0) return [];
  const ids = new Set(records.flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId)));
  return distributionRecords
    .flatMap(({ distributionId, traffic }): readonly DistributionTraffic[] =>
      ids.has(distributionId) && traffic.kind === "counted" ? [{ distributionId, ...traffic.current }] : [],
    )
    .toSorted((a, b) => b.errors - a.errors || b.requests - a.requests);
}

/** The same in lines, for a message about origins. It clears nothing and names no cause. */
export function countLines(
  records: readonly Pick<ConnectionRecord, "uses">[],
  report: Pick<RunReport, "distributionRecords">,
): readonly string[] {
  const all = trafficOf(records, report);
  const more = all.length - mostCounts;
  return [
    ...all
      .slice(0, mostCounts)
      .map((current) => countLine(printable(current.distributionId, 64), { kind: "counted", current, previous: null })),
    ...(more > 0 ? [`CloudFront's count for ${counted(more, "more distribution")} is in the log.`] : []),
  ];
}

/** What a subject says of a finding that CloudFront itself shows; null where it does not. */
export function shownByCloudFront({ facts, effect }: Pick<Finding, "facts" | "effect">): string | null {
  switch (facts?.confirmedBy) {
    case "answer":
      return "confirmed by CloudFront";
    case "count":
      return `CloudFront counts ${effect}`;
    case undefined:
      return null;
  }
}

/** What CloudFront counted, in a sentence for the first screen of what its count decided; null where it decided nothing. */
export function decidingCount(
  finding: Finding | undefined,
  records: readonly Pick<ConnectionRecord, "uses">[],
  report: Pick<RunReport, "distributionRecords">,
): string | null {
  if (finding?.facts?.confirmedBy !== "count") return null;
  const { effect } = finding;
  const errors = ({ byStatus }: DistributionTraffic) =>
    byStatus === null || (effect !== "502" && effect !== "504") ? 0 : byStatus[effect];
  const [most, ...others] = trafficOf(records, report).toSorted((a, b) => errors(b) - errors(a));
  return most === undefined || errors(most) === 0
    ? `CloudFront's own count shows ${effect} since this was first seen.`
    : `CloudFront counted ${countWords(most)}${others.length > 0 ? `, for ${printable(most.distributionId, 64)}` : ""}.`;
}

/** That CloudFront may meet something else, of a risk that only its count or its answer decides; null where it is none. */
export function notCounted(findings: readonly Finding[], hasCount: boolean): string | null {
  const isOpen = findings.some(({ code, effect }) => effect === "may" && ruleOf(code).witness === "raises");
  if (!isOpen) return null;
  const count = hasCount ? " Its count names no origin." : "";
  return `Not known: whether CloudFront meets the same.${count}`;
}
