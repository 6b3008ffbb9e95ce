import type { CacheBehavior, Distribution, Origin, OriginSslProtocol } from "./distribution.ts";

/** A change of the configuration that somebody thinks of. What is null or false stays as it is. */
export type ConfigurationChange = {
  /** OriginSslProtocols of every custom origin. */
  readonly protocols: readonly OriginSslProtocol[] | null;
  /** Whether behaviors send the viewer's Host to custom origins. */
  readonly forwardHost: boolean | null;
  /** The origin protocol policy of those that are http-only or match-viewer becomes https-only. */
  readonly httpsOnly: boolean;
  /** The domain name to which origins move. */
  readonly domain: string | null;
  /** Only origins with this domain name; null for all. */
  readonly origin: string | null;
  /** Only this distribution; null for all. */
  readonly distribution: string | null;
};

/** Everything stays as it is. */
export const noChange: ConfigurationChange = {
  protocols: null,
  forwardHost: null,
  httpsOnly: false,
  domain: null,
  origin: null,
  distribution: null,
};

export type ChangedConfiguration = {
  readonly distributions: readonly Distribution[];
  /** Custom origins of enabled distributions that the restrictions leave, whether anything changes for them or not. */
  readonly matched: number;
};

/** The configuration as it would be. Only custom origins change: S3 and VPC origins know none of these settings. */
export function applyChange(distributions: readonly Distribution[], what: ConfigurationChange): ChangedConfiguration {
  const isOne = ({ id }: Distribution) => what.distribution === null || id === what.distribution;
  const enabled = distributions.filter((distribution) => distribution.enabled && isOne(distribution));
  return {
    distributions: distributions.map((each) => (isOne(each) ? changeDistribution(each, what) : each)),
    matched: enabled.flatMap(({ origins }) => origins.filter((origin) => isMatched(origin, what))).length,
  };
}

function changeDistribution(distribution: Distribution, what: ConfigurationChange): Distribution {
  const matched = new Set(distribution.origins.filter((origin) => isMatched(origin, what)).map(({ id }) => id));
  const origins = distribution.origins.map((origin) => (matched.has(origin.id) ? changeOrigin(origin, what) : origin));
  if (what.forwardHost === null) return { ...distribution, origins };
  const { forwardHost } = what;
  const behaviors = distribution.behaviors.map((behavior) =>
    targetsOf(behavior, distribution).some((id) => matched.has(id)) ? withHost(behavior, forwardHost) : behavior,
  );
  return { ...distribution, origins, behaviors };
}

function isMatched({ kind, domainName }: Origin, { origin }: ConfigurationChange): boolean {
  return kind.kind === "custom" && (origin === null || domainName.toLowerCase() === origin.toLowerCase());
}

function changeOrigin(origin: Origin, { protocols, httpsOnly, domain }: ConfigurationChange): Origin {
  if (origin.kind.kind !== "custom") return origin;
  return {
    ...origin,
    ...(domain === null ? {} : { domainName: domain }),
    kind: {
      ...origin.kind,
      ...(protocols === null ? {} : { originSslProtocols: protocols }),
      ...(httpsOnly ? { originProtocolPolicy: "https-only" } : {}),
    },
  };
}

/** Of all that policies and ForwardedValues decide, only Host matters to an origin connection. */
function withHost(behavior: CacheBehavior, forwardHost: boolean): CacheBehavior {
  return {
    ...behavior,
    cachePolicyId: null,
    originRequestPolicyId: null,
    forwardedHeaders: forwardHost ? ["Host"] : [],
  };
}

function targetsOf({ targetOriginId }: CacheBehavior, { originGroups }: Distribution): readonly string[] {
  return originGroups.find(({ id }) => id === targetOriginId)?.members ?? [targetOriginId];
}
