import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import { isDistributionId } from "../configuration/distribution-id.ts";
import type { Asking, TrafficAnswer } from "../witness/askings.ts";
import { type MetricSeries, requestsIn, type TimeWindow, type Traffic, trafficOf } from "../witness/traffic.ts";
import { isBeyondThreshold } from "../witness/viewer-errors.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { untilAborted } from "./failure.ts";
import { refusal } from "./refusal.ts";

/** More distributions are not asked for in one run: those that are left come first in the next. */
export const mostTrafficAskings = 2_000;
/** Series of one call, by AWS's quota. */
const seriesPerCall = 500;
/** Calls of one run, further pages included. */
const mostCalls = 10;

/** Whether AWS says where the metrics of a partition's CloudFront are. */
export function hasTraffic(partition: string): boolean {
  return partition === "aws";
}

/**
 * A client for the one Region in which CloudFront's metrics are. Null for partitions of which AWS does not say where
 * they are.
 */
export function trafficClient(
  partition: string,
  given: Partial<ClientLimits> | CloudWatchClientConfig = {},
): CloudWatchClient | null {
  if (!hasTraffic(partition)) return null;
  return new CloudWatchClient({ ...clientLimits, retryMode: "adaptive", region: "us-east-1", ...given });
}

/**
 * Asks CloudWatch what CloudFront counted for distributions, the most important first: `Requests` and `5xxErrorRate` of
 * each, and `502ErrorRate` and `504ErrorRate` of those that have enough errors to be told: each series costs
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html). It never throws.
 */
export async function readTraffic(
  client: CloudWatchClient,
  askings: readonly Asking[],
  signal: AbortSignal,
): Promise<TrafficAnswer> {
  const asked = askings.filter(({ distributionId }) => isDistributionId(distributionId)).slice(0, mostTrafficAskings);
  const calls = callsOf(client, signal);
  const first = await calls.seriesOf(asked, ["Requests", "5xxErrorRate"]);
  const counted = (asking: Asking, byStatus: ReadonlyMap<string, MetricSeries> | null) => {
    const { distributionId: id, window } = asking;
    const requests = first.get(seriesKey(id, "Requests"));
    const errorRate = first.get(seriesKey(id, "5xxErrorRate"));
    if (requests === undefined || errorRate === undefined) return null;
    const [bad, late] = [byStatus?.get(seriesKey(id, "502ErrorRate")), byStatus?.get(seriesKey(id, "504ErrorRate"))];
    return trafficOf({ requests, errorRate, byStatus: bad && late ? { "502": bad, "504": late } : null }, window);
  };
  const withErrors = asked.filter((asking) => {
    const all = counted(asking, null);
    return all !== null && isBeyondThreshold(all);
  });
  const byStatus = await calls.seriesOf(withErrors, ["502ErrorRate", "504ErrorRate"]);
  const traffic = asked.flatMap((asking): (readonly [string, Traffic])[] => {
    const one = counted(asking, byStatus);
    return one === null ? [] : [[asking.distributionId, one]];
  });
  return { traffic: new Map(traffic), problem: calls.problem(), denied: calls.denied() };
}

/**
 * Asks CloudWatch how many requests distributions got in a time: one series of each. One of which it says nothing is not
 * in the answer. It never throws.
 */
export async function readRequests(
  client: CloudWatchClient,
  distributionIds: readonly string[],
  window: TimeWindow,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const askings = distributionIds.filter(isDistributionId).map((distributionId) => ({ distributionId, window }));
  const series = await callsOf(client, signal).seriesOf(askings, ["Requests"]);
  return new Map(
    askings.flatMap(({ distributionId: id }) => {
      const requests = series.get(seriesKey(id, "Requests"));
      return requests === undefined ? [] : [[id, requestsIn(requests, window)] as const];
    }),
  );
}

/** The statistic that is valid of each; no other is (viewing-cloudfront-metrics.html). */
const statistics = { Requests: "Sum", "5xxErrorRate": "Average", "502ErrorRate": "Average", "504ErrorRate": "Average" };
type Metric = keyof typeof statistics;

