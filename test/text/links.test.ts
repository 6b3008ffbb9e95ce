import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutLinks } from "../../lambda/text/links.ts";

const own = "https://docs.aws.amazon.com/a.html";

describe("withoutLinks", () => {
  test.each([
    ["Published at http://ca.test/issuing.crt (in DER)", "Published at ca.test/issuing.crt (in DER)"],
    ["HTTPS://EVIL.test ftp://x a+b-c.d://y", "EVIL.test x y"],
    [`Rule: ${own}\nSee (${own}), and ${own}.`, `Rule: ${own}\nSee (${own}), and ${own}.`],
    [`${own}@evil.test https://docs.aws.amazon.com/b`, "docs.aws.amazon.com/a.html@evil.test docs.aws.amazon.com/b"],
    [`x,${own}`, "x,docs.aws.amazon.com/a.html"],
    ["http:x:////evil.test", "http:/evil.test"],
    ["(s3:GetObject on s3://bucket/state.json). s3://b/https://x", "(s3:GetObject on s3://bucket/state.json). b/x"],
    ["key: //comment 1:2 a:b", "key: //comment 1:2 a:b"],
  ])("of %j leaves %j", (text, left) => {
    expect(withoutLinks(text, new Set([own]))).toBe(left);
  });

  test("leaves no address of which a link could be made, however it is put together", () => {
    const piece = fc.constantFrom("http", "https", ":", "/", "//", "://", "x", " ", "evil.test", own, "(", ".");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const left = withoutLinks(pieces.join(""), new Set([own]));
        const links = left.split(/\s+/).filter((word) => word.includes("://"));
        expect(links.filter((word) => word.replace(/^\(|[).,;:]{1,3}$/g, "") !== own)).toEqual([]);
        expect(left.length).toBeLessThanOrEqual(pieces.join("").length);
        expect(withoutLinks(left, new Set([own]))).toBe(left);
      }),
      { numRuns: 2_000 },
    );
  });
});
