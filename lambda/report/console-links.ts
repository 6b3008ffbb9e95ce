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
  const host = consoleHosts.get(partition ?? "");
  if (host === undefined || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    return { distribution: () => null, logGroup: () => null, dashboard: () => null };
  }
  return {
    // CloudFront is global in a partition, but its console address needs a Region.
    distribution: (id) =>
      isDistributionId(id) ? `https://${host}/cloudfront/v4/home?region=${region}#/distributions/${id}` : null,
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

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
const logGroupName = /^[A-Za-z0-9._/#-]{1,512}$/;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html */
const dashboardName = /^[A-Za-z0-9_-]{1,255}$/;

const consoleHosts: ReadonlyMap<string, string> = new Map([
  ["aws", "console.aws.amazon.com"],
  ["aws-cn", "console.amazonaws.cn"],
  ["aws-us-gov", "console.amazonaws-us-gov.com"],
]);

/** The CloudWatch console encodes twice, with `$` for the outer `%`. */
function fragmentEncoded(name: string): string {
  return encodeURIComponent(encodeURIComponent(name)).replaceAll("%", "$");
}
