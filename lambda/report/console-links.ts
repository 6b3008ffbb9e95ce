import { isDistributionId } from "../configuration/distribution-id.ts";
import type { Scope } from "../configuration/scope.ts";

/** Addresses of the AWS console in one partition and Region. */
export type ConsoleLinks = {
  /** Null where the partition's console is not known, and for what is no id. */
  readonly distribution: (id: string) => string | null;
  readonly logGroup: (name: string) => string | null;
  readonly dashboard: (name: string) => string | null;
};

/**
 * Builds console links for the partition: another partition's console has a sign-in page where the account does not
 * exist.
 *
 * @param region of the log group and the dashboard
 */
export function consoleLinks({ partition }: Pick<Scope, "partition">, region: string): ConsoleLinks {
  const host = consoles.get(partition ?? "")?.host;
  if (host === undefined || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    return { distribution: () => null, logGroup: () => null, dashboard: () => null };
  }
  return {
    distribution: (id) => distributionAt(host, region, id),
    logGroup: (name) =>
      logGroupName.test(name)
        ? `https://${region}.${host}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${fragmentEncoded(name)}`
        : null,
    dashboard: (name) =>
      dashboardName.test(name)
        ? `https://${region}.${host}/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`
        : null,
  };
}

/** The same for a distribution alone, where the Region of a function is not known, as on a page. */
export function distributionLink({ partition }: Pick<Scope, "partition">, id: string): string | null {
  const console = consoles.get(partition ?? "");
  return console === undefined ? null : distributionAt(console.host, console.region, id);
}

/** CloudFront is global in a partition, but its console address needs a Region. */
function distributionAt(host: string, region: string, id: string): string | null {
  return isDistributionId(id) ? `https://${host}/cloudfront/v4/home?region=${region}#/distributions/${id}` : null;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
const logGroupName = /^[A-Za-z0-9._/#-]{1,512}$/;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html */
const dashboardName = /^[A-Za-z0-9_-]{1,255}$/;

/** By partition, with a Region that each account of it has. */
const consoles: ReadonlyMap<string, { readonly host: string; readonly region: string }> = new Map([
  ["aws", { host: "console.aws.amazon.com", region: "us-east-1" }],
  ["aws-cn", { host: "console.amazonaws.cn", region: "cn-northwest-1" }],
  ["aws-us-gov", { host: "console.amazonaws-us-gov.com", region: "us-gov-west-1" }],
]);

/** The CloudWatch console encodes twice, with `$` for the outer `%`. */
function fragmentEncoded(name: string): string {
  return encodeURIComponent(encodeURIComponent(name)).replaceAll("%", "$");
}
