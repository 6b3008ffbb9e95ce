import type { RememberedCount } from "./remembered-count.ts";

/** A finding whose rule lets CloudFront's count raise it, on an origin of a distribution. */
export type RaisableFinding = {
  /** What CloudFront would answer if it met the same. */
  readonly answers: "502" | "504";
  /** When a run first saw it, ISO 8601. */
  readonly firstSeen: string;
};

/**
 * Whether CloudFront's count makes a risk the error that it may be. Anybody can raise the share of errors by requests that
 * fail, so it takes the very status, beyond the threshold, in whole windows after the finding was first seen, and no other
 * origin of the distribution that explains it. It stays raised until the share has been below the threshold for an hour. It
 * never clears anything, and a count without statuses raises nothing.
 *
 * @param explainedByOthers another origin of the distribution has a finding that may answer with this status, or could not be
 *   checked
 */
export function isRaised(
  { answers, firstSeen }: RaisableFinding,
  { beyond }: Pick<RememberedCount, "beyond">,
  explainedByOthers: boolean,
): boolean {
  const from = beyond?.[answers];
  return !explainedByOthers && from !== undefined && Date.parse(from) >= Date.parse(firstSeen);
}
