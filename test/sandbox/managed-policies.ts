import type {
  CachePolicySummary,
  OriginRequestPolicyHeaderBehavior,
  OriginRequestPolicySummary,
} from "@aws-sdk/client-cloudfront";

/**
 * AWS's managed cache policies in the shape that ListCachePolicies returns.
 *
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 */
export function managedCachePolicies(): CachePolicySummary[] {
  return CACHE_POLICIES.map(([id, name, [minimum, standard, maximum], headers]) => ({
    Type: "managed",
    CachePolicy: {
      Id: id,
      LastModifiedTime: PUBLISHED,
      CachePolicyConfig: {
        Comment: `Managed policy ${name}`,
        Name: `Managed-${name}`,
        MinTTL: minimum,
        DefaultTTL: standard,
        MaxTTL: maximum,
        ParametersInCacheKeyAndForwardedToOrigin: {
          EnableAcceptEncodingGzip: maximum > 0,
          EnableAcceptEncodingBrotli: maximum > 0,
          HeadersConfig:
            headers.length === 0
              ? { HeaderBehavior: "none" }
              : { HeaderBehavior: "whitelist", Headers: { Quantity: headers.length, Items: [...headers] } },
          CookiesConfig: { CookieBehavior: "none" },
          QueryStringsConfig: { QueryStringBehavior: name.endsWith("-QueryStrings") ? "all" : "none" },
        },
      },
    },
  }));
}

/**
 * AWS's managed origin request policies in the shape that ListOriginRequestPolicies returns.
 *
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 */
export function managedOriginRequestPolicies(): OriginRequestPolicySummary[] {
  return ORIGIN_REQUEST_POLICIES.map(([id, name, behavior, headers]) => ({
    Type: "managed",
    OriginRequestPolicy: {
      Id: id,
      LastModifiedTime: PUBLISHED,
      OriginRequestPolicyConfig: {
        Comment: `Managed policy ${name}`,
        Name: `Managed-${name}`,
        HeadersConfig:
          headers.length === 0
            ? { HeaderBehavior: behavior }
            : { HeaderBehavior: behavior, Headers: { Quantity: headers.length, Items: [...headers] } },
        CookiesConfig: { CookieBehavior: behavior.startsWith("all") ? "all" : "none" },
        QueryStringsConfig: { QueryStringBehavior: behavior.startsWith("all") ? "all" : "none" },
      },
    },
  }));
}

/** The id of a managed policy by the name it has in the documentation. Throws when there is none. */
export function managedPolicyId(name: string): string {
  const found = [...CACHE_POLICIES, ...ORIGIN_REQUEST_POLICIES].find((policy) => policy[1] === name);
  if (found === undefined) throw new Error(`there is no managed policy ${name}`);
  return found[0];
}

type CacheRow = readonly [id: string, name: string, ttl: readonly [number, number, number], headers: readonly string[]];
type OriginRequestRow = readonly [
  id: string,
  name: string,
  behavior: OriginRequestPolicyHeaderBehavior,
  headers: readonly string[],
];

const PUBLISHED = new Date("2020-07-21T00:00:00Z");
const DAY = 86_400;
const YEAR = 31_536_000;
const HOST_AND_METHOD = ["host", "origin", "x-http-method-override", "x-http-method", "x-method-override"];

const CACHE_POLICIES: readonly CacheRow[] = [
  [
    "2e54312d-136d-493c-8eb9-b001f22f67d2",
    "Amplify",
    [2, 2, 600],
    ["authorization", "cloudfront-viewer-country", "host"],
  ],
  ["4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled", [0, 0, 0], []],
  ["658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized", [1, DAY, YEAR], []],
  ["b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects", [1, DAY, YEAR], []],
  ["08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage", [0, DAY, YEAR], ["origin"]],
  ["83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders", [0, 0, YEAR], HOST_AND_METHOD],
  ["4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings", [0, 0, YEAR], HOST_AND_METHOD],
];

const CORS = ["access-control-request-headers", "access-control-request-method", "origin"];

const ORIGIN_REQUEST_POLICIES: readonly OriginRequestRow[] = [
  ["216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer", "allViewer", []],
  [
    "33f36d7e-f396-46d9-90e0-52428a34d9dc",
    "AllViewerAndCloudFrontHeaders-2022-06",
    "allViewerAndWhitelistCloudFront",
    ["cloudfront-forwarded-proto", "cloudfront-viewer-address", "cloudfront-viewer-country"],
  ],
  ["b689b0a8-53d0-40ab-baf2-68738e2966ac", "AllViewerExceptHostHeader", "allExcept", ["host"]],
  ["bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly", "whitelist", ["host"]],
  ["59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin", "whitelist", ["origin"]],
  ["88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "CORS-S3Origin", "whitelist", CORS],
  [
    "775133bc-15f2-49f9-abea-afb2e0bf67d2",
    "Elemental-MediaTailor-PersonalizedManifests",
    "whitelist",
    [...CORS, "user-agent", "x-forwarded-for"],
  ],
  ["acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders", "whitelist", ["user-agent", "referer"]],
];
