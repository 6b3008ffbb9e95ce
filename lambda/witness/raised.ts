import type { Traffic } from "./traffic.ts";
import { viewerErrors } from "./viewer-errors.ts";

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
 * origin of the distribution that explains it. It never clears anything, and a count without statuses raises nothing.
 *
 * @param last the window before, null where there was none or where it is lost
 * @param explainedByOthers another origin of the distribution has a finding that may answer with this status, or could not be
 *   checked
 */
export function isRaised(
  finding: RaisableFinding,
  last: Traffic | null,
  current: Traffic,
  explainedByOthers: boolean,
): boolean {
  const isAfter = (traffic: Traffic) => Date.parse(traffic.from) >= Date.parse(finding.firstSeen);
  if (explainedByOthers || !isAfter(current)) return false;
  const only = (traffic: Traffic) => withStatus(traffic, finding.answers);
  const before = last !== null && isAfter(last) ? only(last) : null;
  return viewerErrors(before, only(current)).kind === "viewers-get-errors";
}

/** The same count, as if there were no errors but those with this status. */
function withStatus(traffic: Traffic, status: "502" | "504"): Traffic {
  const errors = traffic.byStatus?.[status] ?? 0;
  return { ...traffic, errors, byStatus: { "502": 0, "504": 0, [status]: errors } };
}
