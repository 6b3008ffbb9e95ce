import type { MetricName } from "../contract/metrics.ts";
import type { Verdict } from "../judge/finding.ts";
import { firstToEnd } from "../report/expiries.ts";
import { originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { wholeDays } from "../text/span.ts";

export type MetricValue = {
  readonly name: MetricName;
  readonly unit: "Count" | "Milliseconds" | "None";
  readonly value: number;
};

/**
 * The numbers of a run. They are few, and do not depend on the number of origins, because CloudWatch bills each metric.
 *
 * An origin is a domain and port, whatever the number of connections to it, and counts by its worst connection.
 * `OriginsChecked` are those with a verdict: failing, at risk or healthy.
 *
 * @param delivery how many messages were sent, and how many steps of the delivery failed
 */
export function runMetrics(
  report: RunReport,
  delivery: { readonly sent: number; readonly failures: number },
): readonly MetricValue[] {
  const verdicts = originsOf(report.records).map((origin) => origin.verdict);
  const having = (...wanted: readonly Verdict[]) => verdicts.filter((verdict) => wanted.includes(verdict)).length;
  const soonest = soonestExpiryDays(report);
  return [
    { name: "RunCompleted", unit: "Count", value: 1 },
    { name: "RunDuration", unit: "Milliseconds", value: Date.parse(report.finishedAt) - Date.parse(report.startedAt) },
    { name: "RunProblems", unit: "Count", value: report.problems.length },
    { name: "OriginsChecked", unit: "Count", value: having("failing", "at-risk", "healthy") },
    { name: "OriginsFailing", unit: "Count", value: having("failing") },
    { name: "OriginsAtRisk", unit: "Count", value: having("at-risk") },
    { name: "OriginsUnknown", unit: "Count", value: having("unknown") },
    { name: "OriginsHealthy", unit: "Count", value: having("healthy") },
    ...(soonest === null ? [] : [{ name: "SoonestExpiryDays", unit: "None", value: soonest } as const]),
    { name: "MessagesSent", unit: "Count", value: delivery.sent },
    { name: "MessageFailures", unit: "Count", value: delivery.failures },
  ];
}

/** Whole days until the first server certificate expires, negative from a day after it has; null when none was seen. */
function soonestExpiryDays({ records, finishedAt }: RunReport): number | null {
  const first = firstToEnd(records);
  return first === null ? null : wholeDays(first.end - Date.parse(finishedAt));
}
