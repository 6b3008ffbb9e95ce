import type { CacheBehavior, DistributionSummary } from "@aws-sdk/client-cloudfront";

/** The behavior that a request is served by: of the default one there is no pattern. */
export type Behavior = Omit<CacheBehavior, "PathPattern">;

/** Whether one of its names, or a wildcard of it, is this one. */
export function servesName({ DomainName, Aliases }: DistributionSummary, name: string): boolean {
  const wanted = name.toLowerCase();
  return [DomainName ?? "", ...(Aliases?.Items ?? [])].some((each) => {
    const own = each.toLowerCase();
    return own === wanted || (own.startsWith("*.") && wanted.slice(wanted.indexOf(".")) === own.slice(1));
  });
}

/**
 * The enabled distribution that viewers reach by this name. Staging and multi-tenant ones have no door of their own. One
 * that has the name itself comes before one with a wildcard.
 */
export function distributionAt(
  distributions: readonly DistributionSummary[],
  name: string,
): DistributionSummary | undefined {
  const serving = distributions.filter(
    (each) => each.Enabled && !each.Staging && each.ConnectionMode !== "tenant-only" && servesName(each, name),
  );
  return serving.find(({ Aliases }) => Aliases?.Items?.includes(name)) ?? serving[0];
}

/**
 * The first behavior whose pattern matches, else the default one. Written apart from the product, so that the one checks
 * the other (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html).
 */
export function behaviorFor({ CacheBehaviors, DefaultCacheBehavior }: DistributionSummary, path: string): Behavior {
  const found = CacheBehaviors?.Items?.find(({ PathPattern }) => patternOf(PathPattern ?? "").test(path));
  if (found === undefined && DefaultCacheBehavior === undefined) throw new Error("a distribution without a behavior");
  return found ?? (DefaultCacheBehavior as Behavior);
}

function patternOf(pattern: string): RegExp {
  const wanted = /^[/*]/.test(pattern) ? pattern : `/${pattern}`;
  const literal = (part: string) => part.replaceAll(/[.+^${}()|[\]\\/]/g, "\\$&").replaceAll("?", ".");
  return new RegExp(`^${wanted.split("*").map(literal).join(".*")}$`, "s");
}

/** Whether only signed URLs or cookies are let through. */
export function isSignedOnly({ TrustedSigners, TrustedKeyGroups }: Behavior): boolean {
  return TrustedSigners?.Enabled === true || TrustedKeyGroups?.Enabled === true;
}
