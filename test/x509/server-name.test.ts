import { describe, expect, it } from "vitest";
import { coverageBy } from "../../lambda/x509/server-name.ts";

describe("coverageBy", () => {
  it.each([
    ["api.example.com", "api.example.com", "covered"],
    ["API.Example.COM", "api.example.com", "covered"],
    ["api.example.com", "api.example.com.", "covered"],
    ["api.example.com.", "api.example.com", "not-covered"],
    ["*.example.com.", "api.example.com", "not-covered"],
    ["*.co.uk", "example.co.uk", "covered"],
    ["*.example.com", "api.example.com", "covered"],
    ["*.example.com", "a.b.example.com", "not-covered"],
    ["*.example.com", "example.com", "not-covered"],
    ["*.example.com", ".example.com", "not-covered"],
    ["*.com", "example.com", "disputed"],
    ["*", "example", "not-covered"],
    ["f*.example.com", "foo.example.com", "disputed"],
    ["f*o.example.com", "foo.example.com", "not-covered"],
    ["*.example.com", "a_b.example.com", "disputed"],
    ["api.*.com", "api.example.com", "not-covered"],
    ["example.com", "api.example.com", "not-covered"],
    ["", "", "not-covered"],
  ])("%s covers %s: %s", (presented, serverName, expected) => {
    expect(coverageBy(presented, serverName)).toBe(expected);
  });
});
