/**
 * Whether AWS's managed policies send the viewer's Host header to the origin, by policy id. They are the same in every
 * account, so the table is used where the API's list could not be read; otherwise that list decides.
 *
 * The Amplify policies with a suffix (Amplify-Default and the like) are left out: AWS publishes no settings for them.
 */
export type ManagedPolicy = { readonly name: string; readonly forwardsHost: boolean };

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html, read 2026-04-13. */
export const managedCachePolicies: ReadonlyMap<string, ManagedPolicy> = new Map([
  ["2e54312d-136d-493c-8eb9-b001f22f67d2", { name: "Amplify", forwardsHost: true }],
  ["83da9c7e-98b4-4e11-a168-04f0df8e2c65", { name: "UseOriginCacheControlHeaders", forwardsHost: true }],
  ["4cc15a8a-d715-48a4-82b8-cc0b614638fe", { name: "UseOriginCacheControlHeaders-QueryStrings", forwardsHost: true }],
  ["4135ea2d-6df8-44a3-9df3-4b5a84be39ad", { name: "CachingDisabled", forwardsHost: false }],
  ["658327ea-f89d-4fab-a63d-7e88639e58f6", { name: "CachingOptimized", forwardsHost: false }],
  ["b2884449-e4de-46a7-ac36-70bc7f1ddd6d", { name: "CachingOptimizedForUncompressedObjects", forwardsHost: false }],
  ["08627262-05a9-4f76-9ded-b50ca2e3a84f", { name: "Elemental-MediaPackage", forwardsHost: false }],
]);

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html, read 2026-04-13. */
export const managedOriginRequestPolicies: ReadonlyMap<string, ManagedPolicy> = new Map([
  ["216adef6-5c7f-47e4-b989-5492eafa07d3", { name: "AllViewer", forwardsHost: true }],
  ["33f36d7e-f396-46d9-90e0-52428a34d9dc", { name: "AllViewerAndCloudFrontHeaders-2022-06", forwardsHost: true }],
  ["b689b0a8-53d0-40ab-baf2-68738e2966ac", { name: "AllViewerExceptHostHeader", forwardsHost: false }],
  ["bf0718e1-ba1e-49d1-88b1-f726733018ae", { name: "HostHeaderOnly", forwardsHost: true }],
  ["59781a5b-3903-41f3-afcb-af62929ccde1", { name: "CORS-CustomOrigin", forwardsHost: false }],
  ["88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", { name: "CORS-S3Origin", forwardsHost: false }],
  [
    "775133bc-15f2-49f9-abea-afb2e0bf67d2",
    { name: "Elemental-MediaTailor-PersonalizedManifests", forwardsHost: false },
  ],
  ["acba4595-bd28-49b8-b9fe-13317c0390fa", { name: "UserAgentRefererHeaders", forwardsHost: false }],
]);

/**
 * AWS's managed response headers policies. They set headers for CORS and security only, by which nobody recognises an origin
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html).
 */
export const managedResponseHeadersPolicies: ReadonlyMap<string, string> = new Map([
  ["60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS"],
  ["5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight"],
  ["67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy"],
  ["e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy"],
  ["eaab4381-ed33-4a86-88ca-d9558dc6cd63", "CORS-with-preflight-and-SecurityHeadersPolicy"],
]);
