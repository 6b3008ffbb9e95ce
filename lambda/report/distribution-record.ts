import type { Scope } from "../configuration/scope.ts";

/**
 * What a run found about a distribution itself, whatever its connections are like. It is no connection and no origin: no
 * record of a connection says it, and no count of origins has it.
 */
export type DistributionRecord = {
  readonly distributionId: string;
  readonly scope: Scope;
  readonly findings: readonly DistributionFinding[];
  /** Codes of what this run knows to be over. What is neither found nor over stays as it was. */
  readonly over: readonly string[];
};

export type DistributionFinding = {
  readonly code: string;
  readonly effect: DistributionEffect;
  readonly title: string;
};

/** What viewers get by CloudFront's own count; `5xx` where it does not count by status. */
export type DistributionEffect = "502" | "504" | "5xx";
