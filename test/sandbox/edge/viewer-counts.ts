import type { MetricStore } from "../aws/cloudwatch.ts";

/** What viewers were answered in one minute: how many requests, and how many of them with which status of 500 and above. */
export type MinuteCount = { readonly requests: number; readonly errors?: Readonly<Record<number, number>> };

/** CloudFront's own count of what viewers were answered, as CloudWatch shows it. */
export type ViewerCounts = {
  /** One request that was answered with this status at that time, milliseconds since the epoch. */
  add(distributionId: string, status: number, at: number): void;
  /**
   * Every minute of a time was like this, without anybody asking. What was counted of these minutes before is forgotten,
   * and a minute without requests has no value, as CloudWatch has none.
   *
   * @param from milliseconds since the epoch; the minute that it is in is the first one
   * @param until not counted any more
   */
  script(distributionId: string, from: number, until: number, minute: MinuteCount): void;
  /** Switches the additional, paid metrics of a distribution on or off: `502ErrorRate` and its like. @default off */
  setAdditionalMetrics(distributionId: string, on: boolean): void;
};

const minuteMs = 60_000;
/** Of one call, so that a time in the wrong unit does not fill the memory: CloudWatch keeps minutes for 15 days. */
const mostMinutes = 15 * 24 * 60;
const additional = [502, 503, 504];

/** Counts into `store` what CloudFront would count: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html */
export function viewerCounts(store: MetricStore): ViewerCounts {
  const counted = new Map<string, Map<number, MinuteCount>>();
  const switchedOn = new Set<string>();

  function show(id: string): void {
    const minutes = [...(counted.get(id) ?? [])].filter(([, { requests }]) => requests > 0);
    const series = (metric: string, value: (count: MinuteCount) => number) =>
      store.series.set(`${id} ${metric}`, new Map(minutes.map(([minute, count]) => [minute, value(count)])));
    const share = (count: MinuteCount, isCounted: (status: number) => boolean) => {
      const errors = Object.entries(count.errors ?? {}).filter(([status]) => isCounted(Number(status)));
      return (100 * errors.reduce((sum, [, times]) => sum + times, 0)) / count.requests;
    };
    series("Requests", ({ requests }) => requests);
    series("5xxErrorRate", (count) => share(count, () => true));
    for (const status of additional) {
      if (switchedOn.has(id)) series(`${status}ErrorRate`, (count) => share(count, (each) => each === status));
      else store.series.delete(`${id} ${status}ErrorRate`);
    }
  }

  function minutesOf(id: string): Map<number, MinuteCount> {
    const minutes = counted.get(id) ?? new Map<number, MinuteCount>();
    counted.set(id, minutes);
    return minutes;
  }

  return {
    add(id, status, at) {
      const minutes = minutesOf(id);
      const minute = Math.floor(at / minuteMs) * minuteMs;
      const { requests, errors = {} } = minutes.get(minute) ?? { requests: 0 };
      const changed = status < 500 ? errors : { ...errors, [status]: (errors[status] ?? 0) + 1 };
      minutes.set(minute, { requests: requests + 1, errors: changed });
      show(id);
    },
    script(id, from, until, count) {
      const minutes = minutesOf(id);
      const first = Math.floor(from / minuteMs) * minuteMs;
      if ((until - first) / minuteMs > mostMinutes) throw new Error(`more than ${mostMinutes} minutes`);
      for (let minute = first; minute < until; minute += minuteMs) minutes.set(minute, count);
      show(id);
    },
    setAdditionalMetrics(id, on) {
      if (on) switchedOn.add(id);
      else switchedOn.delete(id);
      show(id);
    },
  };
}
