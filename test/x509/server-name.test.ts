import { describe, expect, it } from "vitest";
import { nameCovers } from "../../lambda/x509/server-name.ts";

describe("nameCovers", () => {
  it.each([
    ["api.example.com", "api.example.com", true],
    ["API.Example.COM", "api.example.com", true],
    ["api.example.com", "api.example.com.", true],
    ["api.example.com.", "api.example.com", false],
    ["*.example.com.", "api.example.com", false],
    ["*.co.uk", "example.co.uk", true],
    ["*.example.com", "api.example.com", true],
    ["*.example.com", "a.b.example.com", false],
    ["*.example.com", "example.com", false],
    ["*.example.com", ".example.com", false],
    ["*.com", "example.com", false],
    ["*", "example", false],
    ["f*.example.com", "foo.example.com", false],
    ["api.*.com", "api.example.com", false],
    ["example.com", "api.example.com", false],
    ["", "", false],
  ])("%s covers %s: %s", (presented, serverName, expected) => {
    expect(nameCovers(presented, serverName)).toBe(expected);
  });
});
