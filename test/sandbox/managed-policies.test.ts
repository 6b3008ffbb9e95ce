import { expect, it } from "vitest";
import { managedCachePolicies, managedOriginRequestPolicies, managedPolicyId } from "./managed-policies.ts";

it("forwards Host where the documentation says so", () => {
  const cache = managedCachePolicies().map(({ CachePolicy }) => {
    const config = CachePolicy?.CachePolicyConfig;
    const headers = config?.ParametersInCacheKeyAndForwardedToOrigin?.HeadersConfig;
    return [config?.Name, headers?.Headers?.Items?.includes("host") ?? false];
  });
  expect(Object.fromEntries(cache)).toEqual({
    "Managed-Amplify": true,
    "Managed-CachingDisabled": false,
    "Managed-CachingOptimized": false,
    "Managed-CachingOptimizedForUncompressedObjects": false,
    "Managed-Elemental-MediaPackage": false,
    "Managed-UseOriginCacheControlHeaders": true,
    "Managed-UseOriginCacheControlHeaders-QueryStrings": true,
  });
  const request = managedOriginRequestPolicies().map(({ OriginRequestPolicy }) => {
    const config = OriginRequestPolicy?.OriginRequestPolicyConfig;
    const { HeaderBehavior, Headers } = config?.HeadersConfig ?? {};
    const listed = Headers?.Items?.includes("host") ?? false;
    const forwards =
      HeaderBehavior === "whitelist" ? listed : HeaderBehavior === "allExcept" ? !listed : HeaderBehavior !== "none";
    return [config?.Name, forwards];
  });
  expect(Object.fromEntries(request)).toEqual({
    "Managed-AllViewer": true,
    "Managed-AllViewerAndCloudFrontHeaders-2022-06": true,
    "Managed-AllViewerExceptHostHeader": false,
    "Managed-HostHeaderOnly": true,
    "Managed-CORS-CustomOrigin": false,
    "Managed-CORS-S3Origin": false,
    "Managed-Elemental-MediaTailor-PersonalizedManifests": false,
    "Managed-UserAgentRefererHeaders": false,
  });
});

it("knows ids by name", () => {
  expect(managedPolicyId("AllViewer")).toBe("216adef6-5c7f-47e4-b989-5492eafa07d3");
  expect(() => managedPolicyId("Nonesuch")).toThrow("Nonesuch");
});
