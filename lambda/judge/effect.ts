/**
 * What a finding means for viewers on a cache miss: `502` and `504` are what CloudFront answers, `may` is a failure for
 * some, later, or where AWS's documents disagree, `unseen` is "could not be checked", and `note` does not change the
 * verdict.
 */
export type Effect = "502" | "504" | "may" | "unseen" | "note";

export type Severity = "critical" | "warning" | "info";

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