function seriesKey(distributionId: string, metric: Metric): string {
  return `${distributionId} ${metric}`;
}

/** Makes the calls of a run until there were enough of them, or until one shows that no further call can succeed. */
function callsOf(client: CloudWatchClient, signal: AbortSignal) {
  let left = mostCalls;
  let problem: string | null = null;
  let isOver = false;
  let isDenied = false;

  async function page(queries: readonly MetricDataQuery[], within: TimeWindow, token: string | undefined) {
    const command = new GetMetricDataCommand({
      MetricDataQueries: [...queries],
      StartTime: new Date(within.from),
      EndTime: new Date(within.until),
      ...(token === undefined ? {} : { NextToken: token }),
    });
    return await untilAborted(client.send(command, { abortSignal: signal }), signal);
  }

  /** The series of one call with all of its pages, by their ids; nothing where it failed. */
  async function resultsOf(
    queries: readonly MetricDataQuery[],
    within: TimeWindow,
  ): Promise<readonly MetricDataResult[]> {
    const results: MetricDataResult[] = [];
    let token: string | undefined;
    do {
      if (isOver) return [];
      if (left === 0) {
        problem ??= `a run makes ${mostCalls} calls`;
        return [];
      }
      left -= 1;
      try {
        const answer = await page(queries, within, token);
        // Without results it is the answer of somebody on the way, such as a proxy.
        if (answer.MetricDataResults === undefined) problem ??= "CloudWatch's answer could not be understood";
        results.push(...(answer.MetricDataResults ?? []));
        token = answer.NextToken;
      } catch (thrown) {
        const refused = refusal(thrown, "cloudwatch:GetMetricData in us-east-1", signal);
        problem ??= refused.error;
        isDenied ||= refused.denied;
        isOver = refused.denied || signal.aborted;
        return [];
      }
    } while (token !== undefined);
    return results;
  }

  return {
    problem: () => problem,
    denied: () => isDenied,
    /** What came of these metrics, by `seriesKey`. */
    async seriesOf(askings: readonly Asking[], metrics: readonly Metric[]): Promise<Map<string, MetricSeries>> {
      const series = new Map<string, MetricSeries>();
      const perCall = seriesPerCall / metrics.length;
      for (let start = 0; start < askings.length; start += perCall) {
        const chunk = askings.slice(start, start + perCall);
        const wanted = chunk.flatMap(({ distributionId }) => metrics.map((metric) => ({ distributionId, metric })));
        const from = Math.min(...chunk.map(({ window }) => window.from));
        const until = Math.max(...chunk.map(({ window }) => window.until));
        const results = await resultsOf(wanted.map(queryOf), { from, until });
        for (const [index, { distributionId, metric }] of wanted.entries()) {
          const own = results.filter(({ Id }) => Id === idOf(index));
          const isRefused = own.some(({ StatusCode }) => StatusCode === "InternalError" || StatusCode === "Forbidden");
          if (own.length > 0 && !isRefused) series.set(seriesKey(distributionId, metric), joined(own));
        }
      }
      return series;
    },
  };
}

/** The id of a query within its call: AWS wants it to begin with a small letter. */
function idOf(index: number): string {
  return `m${index}`;
}

function queryOf({ distributionId, metric }: { distributionId: string; metric: Metric }, index: number) {
  const Dimensions = [
    { Name: "DistributionId", Value: distributionId },
    { Name: "Region", Value: "Global" },
  ];
  const Metric = { Namespace: "AWS/CloudFront", MetricName: metric, Dimensions };
  return { Id: idOf(index), MetricStat: { Metric, Period: 60, Stat: statistics[metric] } };
}

function joined(results: readonly MetricDataResult[]): MetricSeries {
  return {
    times: results.flatMap(({ Timestamps = [] }) => Timestamps.map((time) => time.getTime())),
    values: results.flatMap(({ Values = [] }) => Values),
  };
}
