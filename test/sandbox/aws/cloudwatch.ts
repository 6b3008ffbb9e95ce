import { json, jsonError } from "./events.ts";
import type { AwsReply, Service } from "./exchange.ts";

/** What CloudFront counted, as CloudWatch has it: values by the minute, by `DISTRIBUTION METRIC` or `FUNCTION METRIC`. */
export type MetricStore = {
  readonly series: Map<string, ReadonlyMap<number, number>>;
  /** What CloudWatch says of a series in place of `Complete`. */
  readonly statusCodes: Map<string, string>;
  /** Results on one page; what is beyond comes with a token. @default 500 */
  pageSize: number;
};

type Query = {
  readonly Id?: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric?: {
      readonly Namespace?: string;
      readonly MetricName?: string;
      readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period?: number;
    readonly Stat?: string;
  };
};

type Asked = {
  readonly MetricDataQueries?: readonly Query[];
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly NextToken?: string;
};

/** CloudWatch's GetMetricData in JSON 1.0, for metrics of CloudFront. A metric without a series has an empty result. */
export function cloudWatchService(store: MetricStore): Service {
  return {
    operation(request) {
      if (request.headers["x-amz-target"] !== "GraniteServiceVersion20100801.GetMetricData") return undefined;
      const asked = JSON.parse(request.body.toString("utf8")) as Asked;
      return { action: "cloudwatch:GetMetricData", resource: "*", perform: () => answer(asked, store) };
    },
    error: jsonError,
    throttled: jsonError(400, "ThrottlingException", "Rate exceeded"),
    denied: (action, resource) =>
      jsonError(403, "AccessDenied", `User is not authorized to perform: ${action} on resource: ${resource}`),
  };
}

function answer(
  { MetricDataQueries: queries = [], StartTime, EndTime, NextToken }: Asked,
  store: MetricStore,
): AwsReply {
  const problem = problemOf(queries, StartTime, EndTime);
  if (problem !== undefined) return jsonError(400, "ValidationError", problem);
  const first = Number(NextToken ?? 0);
  const last = first + store.pageSize;
  const results = queries.slice(first, last).map(({ Id, MetricStat }) => {
    const { MetricName, Dimensions = [] } = MetricStat?.Metric ?? {};
    const distribution =
      Dimensions.find(({ Name }) => Name === "DistributionId" || Name === "FunctionName")?.Value ?? "";
    const minutes = [...(store.series.get(`${distribution} ${MetricName}`) ?? [])]
      .filter(([minute]) => minute >= (StartTime ?? 0) * 1_000 && minute < (EndTime ?? 0) * 1_000)
      // The newest first, as CloudWatch does unless asked.
      .toSorted(([a], [b]) => b - a);
    return {
      Id,
      Label: MetricName,
      StatusCode: store.statusCodes.get(`${distribution} ${MetricName}`) ?? "Complete",
      Timestamps: minutes.map(([minute]) => minute / 1_000),
      Values: minutes.map(([, value]) => (Number.isFinite(value) ? value : String(value))),
    };
  });
  return json(200, {
    MetricDataResults: results,
    Messages: [],
    ...(last < queries.length ? { NextToken: String(last) } : {}),
  });
}

/** What the API reference requires, as far as it concerns what the product sends. */
function problemOf(queries: readonly Query[], start: number | undefined, end: number | undefined): string | undefined {
  if (queries.length === 0 || queries.length > 500) return "1 to 500 queries";
  if (start === undefined || end === undefined || start >= end) return "StartTime must be before EndTime";
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length) return "two queries have the same Id";
  if ((queries.length * (end - start)) / 60 > 100_800) return "more than 100,800 data points";
  for (const { Id, Expression, MetricStat } of queries) {
    const { Metric, Period, Stat } = MetricStat ?? {};
    if (!/^[a-z]\w*$/.test(Id ?? "")) return `Id ${Id}`;
    if (Expression !== undefined) return "the sandbox evaluates no expression";
    if (Metric?.Namespace !== "AWS/CloudFront") return "the sandbox has metrics of CloudFront only";
    const isSum = /^(?:Requests$|Function|Lambda)/.test(Metric.MetricName ?? "");
    if (Stat !== (isSum ? "Sum" : "Average")) return `Stat of ${Metric.MetricName}`;
    if (Metric.Dimensions?.find(({ Name }) => Name === "Region")?.Value !== "Global") return "Region is Global";
    if (Period !== 60) return "the sandbox has periods of a minute only";
  }
  return undefined;
}
