import { describe, expect, it } from "vitest";
import { flat, sharedList, sharedObject, sharedText } from "../../lambda/text/shared.ts";

describe("what is equal is kept once", () => {
  it("as a list or an object, and says the same", () => {
    const [list, equal, other] = [sharedList(["GET", "HEAD"]), sharedList(["GET", "HEAD"]), sharedList(["GET,HEAD"])];
    expect(equal).toBe(list);
    expect(list).toEqual(["GET", "HEAD"]);
    expect(other).toEqual(["GET,HEAD"]);
    const object = sharedObject({ port: 443, versions: ["TLSv1.2"] });
    expect(sharedObject({ port: 443, versions: ["TLSv1.2"] })).toBe(object);
    expect(sharedObject({ port: 444, versions: ["TLSv1.2"] })).toEqual({ port: 444, versions: ["TLSv1.2"] });
  });

  it("unless a list is changed afterwards by whoever made it", () => {
    const own = ["h2"];
    const kept = sharedList(own);
    own.push("http/1.1");
    expect(kept).toEqual(["h2"]);
    expect(sharedList(["h2"])).toEqual(["h2"]);
  });

  it("as a text, whatever is in it and however much there is", () => {
    for (const text of ["", "a", "x".repeat(2_000), "__proto__"]) expect(sharedText(text)).toBe(text);
    expect(sharedText(null)).toBeNull();
    const many = Array.from({ length: 12_000 }, (_, index) => sharedText(`origin-${index}`));
    expect(new Set(many).size).toBe(12_000);
    expect(sharedText("origin-0")).toBe("origin-0");
  });
});

it("puts a text into one piece, which says the same", () => {
  const pieces = ["-servername ", "exämple.com", " </dev/null"].reduce((all, piece) => all + piece, "openssl ");
  expect(flat(pieces)).toBe("openssl -servername exämple.com </dev/null");
  expect(flat(null)).toBeNull();
});
