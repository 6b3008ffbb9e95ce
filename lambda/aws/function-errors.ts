import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { isDistributionId } from "../configuration/distribution-id.ts";
import type { FunctionErrors } from "../report/distribution-record.ts";
import type { FunctionAsking } from "../witness/askings.ts";
import { untilAborted } from "./failure.ts";

/** Series of the one call that is made, by AWS's quota. */
const mostSeries = 500;

/**
 * Asks CloudWatch how often edge functions failed, by the id of the distribution: it helps to find a cause, so where nothing
 * comes of it nothing is said. It never throws.
 *
 * CloudFront counts its own functions by their names, and Lambda@Edge by the distribution
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/monitoring-functions.html).
 */
export async function readFunctionErrors(
  client: CloudWatchClient,
  askings: readonly FunctionAsking[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly FunctionErrors[]>> {
  const series = askings.flatMap(seriesOf).slice(0, mostSeries);
  if (series.length === 0) return new Map();
  try {
    const command = new GetMetricDataCommand({
      MetricDataQueries: series.map(queryOf),
      StartTime: new Date(Math.min(...askings.map(({ window }) => window.from))),
      EndTime: new Date(Math.max(...askings.map(({ window }) => window.until))),
    });
    const { MetricDataResults: results = [] } = await untilAborted(
      client.send(command, { abortSignal: signal }),
      signal,
    );
    const counted = series.map((each, index) => {
      const { Timestamps = [], Values = [] } = results.find(({ Id }) => Id === idOf(index)) ?? {};
      const { from, until } = each.window;
      const own = Values.filter((value, place) => {
        const time = Timestamps[place]?.getTime() ?? 0;
        return time >= from && time < until && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
      });
      return { ...each, errors: own.reduce((sum, value) => sum + value, 0) };
    });
    const byDistribution = Map.groupBy(counted, ({ distributionId }) => distributionId);
    return new Map([...byDistribution].map(([id, own]) => [id, failing(own)]));
  } catch {
    return new Map();
  }
}

type Series = {
  readonly distributionId: string;
  readonly kind: FunctionErrors["kind"];
  /** The name of the function, or of those that may be meant. */
  readonly name: string;
  readonly metric: string;
  readonly dimension: { readonly Name: string; readonly Value: string };
  readonly window: FunctionAsking["window"];
};

const metrics = {
  "cloudfront-function": ["FunctionExecutionErrors", "FunctionValidationErrors", "FunctionThrottles"],
  "lambda-at-edge": ["LambdaExecutionError", "LambdaValidationError", "LambdaLimitExceededErrors"],
} as const satisfies Readonly<Record<FunctionErrors["kind"], readonly string[]>>;

function seriesOf({ distributionId, functions, window }: FunctionAsking): readonly Series[] {
  if (!isDistributionId(distributionId)) return [];
  const namesOf = (runtime: FunctionAsking["functions"][number]["runtime"]) => [
    ...new Set(functions.flatMap((each) => (each.runtime === runtime ? (nameIn(each.arn) ?? []) : []))),
  ];
  const common = { distributionId, window };
  const ofCloudFront = namesOf("cloudfront-functions").flatMap((name) =>
    metrics["cloudfront-function"].map((metric) => {
      const dimension = { Name: "FunctionName", Value: name };
      return { ...common, kind: "cloudfront-function" as const, name, metric, dimension };
    }),
  );
  const lambdas = namesOf("lambda-at-edge");
  const ofLambda = (lambdas.length === 0 ? [] : metrics["lambda-at-edge"]).map((metric) => {
    const dimension = { Name: "DistributionId", Value: distributionId };
    return { ...common, kind: "lambda-at-edge" as const, name: lambdas.join(" or "), metric, dimension };
  });
  return [...ofCloudFront, ...ofLambda];
}

/** What becomes the value of a dimension has the form that AWS gives names of functions. */
function nameIn(arn: string): string | undefined {
  return /^arn:[a-z-]+:(?:cloudfront|lambda):[a-z0-9-]*:\d{12}:function[/:]([A-Za-z0-9_-]{1,64})(?::|$)/.exec(arn)?.[1];
}

function idOf(index: number): string {
  return `m${index}`;
}

function queryOf({ metric, dimension }: Series, index: number): MetricDataQuery {
  const Dimensions = [dimension, { Name: "Region", Value: "Global" }];
  const Metric = { Namespace: "AWS/CloudFront", MetricName: metric, Dimensions };
  return { Id: idOf(index), MetricStat: { Metric, Period: 60, Stat: "Sum" } };
}

/** Those with errors, the most first. */
function failing(series: readonly (Series & { readonly errors: number })[]): readonly FunctionErrors[] {
  const byName = Map.groupBy(series, ({ kind, name }) => `${kind} ${name}`);
  return [...byName.values()]
    .flatMap(([first, ...others]): FunctionErrors[] => {
      if (first === undefined) return [];
      const errors = others.reduce((sum, each) => sum + each.errors, first.errors);
      return errors === 0 ? [] : [{ kind: first.kind, name: first.name, errors }];
    })
    .sort((a, b) => b.errors - a.errors);
}
