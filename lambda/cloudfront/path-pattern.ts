/** The longest path pattern that CloudFront takes. */
const longestPattern = 255;

/**
 * Whether a path pattern of a cache behavior matches a path: `*` stands for any characters, none among them, and `?` for
 * one; everything else, case included, for itself, and the slash at the beginning may be left out
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html).
 *
 * Its work is bounded by the product of the two lengths, whatever they hold. A pattern that is too long matches nothing.
 */
export function matchesPathPattern(pattern: string, path: string): boolean {
  if (pattern.length > longestPattern) return false;
  const wanted = pattern.startsWith("/") || pattern.startsWith("*") ? pattern : `/${pattern}`;
  let [at, next] = [0, 0];
  // Where the last `*` stands, and up to where it reaches: on a mismatch it takes one character more.
  let [star, reached] = [-1, 0];
  while (at < path.length) {
    if (wanted[next] === "*") {
      [star, reached] = [next, at];
      next += 1;
    } else if (next < wanted.length && (wanted[next] === "?" || wanted[next] === path[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      reached += 1;
      [at, next] = [reached, star + 1];
    } else return false;
  }
  while (wanted[next] === "*") next += 1;
  return next === wanted.length;
}
