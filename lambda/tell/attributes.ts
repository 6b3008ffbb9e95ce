import type { Scope } from "../configuration/scope.ts";
import { usedBy } from "../incidents/audiences.ts";
import {
  type DistributionChange,
  type Draft,
  distributionIncidentsOf,
  incidentsOf,
  openDistributionsIn,
} from "../incidents/change.ts";
import { type MessageAttributes, mostAccountIds } from "../incidents/ports.ts";
import type { Severity } from "../judge/effect.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { accountsOf } from "./accounts.ts";
import type { Summary } from "./summary.ts";

/** What subscribers filter by: what happened, how bad it is, and which distributions, origins and findings it concerns. */
export function attributesOf(draft: Draft, summary: Summary, report: RunReport, scope: Scope): MessageAttributes {
  const { event, change, notChecked, distributions } = draft;
  const begun = draft.begunMutes ?? [];
  const muted = begun.flatMap((each) => each.incidents);
  const incidents = [...incidentsOf(change), ...muted];
  const own = [...distributionIncidentsOf(distributions), ...begun.flatMap((each) => each.distributions)];
  const problems = [...change.problems.opened, ...begun.flatMap((each) => each.problems)];
  const used = incidents.flatMap((incident) => incident.distributions);
  const origins = [...incidents, ...notChecked, ...begun.flatMap((each) => each.notChecked)];
  const isMutedError = own.length > 0 || muted.some(({ effect }) => effect !== "may");
  return {
    event,
    severity:
      distributions === null ? severityOf(draft, summary, report, isMutedError) : distributionSeverity(distributions),
    codes: [...new Set([...incidents, ...own, ...problems].map(({ code }) => code))].slice(0, 100),
    distributionIds: [...new Set([...used, ...own.map(({ distributionId }) => distributionId)])].slice(0, 500),
    origins: [...new Set(origins.map((about) => printable(originId(about), 300)))].slice(0, 100),
    accountIds: accountsOf(draft, report, scope)
      .flatMap(({ accountId }) => accountId ?? [])
      .slice(0, mostAccountIds),
  };
}

/** What CloudFront counts reaches viewers already. */
export function distributionSeverity(change: DistributionChange): Severity {
  return openDistributionsIn(change).length > 0 ? "critical" : "info";
}

/** It follows what the subject says: of an origin with something new, that; of the others, all that is open there. */
function severityOf(
  { event, audience = null }: Draft,
  { fresh, still, improved, fixed, closed }: Summary,
  report: RunReport,
  isMutedError: boolean,
): Severity {
  switch (event) {
    case "run-problem":
      return "warning";
    case "unseen":
      return mostAreNotChecked(usedBy(audience, report.records)) ? "warning" : "info";
    case "started":
    case "checked-again":
    case "weekly":
      return "info";
    case "muted":
      return isMutedError ? "warning" : "info";
    case "opened":
    case "worsened":
    case "rejudged":
    case "resolved":
    case "digest":
    case "reminder": {
      if (fresh.length + still.length === 0 && improved.length + fixed.length + closed.length > 0) return "info";
      const effects = [...fresh.map(({ freshEffect }) => freshEffect), ...still.map(({ effect }) => effect)];
      return effects.some((effect) => effect !== "may") ? "critical" : "warning";
    }
  }
}

/** Then hardly anything is watched. What needs no check does not count. */
function mostAreNotChecked(records: RunReport["records"]): boolean {
  const origins = originsOf(records).filter(({ verdict }) => verdict !== "skipped");
  return origins.filter(({ verdict }) => verdict === "unknown").length * 2 > origins.length;
}
