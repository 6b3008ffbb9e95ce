import { describe, expect, it } from "vitest";
import { matchesPathPattern } from "../../lambda/cloudfront/path-pattern.ts";
import type { CacheBehavior, Distribution, EdgeFunction } from "../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import type { Use } from "../../lambda/plan/connection.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { allViewer, behavior, customOrigin, distribution } from "./fixtures.ts";

const api = customOrigin("api.example.com", { id: "api" });
const rewrite: EdgeFunction = { arn: "arn:rewrite", eventType: "viewer-request", runtime: "cloudfront-functions" };
const auth: EdgeFunction = { arn: "arn:auth", eventType: "viewer-request", runtime: "lambda-at-edge" };
const route: EdgeFunction = { arn: "arn:route", eventType: "origin-request", runtime: "lambda-at-edge" };

function usesOf(...distributions: readonly Distribution[]): readonly Use[] {
  return plan(distributions, noPolicies).connections.flatMap(({ connection }) => connection.uses);
}

function on(edgeFunctions: readonly EdgeFunction[], more: Partial<CacheBehavior> = {}): CacheBehavior {
  return behavior({ targetOriginId: "api", edgeFunctions, ...more });
}

function functionsOn(...behaviors: readonly CacheBehavior[]) {
  return usesOf(distribution({ origins: [api], behaviors }))[0]?.functionsBefore;
}

describe("what stands before an origin", () => {
  it.each([
    ["a CloudFront function for viewer requests", [rewrite], false],
    ["Lambda@Edge for viewer requests", [auth], false],
    ["Lambda@Edge for origin requests", [route], true],
    ["both", [route, auth], false],
  ] as const)("is %s", (_, functions, afterDns) => {
    const expected = functions.map((each) => ({ ...each, pathPattern: "*" }));
    expect(functionsOn(on(functions))).toEqual({ functions: expected, afterDns });
  });

  it.each([
    ["nothing", []],
    ["a function for viewer responses", [{ ...rewrite, eventType: "viewer-response" }]],
    ["a function for origin responses", [{ ...route, eventType: "origin-response" }]],
    ["an event that is not known", [{ ...rewrite, eventType: "connection-request" }]],
  ] as const)("is not %s", (_, functions) => {
    expect(functionsOn(on(functions))).toBeUndefined();
  });

  it("must stand on every behavior that leads to the origin, also on those of other connections", () => {
    expect(functionsOn(on([rewrite], { pathPattern: "/a/*" }), on([]))).toBeUndefined();
    const other = on([], { pathPattern: "/a/*", originRequestPolicyId: allViewer });
    const uses = usesOf(
      distribution({ aliases: ["www.example.com"], origins: [api], behaviors: [other, on([rewrite])] }),
    );
    expect(uses.length).toBeGreaterThan(1);
    expect(uses.map(({ functionsBefore }) => functionsBefore)).toEqual(uses.map(() => undefined));
  });

  it("resolves the name first where one behavior has only a function for origin requests", () => {
    const found = functionsOn(on([rewrite], { pathPattern: "/a/*" }), on([route]));
    expect(found).toMatchObject({ afterDns: true, functions: [{ pathPattern: "/a/*" }, { pathPattern: "*" }] });
  });

  it("does not stand before a connection that another distribution makes without", () => {
    const [first, second] = usesOf(
      distribution({ id: "E1", origins: [api], behaviors: [on([rewrite])] }),
      distribution({ id: "E2", origins: [api], behaviors: [on([])] }),
    );
    expect(first?.functionsBefore).toBeDefined();
    expect(second?.functionsBefore).toBeUndefined();
  });

  it("names a function once, with the first behavior, and no more than 20", () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      on([{ ...rewrite, arn: `arn:${index % 25}` }], { pathPattern: `/${index}/*` }),
    );
    const found = functionsOn(...many);
    expect(found?.functions.map(({ arn }) => arn)).toEqual(Array.from({ length: 20 }, (_, index) => `arn:${index}`));
    expect(found?.functions[0]?.pathPattern).toBe("/0/*");
  });
});

