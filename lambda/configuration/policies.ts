/**
 * What cache policies and origin request policies say about request headers, by policy id; the rest of a policy
 * does not decide an origin connection.
 */
export type Policies = {
  readonly cache: ById<CachePolicyHeaders>;
  readonly originRequest: ById<OriginRequestPolicyHeaders>;
};

/** Plain objects, so that a configuration survives JSON. An id may be any text: read it with `withId`. */
export type ById<T> = Readonly<Record<string, T>>;

/** What has this id, of its own and not of an object's prototype. */
export function withId<T>(id: string, all: ById<T>): T | undefined {
  return Object.hasOwn(all, id) ? all[id] : undefined;
}

/** Header names as the API writes them, in any case. */
export type CachePolicyHeaders = {
  readonly headerBehavior: (typeof cacheHeaderBehaviors)[number];
  readonly headers: readonly string[];
};

export type OriginRequestPolicyHeaders = {
  readonly headerBehavior: (typeof originRequestHeaderBehaviors)[number];
  readonly headers: readonly string[];
};

/** HeaderBehavior of a CachePolicyHeadersConfig. */
export const cacheHeaderBehaviors = ["none", "whitelist"] as const;

/** HeaderBehavior of an OriginRequestPolicyHeadersConfig. */
export const originRequestHeaderBehaviors = [
  "none",
  "whitelist",
  "allViewer",
  "allViewerAndWhitelistCloudFront",
  "allExcept",
] as const;

/** When AWS's lists are not at hand; AWS's managed policies are known nevertheless. */
export const noPolicies: Policies = { cache: {}, originRequest: {} };
