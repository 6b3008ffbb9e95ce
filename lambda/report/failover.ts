import { worstFirst } from "../judge/verdict.ts";
import type { Failover } from "../plan/connection.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { StoredRecord } from "./record.ts";

/**
 * Which viewers get an answer from the secondary origin when the primary fails, and whether the secondary is healthy.
 *
 * AWS's pages leave open whether a failed connection counts as 502 or as 503 in a group
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html), so
 * failover is certain only where both are among the status codes.
 */
export function failoverSentence(
  distributionId: string,
  failover: Failover | null,
  records: readonly StoredRecord[],
): string {
  if (failover === null || failover.methods.length === 0) return "No request fails over from it.";
  const { statusCodes, methods, otherMethods, secondaryOriginIds } = failover;
  const codes = statusCodes.length === 0 ? "none" : enumerated(statusCodes.map(String), 10);
  if (!mayFailOver(failover)) {
    return `No request fails over from it when the connection fails: its status codes (${codes}) do not include that.`;
  }
  const covered = [502, 503].every((code) => statusCodes.includes(code));
  const verb = covered ? "fail over" : "may fail over";
  const doubt = covered ? "" : "; AWS does not say whether a failed connection counts as 502 or as 503";
  const others = otherMethods.length === 0 ? "" : ` ${listed(otherMethods)} requests never fail over.`;
  return `${listed(methods)} requests ${verb} to the secondary origin (status codes ${codes}${doubt}).${others} ${secondarySentence(distributionId, secondaryOriginIds, records)}`;
}

/** Whether a group fails over when a connection fails, for any method. */
export function mayFailOver({ methods, statusCodes }: Failover): boolean {
  return methods.length > 0 && [502, 503, 504].some((code) => statusCodes.includes(code));
}

/** The worst verdict on any connection to a secondary origin of the group. */
function secondarySentence(
  distributionId: string,
  originIds: readonly string[],
  records: readonly StoredRecord[],
): string {
  const own = records.filter(({ uses }) =>
    uses.some((use) => use.distributionId === distributionId && originIds.includes(use.originId)),
  );
  const worst = worstFirst.find((verdict) => own.some((record) => record.verdict === verdict));
  const name = own[0] === undefined ? "" : ` ${printable(own[0].connection.domain, 253)}`;
  switch (worst) {
    case undefined:
      return "Whether the secondary origin is healthy is not known.";
    case "failing":
      return `The secondary origin${name} fails as well.`;
    case "at-risk":
      return `The secondary origin${name} is at risk now.`;
    case "unknown":
      return `The secondary origin${name} could not be checked.`;
    case "healthy":
      return `The secondary origin${name} is healthy now.`;
    case "skipped":
      return `The secondary origin${name} needs no TLS check.`;
  }
}

function listed(methods: readonly string[]): string {
  return enumerated(
    methods.map((method) => printable(method, 20)),
    10,
  );
}