describe("the pages of custom error responses", () => {
  const page = { path: "/errors/500.html", statusCodes: [500, 503] };
  const errors = customOrigin("errors.example.com", { id: "errors" });
  const pages = (behaviors: readonly CacheBehavior[], parts: Partial<Distribution> = {}) =>
    usesOf(distribution({ origins: [api, errors], behaviors, errorPages: [page], ...parts })).map(
      ({ originId, errorPages }) => [originId, errorPages],
    );
  const toErrors = { targetOriginId: "errors" };

  it("are fetched through the first behavior that matches", () => {
    const first = behavior({ pathPattern: "errors/*", ...toErrors });
    const second = on([], { pathPattern: "/errors/*.html" });
    expect(pages([first, second, on([])])).toEqual([
      ["api", undefined],
      ["errors", [page]],
    ]);
    expect(pages([behavior({ pathPattern: "/Errors/*", ...toErrors }), on([])])).toEqual([
      ["api", [page]],
      ["errors", undefined],
    ]);
  });

  it("are fetched from the primary origin of a group", () => {
    const originGroups = [{ id: "group", members: ["api", "errors"], failoverStatusCodes: [500] }];
    expect(pages([behavior({ targetOriginId: "group" })], { originGroups })).toEqual([
      ["api", [page]],
      ["errors", undefined],
    ]);
  });

  it("are read from the API's answer, those without a page left out", () => {
    const CustomErrorResponses = {
      Quantity: 6,
      Items: [
        { ErrorCode: 500, ResponsePagePath: "/errors/500.html", ResponseCode: "200" },
        { ErrorCode: 503, ResponsePagePath: "/errors/500.html" },
        { ErrorCode: 404, ResponsePagePath: "", ResponseCode: "" },
        { ErrorCode: 403, ErrorCachingMinTTL: 10 },
        { ErrorCode: "400", ResponsePagePath: "/400.html" },
        { ErrorCode: 502, ResponsePagePath: `/${"a".repeat(255)}` },
      ],
    };
    const DefaultCacheBehavior = { TargetOriginId: "api" };
    const read = readDistribution({ Origins: { Items: [] }, DefaultCacheBehavior, CustomErrorResponses });
    expect(read).toMatchObject({ distribution: { errorPages: [page] } });
    expect(read.kind === "distribution" && read.distribution.errorPages).toHaveLength(1);
    const without = readDistribution({ Origins: { Items: [] }, DefaultCacheBehavior });
    expect(without.kind === "distribution" && "errorPages" in without.distribution).toBe(false);
  });
});

describe("a path pattern", () => {
  it.each([
    ["*", "/", true],
    ["/a/*", "/a/b/c", true],
    ["/a/*", "/a/", true],
    ["/a/*", "/a", false],
    ["a/*", "/a/b", true],
    ["/a/?.html", "/a/b.html", true],
    ["/a/?.html", "/a/.html", false],
    ["*.html", "/a.html/b.html", true],
    ["*.html", "/a.html/b", false],
    ["/*a*b", "/xaxb-ab", true],
    ["/*a*b", "/ba", false],
    ["/A", "/a", false],
    ["/a.c", "/abc", false],
    ["/a", "/ab", false],
    ["/a**", "/a", true],
    [`/${"a".repeat(255)}`, `/${"a".repeat(255)}`, false],
  ])("%s matches %s: %s", (pattern, path, expected) => {
    expect(matchesPathPattern(pattern, path)).toBe(expected);
  });

  it("costs no more than the product of the lengths", () => {
    // With a regular expression this would not end.
    expect(matchesPathPattern("*a".repeat(120), `/${"a".repeat(8_192)}b`)).toBe(false);
  });
});
