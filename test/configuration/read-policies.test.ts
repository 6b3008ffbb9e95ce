import { describe, expect, it } from "vitest";
import { readPolicies } from "../../lambda/configuration/read-policies.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "../sandbox/managed-policies.ts";

function cachePolicy(Id: string, HeadersConfig: object) {
  return { Id, CachePolicyConfig: { Name: "x", ParametersInCacheKeyAndForwardedToOrigin: { HeadersConfig } } };
}

const hostList = { Quantity: 1, Items: ["Host"] };
const cacheList = {
  CachePolicyList: {
    MaxItems: 100,
    Quantity: 2,
    Items: [
      { Type: "custom", CachePolicy: cachePolicy("c-1", { HeaderBehavior: "whitelist", Headers: hostList }) },
      { Type: "managed", CachePolicy: cachePolicy("c-2", { HeaderBehavior: "none" }) },
    ],
  },
};
const originRequestPolicy = {
  Id: "o-1",
  OriginRequestPolicyConfig: { HeadersConfig: { HeaderBehavior: "allExcept", Headers: hostList } },
};
const originRequestList = { OriginRequestPolicyList: { Items: [{ OriginRequestPolicy: originRequestPolicy }] } };

describe("readPolicies", () => {
  it.each([
    ["both lists in one list", [cacheList, originRequestList]],
    ["both lists in one object", { ...cacheList, ...originRequestList }],
    [
      "single policies",
      [
        { ETag: "E", CachePolicy: cacheList.CachePolicyList.Items[0]?.CachePolicy },
        { ETag: "E", CachePolicy: cacheList.CachePolicyList.Items[1]?.CachePolicy },
        { ETag: "E", OriginRequestPolicy: originRequestPolicy },
      ],
    ],
  ])("reads %s", (_, json) => {
    expect(readPolicies(json)).toEqual({
      kind: "policies",
      policies: {
        cache: {
          "c-1": { headerBehavior: "whitelist", headers: ["Host"] },
          "c-2": { headerBehavior: "none", headers: [] },
        },
        originRequest: { "o-1": { headerBehavior: "allExcept", headers: ["Host"] } },
      },
      problems: [],
    });
  });

  it("reads only what a file has", () => {
    const result = readPolicies(originRequestList);
    expect(result.kind === "policies" && result.policies.cache).toEqual({});
  });

  it("reads AWS's managed policies without a problem", () => {
    const Items = managedCachePolicies();
    const result = readPolicies([
      { CachePolicyList: { Items } },
      { OriginRequestPolicyList: { Items: managedOriginRequestPolicies() } },
    ]);
    expect(result).toMatchObject({ kind: "policies", problems: [] });
    expect(result.kind === "policies" && Object.keys(result.policies.cache).length).toBe(Items.length);
  });

  it.each<[string, unknown, string]>([
    [
      "a header behavior that is not known",
      cachePolicy("c-9", { HeaderBehavior: "allButOne\n" }),
      'policy c-9: CachePolicyList.Items[0].CachePolicy.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.HeaderBehavior: expected one of none, whitelist, got "allButOne\\u{a}"; left out',
    ],
    [
      "no headers part",
      { Id: "c-9", CachePolicyConfig: {} },
      "policy c-9: CachePolicyList.Items[0].CachePolicy.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.HeaderBehavior: expected one of none, whitelist, got no text; left out",
    ],
    [
      "no id",
      { CachePolicyConfig: {} },
      "CachePolicyList.Items[0].CachePolicy: expected a policy with Id, got an object; left out",
    ],
    ["no policy", undefined, "CachePolicyList.Items[0].CachePolicy: expected a policy with Id, got nothing; left out"],
  ])("leaves a policy unknown that has %s", (_, CachePolicy, problem) => {
    const result = readPolicies({ CachePolicyList: { Items: [{ Type: "custom", CachePolicy }] } });
    expect(result).toEqual({
      kind: "policies",
      policies: { cache: {}, originRequest: {} },
      problems: [problem],
    });
  });

  it.each([
    [null, "got nothing"],
    ["text", "got a string"],
    [{}, "got an empty object"],
    [{ DistributionList: {} }, "got an object with DistributionList"],
    [[cacheList, { Distribution: {} }], "got an object with Distribution"],
    [{ CachePolicyList: [] }, "got an object with CachePolicyList"],
  ])("refuses %j", (json, got) => {
    expect(readPolicies(json)).toEqual({
      kind: "unrecognised",
      problem: expect.stringMatching(
        new RegExp(`^expected the output of \`aws cloudfront list-cache-policies.*${got}$`),
      ),
    });
  });
});
