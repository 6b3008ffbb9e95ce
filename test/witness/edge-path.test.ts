import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freshPath, isAskablePath, pathMark, readCheckPath } from "../../lambda/witness/edge-path.ts";

const token = "k7f3q9";

/** CloudFront's matching once more, by the words of its documentation and by other means: a regular expression. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.startsWith("/") || pattern.startsWith("*") ? pattern : `/${pattern}`;
  const expression = wanted
    .replaceAll(/[.+^$(){}|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${expression}$`).test(path);
}

const patterns = fc
  .array(fc.constantFrom("/", "*", "?", "a", "b", ".", "api", "origin", "-", ".jpg", "~"), {
    minLength: 1,
    maxLength: 7,
  })
  .map((parts) => parts.join(""));

describe("a fresh path", () => {
  it.each([
    ["*", "/origin-watch-check-k7f3q9"],
    ["/api/*", "/api/origin-watch-check-k7f3q9"],
    ["api/*", "/api/origin-watch-check-k7f3q9"],
    ["*.jpg", "/origin-watch-check-k7f3q9.jpg"],
    ["/img*", "/imgorigin-watch-check-k7f3q9"],
    ["/v?/*", "/vx/origin-watch-check-k7f3q9"],
    ["/a*/b/*.css", "/a/b/origin-watch-check-k7f3q9.css"],
    // An empty first part would leave a double slash.
    ["/*/b/*", "/k7f3q9/b/origin-watch-check-k7f3q9"],
  ])("for %s is %s", (pattern, path) => {
    expect(freshPath(pattern, [], token)).toBe(path);
  });

  it.each([
    ["a pattern that is one path", "/index.html", []],
    ["a pattern that an earlier one covers", "/api/*", ["/a*"]],
    ["a pattern that an earlier one covers by the mark", "/api/*", ["*origin-watch*"]],
    ["a pattern with what cannot be asked for", "/ä/*", []],
    ["a pattern that ends above itself", "/../*", []],
  ])("is none for %s", (_, pattern, earlier) => {
    expect(freshPath(pattern, earlier, token)).toBeNull();
  });

  it("gives way to an earlier pattern where another place for the mark does", () => {
    expect(freshPath("/a/*/b*", ["/a/k*", "/a//*", "*-check-k7f3q9"], token)).toBe("/a/origin-watch-check-k7f3q9/b");
  });

  it("matches its pattern and no earlier one, and is fresh, whatever the patterns are", () => {
    let found = 0;
    fc.assert(
      fc.property(patterns, fc.array(patterns, { maxLength: 4 }), (pattern, earlier) => {
        const path = freshPath(pattern, earlier, token);
        if (path === null) return;
        found += 1;
        expect(path).toContain(`${pathMark}${token}`);
        expect(path).toMatch(/^\/(?!.*\/\/)(?!.*\/\.{1,2}(?:\/|$))[!-~]*$/);
        expect(isAskablePath(path)).toBe(true);
        expect([pattern, path, matches(pattern, path)]).toEqual([pattern, path, true]);
        for (const each of earlier) expect([each, path, matches(each, path)]).toEqual([each, path, false]);
      }),
      { numRuns: 2_000 },
    );
    expect(found).toBeGreaterThan(300);
  });

  it("is found wherever a pattern has room for one and nothing stands before it", () => {
    fc.assert(
      fc.property(patterns, (pattern) => {
        fc.pre(pattern.includes("*") && !/\/\/|\/\.|\?/.test(pattern) && !pattern.startsWith("."));
        expect([pattern, freshPath(pattern, [], token)]).not.toContain(null);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the tag of a distribution", () => {
  it.each([
    [undefined, { kind: "unsaid" }],
    ["never", { kind: "never" }],
    ["/health", { kind: "path", path: "/health" }],
    ["/a/b.c~d-e_f", { kind: "path", path: "/a/b.c~d-e_f" }],
    ["", { kind: "invalid" }],
    ["health", { kind: "invalid" }],
    ["https://example.com/health", { kind: "invalid" }],
    ["/health?x=1", { kind: "invalid" }],
    ["/a b", { kind: "invalid" }],
    ["/a\r\nX-Injected: 1", { kind: "invalid" }],
    ["/a%0d%0aX-Injected:1", { kind: "invalid" }],
    ["//evil.example/", { kind: "invalid" }],
    ["/../etc", { kind: "invalid" }],
    ["/a/..", { kind: "invalid" }],
    [`/${"a".repeat(256)}`, { kind: "invalid" }],
  ])("%j is read", (value, expected) => {
    expect(readCheckPath(value)).toEqual(expected);
  });
});
