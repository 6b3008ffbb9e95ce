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
 * A dimension with the name of the function, on half of the series, so that two stacks in an account and Region have
 * their own series. The other half, without it, is older, and other people's alarms may use it.
 */
export const functionDimension = "function_name";
