import { matchesPathPattern } from "../cloudfront/path-pattern.ts";
import type { CacheBehavior, Distribution, ErrorPage } from "../configuration/distribution.ts";

/**
 * The pages of custom error responses by the behavior that serves them: the first one whose path pattern matches
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/creating-custom-error-pages.html).
 */
export function errorPagesOf({
  behaviors,
  errorPages = [],
}: Distribution): ReadonlyMap<CacheBehavior, readonly ErrorPage[]> {
  const served = errorPages.flatMap((page) => {
    const behavior = behaviors.find(({ pathPattern }) => matchesPathPattern(pathPattern, page.path));
    return behavior === undefined ? [] : [{ behavior, page }];
  });
  const groups = Map.groupBy(served, ({ behavior }) => behavior);
  return new Map([...groups].map(([behavior, pages]) => [behavior, pages.map(({ page }) => page)]));
}
