import { matchesPathPattern } from "../cloudfront/path-pattern.ts";

/** What every path begins with that nobody named, up to its token: owners find it in their logs by this. */
export const pathMark = "origin-watch-check-";

/** Whether it can be asked for: the characters of CloudFront's path patterns without its wildcards, and nothing that a server resolves. */
export function isAskablePath(path: string): boolean {
  return /^\/[A-Za-z0-9_.$/~"'@:+&-]{0,511}$/.test(path) && !/\/\/|\/\.{1,2}(?:\/|$)/.test(path);
}

/**
 * A path that nobody asked for before, so that no cache has an answer to it: it matches the pattern, and none of the
 * patterns before it, by which CloudFront would take another behavior. Null where there is none; a pattern without `*`
 * leaves no room for one.
 *
 * @param earlier the patterns that CloudFront compares before
 * @param token a word of letters and digits that is used once
 */
export function freshPath(pattern: string, earlier: readonly string[], token: string): string | null {
  const stars = pattern.split("*").length - 1;
  const mark = `${pathMark}${token}`;
  // The mark stands for one `*`, the last one first; the others stand for nothing, or for a word where nothing does not do.
  for (let marked = stars - 1; marked >= 0; marked -= 1) {
    for (const other of ["", token]) {
      const path = filled(pattern, (star) => (star === marked ? mark : other));
      const isTaken = earlier.some((each) => matchesPathPattern(each, path));
      if (isAskablePath(path) && matchesPathPattern(pattern, path) && !isTaken) return path;
    }
  }
  return null;
}

function filled(pattern: string, wordFor: (star: number) => string): string {
  let star = -1;
  const path = pattern.replace(/[*?]/g, (wildcard) => {
    if (wildcard === "?") return "x";
    star += 1;
    return wordFor(star);
  });
  return path.startsWith("/") ? path : `/${path}`;
}

/** The tag by which the owner of a distribution names the path to ask for, or says `never`. */
export const checkPathTag = "origin-watch:check-path";

/** What the owner says of asking through the distribution. */
export type CheckPath =
  | { readonly kind: "unsaid" }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "never" }
  /** The tag has a value that is neither a path nor `never`: nothing is asked until somebody corrects it. */
  | { readonly kind: "invalid" };

/** @param value of the tag, undefined where the distribution has none */
export function readCheckPath(value: string | undefined): CheckPath {
  if (value === undefined) return { kind: "unsaid" };
  if (value === "never") return { kind: "never" };
  const isPath = /^\/[A-Za-z0-9._~/-]{0,255}$/.test(value) && isAskablePath(value);
  return isPath ? { kind: "path", path: value } : { kind: "invalid" };
}
