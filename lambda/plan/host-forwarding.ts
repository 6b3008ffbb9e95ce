import { managedCachePolicies, managedOriginRequestPolicies } from "../cloudfront/managed-policies.ts";
import type { CacheBehavior } from "../configuration/distribution.ts";
import {
  type CachePolicyHeaders,
  type OriginRequestPolicyHeaders,
  type Policies,
  withId,
} from "../configuration/policies.ts";
import type { HostSource } from "./connection.ts";

/** `unresolved` has the ids of the unknown policies that the answer depends on. */
export type HostForwarding = "yes" | "no" | { readonly unresolved: readonly string[] };

/**
 * Whether CloudFront sends the viewer's Host header, and with it the viewer's host name as SNI, to the origin.
 *
 * It does if any one of the legacy ForwardedValues, the cache policy and the origin request policy says so: "The cache
 * policy allow list overrides the origin request policy block list", hence also when the latter is allExcept(Host)
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-how-origin-request-policies-and-cache-policies-work-together.html).
 * Otherwise Host is the origin's domain name. AWS's managed policies are known even where `policies` lacks them.
 */
export function forwardsHost(
  behavior: Pick<CacheBehavior, "cachePolicyId" | "originRequestPolicyId" | "forwardedHeaders">,
  policies: Policies,
): HostForwarding {
  if (hostSources(behavior, policies).length > 0) return "yes";
  const { cachePolicyId, originRequestPolicyId } = behavior;
  const answers = [
    { policyId: cachePolicyId, forwards: byCachePolicy(cachePolicyId, policies) },
    { policyId: originRequestPolicyId, forwards: byOriginRequestPolicy(originRequestPolicyId, policies) },
  ];
  const unresolved = answers.flatMap(({ policyId, forwards }) =>
    policyId !== null && forwards === undefined ? [policyId] : [],
  );
  return unresolved.length > 0 ? { unresolved } : "no";
}

/** All that is known to send the viewer's Host: each by itself is enough, so each has to be changed. */
export function hostSources(
  { cachePolicyId, originRequestPolicyId, forwardedHeaders }: Parameters<typeof forwardsHost>[0],
  policies: Policies,
): readonly HostSource[] {
  // A single `*` stands for all headers (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/header-caching.html).
  const legacy = forwardedHeaders !== null && (listsHost(forwardedHeaders) || forwardedHeaders.includes("*"));
  return [
    ...(legacy ? (["forwarded-values"] as const) : []),
    ...(byCachePolicy(cachePolicyId, policies) === true ? (["cache-policy"] as const) : []),
    ...(byOriginRequestPolicy(originRequestPolicyId, policies) === true ? (["origin-request-policy"] as const) : []),
  ];
}

function byCachePolicy(id: string | null, policies: Policies): boolean | undefined {
  if (id === null) return false;
  const policy = withId(id, policies.cache);
  return policy === undefined ? managedCachePolicies.get(id)?.forwardsHost : cachePolicySendsHost(policy);
}

function byOriginRequestPolicy(id: string | null, policies: Policies): boolean | undefined {
  if (id === null) return false;
  const policy = withId(id, policies.originRequest);
  return policy === undefined
    ? managedOriginRequestPolicies.get(id)?.forwardsHost
    : originRequestPolicySendsHost(policy);
}

function cachePolicySendsHost({ headerBehavior, headers }: CachePolicyHeaders): boolean {
  return headerBehavior === "whitelist" && listsHost(headers);
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-request-understand-origin-request-policy.html */
function originRequestPolicySendsHost({ headerBehavior, headers }: OriginRequestPolicyHeaders): boolean {
  switch (headerBehavior) {
    case "none":
      return false;
    case "whitelist":
      return listsHost(headers);
    case "allViewer":
    case "allViewerAndWhitelistCloudFront":
      return true;
    case "allExcept":
      return !listsHost(headers);
  }
}

/** Header names are case-insensitive (RFC 9110 §5.1), and the API gives them back as they were written. */
function listsHost(headers: readonly string[]): boolean {
  return headers.some((name) => name.toLowerCase() === "host");
}
