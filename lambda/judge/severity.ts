import type { Effect, Severity } from "./finding.ts";

export function severityOf(effect: Effect): Severity {
  switch (effect) {
    case "502":
    case "504":
      return "critical";
    case "may":
      return "warning";
    case "unseen":
    case "note":
      return "info";
  }
}
