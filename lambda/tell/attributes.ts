import type { Draft } from "../incidents/change.ts";
import type { MessageAttributes } from "../incidents/ports.ts";
import type { Severity } from "../judge/effect.ts";
import { originId } from "../report/origins.ts";
import { printable } from "../text/printable.ts";
import type { Summary } from "./summary.ts";

/** What subscribers filter by: what happened, how bad it is, and which distributions, origins and findings it concerns. */
export function attributesOf({ event, change, notChecked }: Draft, summary: Summary): MessageAttributes {
  const incidents = incidentsOf(change);
  return {
    event,
    severity: severityOf(event, summary),
    codes: [...new Set([...incidents, ...change.problems.opened].map(({ code }) => code))].slice(0, 100),
    distributionIds: [...new Set(incidents.flatMap(({ distributions }) => distributions))].slice(0, 500),
    origins: [...new Set([...incidents, ...notChecked].map((about) => printable(originId(about), 300)))].slice(0, 100),
  };
}

/** All incidents that a message is about, ended ones included. */
export function incidentsOf({ opened, worsened, still, frozen, resolved, gone }: Draft["change"]) {
  return [...opened, ...worsened, ...still, ...frozen, ...resolved, ...gone.map(({ finding }) => finding)];
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
