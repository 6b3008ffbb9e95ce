import { isoInstant } from "../text/instant.ts";
import { counted, grouped } from "../text/phrase.ts";
import type { Traffic } from "../witness/traffic.ts";
import type { DistributionEffect, TrafficReading } from "./distribution-record.ts";

export type { Traffic };

/** Windows that adjoin, the older one first, as one; null where there is none. */
export function together(counts: readonly Traffic[]): Traffic | null {
  const [first, ...others] = counts;
  if (first === undefined) return null;
  return others.reduce(
    (sum, each) => ({
      from: sum.from,
      until: each.until,
      minutes: sum.minutes + each.minutes,
      requests: sum.requests + each.requests,
      errors: sum.errors + each.errors,
      byStatus: bothStatuses(sum, each),
    }),
    first,
  );
}

/** Where there are no errors, the statuses of them are known. */
function bothStatuses(a: Traffic, b: Traffic): Traffic["byStatus"] {
  const none = { "502": 0, "504": 0 };
  const ofA = a.byStatus ?? (a.errors === 0 ? none : null);
  const ofB = b.byStatus ?? (b.errors === 0 ? none : null);
  if (ofA === null || ofB === null || (a.byStatus === null && b.byStatus === null)) return null;
  return { "502": ofA["502"] + ofB["502"], "504": ofA["504"] + ofB["504"] };
}

/** The share of the requests that got the errors which an effect is about, from 0 to 1. */
export function shareOf(traffic: Traffic, effect: DistributionEffect): number {
  const { requests, errors, byStatus } = traffic;
  if (requests === 0) return 0;
  return (effect === "5xx" || byStatus === null ? errors : byStatus["502"] + byStatus["504"]) / requests;
}

/** The title of what CloudFront's count shows: `requests get 502`. The count is of requests, and names no cause. */
export function countedTitle(effect: DistributionEffect): string {
  return `requests get ${effect}`;
}

/**
 * What CloudFront counted, to be read after "CloudFront counted" or a colon: `1,240 requests in 15 minutes, 386 of them
 * answered 5xx (502: 386)`. No errors are said as what they are, which is no proof that nothing fails.
 */
export function countWords(traffic: Traffic): string {
  const { requests, errors } = traffic;
  if (requests === 0) return `no requests in ${lengthOf(traffic)}`;
  if (errors === 0) return `none of ${requestsIn(requests)} failed; cached objects count too`;
  return `${requestsIn(requests)} in ${lengthOf(traffic)}, ${grouped(errors)} of them answered 5xx${statusesOf(traffic)}`;
}

/** `CloudFront's count for E1, 2026-11-23 02:52 to 03:07 UTC: none of 3,211 requests failed; cached objects count too.` */
export function countLine(distributionId: string, reading: TrafficReading): string {
  const head = `CloudFront's count for ${distributionId}`;
  switch (reading.kind) {
    case "unknown":
      return `${head} is not known: ${reading.reason.replace(/\.$/, "")}.`;
    case "counted":
      return `${head}, ${windowWords(reading.current)}: ${countWords(reading.current)}.`;
  }
}

/** `2026-11-23 02:52 to 03:07 UTC`. */
export function windowWords({ from, until }: Traffic): string {
  const [begin, end] = [from, until].map((time) => isoInstant(Date.parse(time)).slice(0, 16).replace("T", " "));
  if (begin === undefined || end === undefined) return "";
  return `${begin} to ${end.slice(0, 10) === begin.slice(0, 10) ? end.slice(11) : end} UTC`;
}

/** `31.1%`; what is not nothing is never `0.0%`. */
export function percent(share: number): string {
  return share > 0 && share < 0.001 ? "under 0.1%" : `${(Math.min(share, 1) * 100).toFixed(1)}%`;
}

function requestsIn(requests: number): string {
  return `${grouped(requests)} ${requests === 1 ? "request" : "requests"}`;
}

function lengthOf({ from, until }: Traffic): string {
  return counted(Math.round((Date.parse(until) - Date.parse(from)) / 60_000), "minute");
}

function statusesOf({ byStatus }: Traffic): string {
  if (byStatus === null) return "";
  const known = (["502", "504"] as const).filter((status) => byStatus[status] > 0);
  if (known.length === 0) return " (none of them 502 or 504)";
  return ` (${known.map((status) => `${status}: ${grouped(byStatus[status])}`).join(", ")})`;
}
