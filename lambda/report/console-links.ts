import type { Scope } from "../configuration/scope.ts";

/** Addresses of the AWS console in one partition and Region. */
export type ConsoleLinks = {
  /** Null where the partition's console is not known. */
  readonly distribution: (id: string) => string | null;
  readonly logGroup: (name: string) => string | null;
};

/**
 * Builds console links that fit the partition: a link to another partition's console opens a sign-in page where the
 * account does not exist.
 *
 * @param region of the log group
 */
export function consoleLinks({ partition }: Pick<Scope, "partition">, region: string): ConsoleLinks {
  const host = consoleHosts[partition ?? ""];
  if (host === undefined || !/^[a-z0-9-]{1,40}$/.test(region)) {
    return { distribution: () => null, logGroup: () => null };
  }
  return {
    // CloudFront is one for the partition, but its console address still wants some region.
    distribution: (id) =>
      `https://${host}/cloudfront/v4/home?region=${region}#/distributions/${encodeURIComponent(id.toWellFormed())}`,
    logGroup: (name) =>
      `https://${region}.${host}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${fragmentEncoded(name)}`,
  };
}

const consoleHosts: { readonly [partition: string]: string } = {
  aws: "console.aws.amazon.com",
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** The CloudWatch console encodes twice, with `$` for the outer `%`. */
function fragmentEncoded(name: string): string {
  return encodeURIComponent(encodeURIComponent(name.toWellFormed())).replaceAll("%", "$");
}
