import type {
  CachePolicySummary,
  CustomOriginConfig,
  DistributionSummary,
  Origin,
  OriginRequestPolicySummary,
  VpcOrigin,
} from "@aws-sdk/client-cloudfront";
import type { Behavior } from "./viewer-side.ts";

/** An origin as CloudFront goes to it for one request. */
export type OriginTarget = {
  readonly scheme: "http" | "https";
  readonly domain: string;
  readonly port: number;
  /** Where it is inside a VPC: no name is looked up. */
  readonly inVpc: boolean;
  readonly attempts: number;
  readonly connectMs: number;
  /** How long CloudFront waits for the answer, and between its packets. */
  readonly responseMs: number;
  /** The protocol that is allowed at least; up to TLS 1.3 all are. */
  readonly leastProtocol: "TLSv1" | "TLSv1.1" | "TLSv1.2";
  /** For Host and SNI. */
  readonly host: string;
  /** One of these the certificate has to have. */
  readonly names: readonly string[];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type Policies = {
  readonly cachePolicies: readonly CachePolicySummary[];
  readonly originRequestPolicies: readonly OriginRequestPolicySummary[];
  readonly vpcOrigins: readonly VpcOrigin[];
};

/** The origins that a behavior leads to, the primary first, and for which statuses the next one is asked. */
export function originsOf(
  distribution: DistributionSummary,
  behavior: Behavior,
): { origins: Origin[]; failsOn: number[] } {
  const { Origins, OriginGroups } = distribution;
  const group = OriginGroups?.Items?.find(({ Id }) => Id === behavior.TargetOriginId);
  const ids = group?.Members?.Items?.map(({ OriginId }) => OriginId) ?? [behavior.TargetOriginId];
  const origins = ids.flatMap((id) => Origins?.Items?.find(({ Id }) => Id === id) ?? []);
  return { origins, failsOn: group?.FailoverCriteria?.StatusCodes?.Items ?? [] };
}

/** Null for a bucket, which is not in the box. */
export function targetOf(
  origin: Origin,
  forwardsHost: boolean,
  viewer: { readonly host: string; readonly path: string },
  { vpcOrigins }: Policies,
): OriginTarget | null {
  const { DomainName: domain = "", VpcOriginConfig: vpc, CustomOriginConfig: custom } = origin;
  const endpoint = vpcOrigins.find(({ Id }) => Id === vpc?.VpcOriginId)?.VpcOriginEndpointConfig;
  const settings: Partial<CustomOriginConfig> | undefined = custom ?? endpoint;
  if (settings === undefined) return null;
  const isPlain = settings.OriginProtocolPolicy === "http-only";
  const host = forwardsHost ? viewer.host : domain;
  const waits = custom?.OriginReadTimeout ?? vpc?.OriginReadTimeout ?? 30;
  return {
    // Viewers of the box come by https only, which is what match-viewer goes by.
    scheme: isPlain ? "http" : "https",
    domain,
    port: (isPlain ? settings.HTTPPort : settings.HTTPSPort) ?? (isPlain ? 80 : 443),
    inVpc: vpc !== undefined,
    attempts: origin.ConnectionAttempts ?? 3,
    connectMs: (origin.ConnectionTimeout ?? 10) * 1_000,
    responseMs: waits * 1_000,
    leastProtocol: leastProtocol(settings.OriginSslProtocols?.Items ?? []),
    host,
    names: [domain, ...(forwardsHost ? [viewer.host] : [])],
    path: `${origin.OriginPath ?? ""}${viewer.path}`,
    headers: Object.fromEntries(
      origin.CustomHeaders?.Items?.map(({ HeaderName, HeaderValue }) => [HeaderName ?? "", HeaderValue ?? ""]) ?? [],
    ),
  };
}

/** Whether the viewer's Host goes to the origin, by the policies of the behavior or its older settings. */
export function forwardsHost(behavior: Behavior, { cachePolicies, originRequestPolicies }: Policies): boolean {
  const has = (headers: { readonly Items?: readonly string[] | undefined } | undefined, name: string) =>
    headers?.Items?.some((each) => each.toLowerCase() === name) === true;
  const legacy = behavior.ForwardedValues?.Headers;
  const cache = cachePolicies.find(({ CachePolicy }) => CachePolicy?.Id === behavior.CachePolicyId)?.CachePolicy;
  const inKey = cache?.CachePolicyConfig?.ParametersInCacheKeyAndForwardedToOrigin?.HeadersConfig?.Headers;
  if (has(legacy, "*") || has(legacy, "host") || has(inKey, "host")) return true;
  const requested = originRequestPolicies.find(
    ({ OriginRequestPolicy }) => OriginRequestPolicy?.Id === behavior.OriginRequestPolicyId,
  )?.OriginRequestPolicy?.OriginRequestPolicyConfig?.HeadersConfig;
  switch (requested?.HeaderBehavior) {
    case "allViewer":
    case "allViewerAndWhitelistCloudFront":
      return true;
    case "allExcept":
      return !has(requested.Headers, "host");
    case "whitelist":
      return has(requested.Headers, "host");
    default:
      return false;
  }
}

/** SSLv3 nobody here speaks any more. */
function leastProtocol(listed: readonly string[]): OriginTarget["leastProtocol"] {
  if (listed.includes("SSLv3") || listed.includes("TLSv1")) return "TLSv1";
  return listed.includes("TLSv1.1") ? "TLSv1.1" : "TLSv1.2";
}
