import { describe, expect, it } from "vitest";
import { managedCachePolicies, managedOriginRequestPolicies } from "../../lambda/cloudfront/managed-policies.ts";
import { noPolicies, type Policies } from "../../lambda/configuration/policies.ts";
import { readPolicies } from "../../lambda/configuration/read-policies.ts";
import { forwardsHost, hostSources } from "../../lambda/plan/host-forwarding.ts";
import { plan } from "../../lambda/plan/plan.ts";
import * as sandbox from "../sandbox/managed-policies.ts";
import { behavior, customOrigin, distribution } from "./fixtures.ts";

const policies: Policies = {
  cache: {
    "cache-none": { headerBehavior: "none", headers: [] },
    "cache-accept": { headerBehavior: "whitelist", headers: ["Accept"] },
    "cache-host": { headerBehavior: "whitelist", headers: ["accept", "hOST"] },
    // Says nothing, whatever is listed.
    "cache-none-host": { headerBehavior: "none", headers: ["Host"] },
  },
  originRequest: {
    none: { headerBehavior: "none", headers: [] },
    whitelist: { headerBehavior: "whitelist", headers: ["Accept"] },
    "whitelist-host": { headerBehavior: "whitelist", headers: ["host"] },
    allViewer: { headerBehavior: "allViewer", headers: [] },
    allViewerAnd: { headerBehavior: "allViewerAndWhitelistCloudFront", headers: ["CloudFront-Viewer-Country"] },
    allExcept: { headerBehavior: "allExcept", headers: ["Cookie"] },
    "allExcept-host": { headerBehavior: "allExcept", headers: ["HOST"] },
  },
};

function withPolicies(cachePolicyId: string | null, originRequestPolicyId: string | null) {
  return forwardsHost({ cachePolicyId, originRequestPolicyId, forwardedHeaders: null }, policies);
}

