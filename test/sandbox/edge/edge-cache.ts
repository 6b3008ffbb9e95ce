import type { CachePolicySummary, DistributionSummary } from "@aws-sdk/client-cloudfront";
import type { OriginOutcome } from "./origin-exchange.ts";
import type { Behavior } from "./viewer-side.ts";

/** What is kept, and how old it is in seconds. */
export type Cached = { readonly outcome: OriginOutcome; readonly ageSeconds: number };

export type EdgeCache = {
  find(key: string, now: number): Cached | null;
  /** @param seconds how long it is good */
  keep(key: string, outcome: OriginOutcome, seconds: number, now: number): void;
};

const mostKept = 1_000;

export function edgeCache(): EdgeCache {
  const kept = new Map<string, { readonly outcome: OriginOutcome; readonly at: number; readonly until: number }>();
  return {
    find(key, now) {
      const found = kept.get(key);
      if (found === undefined || now < found.at || now >= found.until) return null;
      return { outcome: found.outcome, ageSeconds: Math.floor((now - found.at) / 1_000) };
    },
    keep(key, outcome, seconds, now) {
      if (seconds <= 0) return;
      kept.delete(key);
      kept.set(key, { outcome, at: now, until: now + seconds * 1_000 });
      const [oldest] = kept.keys();
      if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    },
  };
}

/** Statuses of errors that CloudFront keeps: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html */
const keptErrors = new Set([404, 414, 500, 501, 502, 503, 504]);
const usualErrorSeconds = 10;

/**
 * For how long an outcome is kept: as the origin says within the bounds of the cache policy, and an error for as long as
 * the distribution says. Under a policy that caches nothing, errors are not kept either.
 */
export function keptSeconds(
  outcome: OriginOutcome,
  distribution: DistributionSummary,
  behavior: Behavior,
  policies: readonly CachePolicySummary[],
): number {
  const { CachePolicy } = policies.find((each) => each.CachePolicy?.Id === behavior.CachePolicyId) ?? {};
  const { MinTTL = 0, DefaultTTL = 0, MaxTTL = 0 } = CachePolicy?.CachePolicyConfig ?? behavior;
  if (MaxTTL === 0) return 0;
  const maxAge = maxAgeOf(outcome);
  if (outcome.status >= 400) {
    if (!keptErrors.has(outcome.status)) return 0;
    const own = distribution.CustomErrorResponses?.Items?.find(({ ErrorCode }) => ErrorCode === outcome.status);
    return Math.max(own?.ErrorCachingMinTTL ?? usualErrorSeconds, maxAge ?? 0);
  }
  return Math.min(Math.max(maxAge ?? DefaultTTL, MinTTL), MaxTTL);
}

function maxAgeOf(outcome: OriginOutcome): number | null {
  const given = outcome.kind === "answer" ? (outcome.headers["cache-control"] ?? "") : "";
  if (/no-store|no-cache|private/.test(given)) return 0;
  const seconds = /(?:s-maxage|max-age)=(\d{1,9})/.exec(given)?.[1];
  return seconds === undefined ? null : Number(seconds);
}
