/** The metrics of a run, in the namespace of all of them. */
export type MetricName =
  | "RunCompleted"
  | "RunDuration"
  | "RunProblems"
  | "OriginsChecked"
  | "OriginsFailing"
  | "OriginsAtRisk"
  | "OriginsUnknown"
  | "OriginsHealthy"
  | "SoonestExpiryDays"
  | "MessagesSent"
  | "MessageFailures";

export const metricsNamespace = "OriginWatch";

/** A dimension of every metric, which says no more than what emits it. */
export const service = { dimension: "service", value: "origin-watch" } as const;

/**
 * A dimension that half of the series have, with the name of the function that emits them: so two stacks in an account
 * and Region have series of their own. The other half, without it, is what there was before, and what alarms of others
 * may look at.
 */
export const functionDimension = "function_name";
