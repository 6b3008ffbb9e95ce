import type { Scope } from "../configuration/scope.ts";
import type { Draft } from "../incidents/change.ts";
import type { MessageAttributes } from "../incidents/ports.ts";
import type { Severity } from "../judge/effect.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { accountsOf } from "./accounts.ts";
import { incidentsOf } from "./incidents-of.ts";
import type { Summary } from "./summary.ts";

/** What subscribers filter by: what happened, how bad it is, and which distributions, origins and findings it concerns. */
export function attributesOf(draft: Draft, summary: Summary, report: RunReport, scope: Scope): MessageAttributes {
  const { event, change, notChecked } = draft;
  const incidents = incidentsOf(change);
  return {
    event,
    severity: severityOf(event, summary),
    codes: [...new Set([...incidents, ...change.problems.opened].map(({ code }) => code))].slice(0, 100),
    distributionIds: [...new Set(incidents.flatMap(({ distributions }) => distributions))].slice(0, 500),
    origins: [...new Set([...incidents, ...notChecked].map((about) => printable(originId(about), 300)))].slice(0, 100),
    accountIds: accountsOf(draft, report, scope)
      .flatMap(({ accountId }) => accountId ?? [])
      .slice(0, 100),
  };
}

function severityOf(event: Draft["event"], { fresh, still, improved, fixed, closed }: Summary): Severity {
  switch (event) {
    case "run-problem":
      return "warning";
    case "unseen":
    case "weekly":
      return "info";
    case "opened":
    case "worsened":
    case "resolved":
    case "digest":
    case "reminder": {
      if (fresh.length + still.length === 0 && improved.length + fixed.length + closed.length > 0) return "info";
      return [...fresh, ...still].some(({ effect }) => effect !== "may") ? "critical" : "warning";
    }
  }
}
