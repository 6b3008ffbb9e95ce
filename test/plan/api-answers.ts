import { cachingOptimized } from "./fixtures.ts";

/** Values that no output may contain: where a custom header's value stands, it is a secret. */
export const secret = "SECRET-7f3a";

type Json = { readonly [name: string]: unknown };

/** An origin as the API writes it, with a secret header. */
export function apiOrigin(domain: string, parts: Json = {}, custom: Json = {}): Json {
  return {
    Id: domain,
    DomainName: domain,
    OriginPath: "",
    CustomHeaders: { Quantity: 1, Items: [{ HeaderName: "X-Secret", HeaderValue: secret }] },
    CustomOriginConfig: {
      HTTPPort: 80,
      HTTPSPort: 443,
      OriginProtocolPolicy: "https-only",
      OriginSslProtocols: { Quantity: 1, Items: ["TLSv1.2"] },
      ...custom,
    },
    ...parts,
  };
}

export function apiBehavior(TargetOriginId: string, parts: Json = {}): Json {
  return { TargetOriginId, ViewerProtocolPolicy: "allow-all", CachePolicyId: cachingOptimized, ...parts };
}

/** A DistributionConfig with one origin; `parts` replaces what is to be different. */
export function apiConfig(parts: Json = {}): Json {
  return {
    CallerReference: "x",
    Comment: "shop",
    Enabled: true,
    Origins: { Quantity: 1, Items: [apiOrigin("a.test")] },
    DefaultCacheBehavior: apiBehavior("a.test"),
    ...parts,
  };
}

export function apiSummary(Id: string, parts: Json = {}): Json {
  return {
    Id,
    ARN: `arn:aws:cloudfront::123456789012:distribution/${Id}`,
    DomainName: "d1.cloudfront.net",
    ...apiConfig(parts),
  };
}
