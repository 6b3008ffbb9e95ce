import { hourMs } from "../text/instant.ts";
import type { Traffic } from "./traffic.ts";

/** What CloudFront's count says of the errors that viewers get. */
export type ViewerErrors =
  /** Too few to be told, or nothing is known. `asksAgain`: one asking is over the threshold, so the next run has to ask. */
  | { readonly kind: "below"; readonly asksAgain: boolean }
  /** Enough to be told, with the status that most of them have; `5xx` where CloudFront does not count by status. */
  | { readonly kind: "viewers-get-errors"; readonly effect: CountedEffect }
  /** Enough, but neither 502 nor 504: the origin's or a function's own errors. */
  | { readonly kind: "other-errors"; readonly asksAgain: boolean };

export type CountedEffect = "502" | "504" | "5xx";

/** The code of a finding about a distribution whose viewers get errors. */
export const viewersGetErrors = "viewers-get-errors";

/**
 * Whether viewers get errors: a twentieth of the requests in two askings in a row, or half of them in one, and no fewer
 * than 20 errors. Where CloudFront counts by status, only 502 and 504 matter.
 *
 * @param last the asking before, null where there was none or it is lost
 * @param current what this asking counted
 */
export function viewerErrors(last: Traffic | null, current: Traffic): ViewerErrors {
  // One below the threshold decides nothing, and may not have been asked by status.
  const previous = last?.until === current.from && isBeyondThreshold(last) ? last : null;
  const countsStatus = [current, ...(previous === null ? [] : [previous])].every(
    ({ byStatus, errors }) => byStatus !== null || errors === 0,
  );
  if (countsStatus) {
    const gateway = judged(previous, current, gatewayErrors);
    if (gateway !== "enough") {
      const isOther = judged(previous, current, allErrors) === "enough";
      return { kind: isOther ? "other-errors" : "below", asksAgain: gateway === "once" };
    }
    const { "502": bad, "504": late } = current.byStatus ?? { "502": 0, "504": 0 };
    return { kind: "viewers-get-errors", effect: bad >= late ? "502" : "504" };
  }
  const all = judged(previous, current, allErrors);
  return all === "enough"
    ? { kind: "viewers-get-errors", effect: "5xx" }
    : { kind: "below", asksAgain: all === "once" };
}

/** Whether errors with that status would be enough to be told, if there were no others. */
export function statusBeyondThreshold(status: "502" | "504", last: Traffic | null, current: Traffic): boolean {
  const only = (traffic: Traffic): Traffic => {
    const errors = traffic.byStatus?.[status] ?? 0;
    return { ...traffic, errors, byStatus: { "502": 0, "504": 0, [status]: errors } };
  };
  return viewerErrors(last && only(last), only(current)).kind === "viewers-get-errors";
}

/** Whether the share of errors is worth a second asking, and worth knowing by status. */
export function isBeyondThreshold({ requests, errors }: Traffic): boolean {
  return requests > 0 && errors / requests >= fewShare;
}

/**
 * Since when the share has been below the threshold, after one more asking; null where it is not. An asking in which
 * nobody asked for anything, or of which nothing is known, shows nothing and changes nothing.
 */
export function belowSince(before: string | null, current: Traffic): string | null {
  if (current.requests === 0) return before;
  const errors = current.byStatus === null ? current.errors : gatewayErrors(current);
  if (errors / current.requests >= fewShare) return null;
  // One that is later was written by a clock that has been set back since.
  return before !== null && Date.parse(before) <= Date.parse(current.from) ? before : current.from;
}

/** The share has been below for an hour, so that what was told is over. */
export function isOver(since: string | null, { until }: Traffic): boolean {
  return since !== null && Date.parse(until) - Date.parse(since) >= hourMs;
}

/** Of all requests, in two askings in a row; and in a single one. */
const fewShare = 0.05;
const manyShare = 0.5;
/** Errors below which no share is told: three requests at night are no outage. */
const leastErrors = 20;

type Count = (traffic: Traffic) => number;

function judged(previous: Traffic | null, current: Traffic, count: Count): "enough" | "once" | "below" {
  const hasShare = (traffic: Traffic, share: number) =>
    traffic.requests > 0 && count(traffic) / traffic.requests >= share;
  if (hasShare(current, manyShare) && count(current) >= leastErrors) return "enough";
  if (!hasShare(current, fewShare)) return "below";
  if (previous === null || !hasShare(previous, fewShare)) return "once";
  return count(previous) + count(current) >= leastErrors ? "enough" : "once";
}

function allErrors({ errors }: Traffic): number {
  return errors;
}

function gatewayErrors({ byStatus }: Traffic): number {
  return byStatus === null ? 0 : byStatus["502"] + byStatus["504"];
}