describe("forwardsHost", () => {
  it.each<[readonly string[], "yes" | "no"]>([
    [[], "no"],
    [["Accept", "X-Host"], "no"],
    [["Host"], "yes"],
    [["accept", "host"], "yes"],
    [["*"], "yes"],
  ])("reads ForwardedValues with the headers %j", (forwardedHeaders, answer) => {
    const legacy = { cachePolicyId: null, originRequestPolicyId: null, forwardedHeaders };
    expect(forwardsHost(legacy, noPolicies)).toBe(answer);
  });

  it.each<[string, string | null, "yes" | "no"]>([
    ["cache-none", null, "no"],
    ["cache-accept", null, "no"],
    ["cache-host", null, "yes"],
    ["cache-none-host", null, "no"],
    ["cache-none", "none", "no"],
    ["cache-none", "whitelist", "no"],
    ["cache-none", "whitelist-host", "yes"],
    ["cache-none", "allViewer", "yes"],
    ["cache-none", "allViewerAnd", "yes"],
    ["cache-none", "allExcept", "yes"],
    ["cache-none", "allExcept-host", "no"],
    ["cache-host", "none", "yes"],
    // The allow list of the cache policy overrides the block list of the origin request policy.
    ["cache-host", "allExcept-host", "yes"],
  ])("joins cache policy %s and origin request policy %s", (cache, originRequest, answer) => {
    expect(withPolicies(cache, originRequest)).toBe(answer);
  });

  it.each<[string | null, string | null, string[]]>([
    ["lost", null, ["lost"]],
    ["cache-none", "lost", ["lost"]],
    ["lost-cache", "lost-request", ["lost-cache", "lost-request"]],
    ["lost", "allExcept-host", ["lost"]],
    // An id that every object has as a property is no policy.
    ["constructor", "__proto__", ["constructor", "__proto__"]],
  ])("is open with the policies %s and %s, of which some are not known", (cache, originRequest, unresolved) => {
    expect(withPolicies(cache, originRequest)).toEqual({ unresolved });
  });

  it("is not open where one policy forwards Host whatever the other says", () => {
    expect(withPolicies("lost", "allViewer")).toBe("yes");
    expect(withPolicies("cache-host", "lost")).toBe("yes");
  });

  it("does not forward without any policy", () => {
    expect(withPolicies(null, null)).toBe("no");
  });

  it("believes the account's list rather than the table of managed policies", () => {
    const allViewer = "216adef6-5c7f-47e4-b989-5492eafa07d3";
    const behavior = { cachePolicyId: null, originRequestPolicyId: allViewer, forwardedHeaders: null };
    const originRequest = { [allViewer]: { headerBehavior: "none" as const, headers: [] } };
    expect(forwardsHost(behavior, noPolicies)).toBe("yes");
    expect(forwardsHost(behavior, { ...noPolicies, originRequest })).toBe("no");
  });

  it("takes no id for a policy that every object has", () => {
    for (const id of ["__proto__", "constructor", "toString"]) {
      const behavior = { cachePolicyId: id, originRequestPolicyId: id, forwardedHeaders: null };
      expect(forwardsHost(behavior, noPolicies)).toEqual({ unresolved: [id, id] });
    }
  });

  it("knows AWS's managed policies as AWS lists them", () => {
    const cache = sandbox.managedCachePolicies();
    const originRequest = sandbox.managedOriginRequestPolicies();
    const listed = readPolicies([
      { CachePolicyList: { Items: cache } },
      { OriginRequestPolicyList: { Items: originRequest } },
    ]);
    expect(listed).toMatchObject({ kind: "policies", problems: [] });
    if (listed.kind !== "policies") return;
    for (const id of managedCachePolicies.keys()) {
      const behavior = { cachePolicyId: id, originRequestPolicyId: null, forwardedHeaders: null };
      expect(Object.keys(listed.policies.cache)).toContain(id);
      expect([id, forwardsHost(behavior, noPolicies)]).toEqual([id, forwardsHost(behavior, listed.policies)]);
    }
    for (const id of managedOriginRequestPolicies.keys()) {
      const behavior = { cachePolicyId: null, originRequestPolicyId: id, forwardedHeaders: null };
      expect(Object.keys(listed.policies.originRequest)).toContain(id);
      expect([id, forwardsHost(behavior, noPolicies)]).toEqual([id, forwardsHost(behavior, listed.policies)]);
    }
  });
});

describe("what forwards Host", () => {
  it.each([
    ["cache-host", "allExcept-host", null, ["cache-policy"]],
    ["cache-none", "allViewer", null, ["origin-request-policy"]],
    ["cache-host", "allViewer", null, ["cache-policy", "origin-request-policy"]],
    [null, null, ["*"], ["forwarded-values"]],
    ["cache-none", "missing", null, []],
  ] as const)("with %s, %s and %j is %j", (cachePolicyId, originRequestPolicyId, forwardedHeaders, sources) => {
    expect(hostSources({ cachePolicyId, originRequestPolicyId, forwardedHeaders }, policies)).toEqual(sources);
  });

  it("is carried by the use of the connection, for all behaviors that share it", () => {
    const behaviors = [
      { pathPattern: "*", isDefault: true, cachePolicyId: "cache-host" },
      { pathPattern: "/api/*", originRequestPolicyId: "allViewer" },
      { pathPattern: "/plain/*" },
    ];
    const made = distribution({
      aliases: ["www.example.com"],
      origins: [customOrigin("origin.example.com")],
      behaviors: behaviors.map((each) => behavior({ targetOriginId: "origin.example.com", ...each })),
    });
    const { connections } = plan([made], policies);
    const carried = connections.map(({ connection: { serverName, uses } }) => [
      serverName,
      uses.flatMap(({ hostForwardedBy }) => hostForwardedBy ?? "none"),
    ]);
    expect(carried).toContainEqual(["origin.example.com", ["none"]]);
    expect(carried).toContainEqual(["www.example.com", ["cache-policy", "origin-request-policy"]]);
  });
});
