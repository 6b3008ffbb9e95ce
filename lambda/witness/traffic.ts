/**
 * CloudFront's own count for a distribution over some minutes (metrics of `AWS/CloudFront`,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewing-cloudfront-metrics.html). Answers from a cache count
 * too, so that there are no errors clears nothing.
 */
export type Traffic = {
  /** ISO 8601, whole minutes; `until` is not counted any more. */
  readonly from: string;
  readonly until: string;
  /** Minutes of these for which both the requests and the share of errors are known. The numbers are of these. */
  readonly minutes: number;
  readonly requests: number;
  /** Requests answered with a status from 500. */
  readonly errors: number;
  /** Of these, by status; null where that is not known of each minute: additional metrics may not be switched on. */
  readonly byStatus: StatusCounts | null;
};

/** How many requests were answered with that status. */
export type StatusCounts = { readonly "502": number; readonly "504": number };

/** What CloudWatch gave of one metric, as it came: times in milliseconds since the epoch, and a value for each. */
export type MetricSeries = { readonly times: readonly number[]; readonly values: readonly number[] };

/** The metrics of a distribution; those by status are null where there is no such series. */
export type TrafficSeries = {
  /** `Requests`, the sum of each minute. */
  readonly requests: MetricSeries;
  /** `5xxErrorRate`, the average of each minute, in percent. */
  readonly errorRate: MetricSeries;
  readonly byStatus: { readonly "502": MetricSeries; readonly "504": MetricSeries } | null;
};

/** From that moment until just before the other one; milliseconds since the epoch, whole minutes. */
export type TimeWindow = { readonly from: number; readonly until: number };

/**
 * Counts minute by minute, because the share of a longer time is not weighted by its requests. A minute without a value,
 * or with one that cannot be, is not known, which is not the same as zero.
 */
export function trafficOf(series: TrafficSeries, { from, until }: TimeWindow): Traffic {
  const requests = byMinute(series.requests, Number.MAX_SAFE_INTEGER);
  const shares = byMinute(series.errorRate, 100);
  const known = [...requests].filter(([minute]) => minute >= from && minute < until && shares.has(minute));
  const failed = (rates: ReadonlyMap<number, number>) =>
    known.reduce((sum, [minute, count]) => sum + Math.round((count * (rates.get(minute) ?? 0)) / 100), 0);
  const statusCounts = (of: NonNullable<TrafficSeries["byStatus"]>): StatusCounts | null => {
    const [bad, late] = [byMinute(of["502"], 100), byMinute(of["504"], 100)];
    const isWhole = known.every(([minute]) => shares.get(minute) === 0 || (bad.has(minute) && late.has(minute)));
    return isWhole ? { "502": failed(bad), "504": failed(late) } : null;
  };
  return {
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
    minutes: known.length,
    requests: known.reduce((sum, [, count]) => sum + count, 0),
    errors: failed(shares),
    byStatus: series.byStatus && statusCounts(series.byStatus),
  };
}

/** The requests of a time, of the minutes that are known. */
export function requestsIn(series: MetricSeries, { from, until }: TimeWindow): number {
  const known = [...byMinute(series, Number.MAX_SAFE_INTEGER)];
  return known.reduce((sum, [minute, count]) => (minute >= from && minute < until ? sum + count : sum), 0);
}

/**
 * What to ask for next: from where the last asking ended until what CloudWatch has completely. An asking that is lost, or
 * that a clock since set back wrote down, begins an hour back. Null where nothing is new.
 *
 * @param askedUntil where the last asking ended, in milliseconds since the epoch; null where that is not known
 * @param now milliseconds since the epoch
 */
export function nextWindow(askedUntil: number | null, now: number): TimeWindow | null {
  const until = Math.floor((now - delayMs) / minuteMs) * minuteMs;
  const isLost = askedUntil === null || !Number.isFinite(askedUntil) || askedUntil > now;
  const from = isLost ? until - firstMs : Math.max(Math.ceil(askedUntil / minuteMs) * minuteMs, until - longestMs);
  return from < until ? { from, until } : null;
}

const minuteMs = 60_000;
/** CloudFront's numbers of a minute arrive within a few; how many AWS does not say. */
const delayMs = 5 * minuteMs;
const firstMs = 60 * minuteMs;
/** 500 series of so many minutes are within the 100,800 values that one call may return. */
const longestMs = 180 * minuteMs;

/** The values that can be, by the minute that they are of. */
function byMinute({ times, values }: MetricSeries, most: number): ReadonlyMap<number, number> {
  const valid = times.flatMap((time, index): (readonly [number, number])[] => {
    const value = values[index];
    const isValid = value !== undefined && value >= 0 && value <= most && time % minuteMs === 0;
    return isValid ? [[time, value]] : [];
  });
  return new Map(valid);
}
