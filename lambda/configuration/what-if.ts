import type { CacheBehavior, Distribution, Origin, OriginSslProtocol } from "./distribution.ts";
import { readDomainName } from "./domain-name.ts";
import { tenantOrigins } from "./tenant-origins.ts";

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
  /** Custom origins that the restrictions leave, whether anything changes for them or not, by distribution. */
  readonly matched: ReadonlyMap<string, ReadonlySet<string>>;
};

/** The configuration as it would be. Only custom origins change: S3 and VPC origins know none of these settings. */
export function applyChange(distributions: readonly Distribution[], what: ConfigurationChange): ChangedConfiguration {
  const isOne = ({ id }: Distribution) => what.distribution === null || id === what.distribution;
  return {
    distributions: distributions.map((each) => (isOne(each) ? changeDistribution(each, what) : each)),
    matched: new Map(distributions.filter(isOne).map((each) => [each.id, matchedIn(each, what)])),
  };
}

function changeDistribution(distribution: Distribution, what: ConfigurationChange): Distribution {
  const matched = matchedIn(distribution, what);
  const origins = distribution.origins.map((origin) => (matched.has(origin.id) ? changeOrigin(origin, what) : origin));
  if (what.forwardHost === null) return { ...distribution, origins };
  const { forwardHost } = what;
  const behaviors = distribution.behaviors.map((behavior) =>
    targetsOf(behavior, distribution).some((id) => matched.has(id)) ? withHost(behavior, forwardHost) : behavior,
  );
  return { ...distribution, origins, behaviors };
}

/** The ids of the origins that are meant: by their domain name, or by what a tenant makes of it. */
function matchedIn({ origins, tenants }: Distribution, { origin: wanted }: ConfigurationChange): ReadonlySet<string> {
  const names = (origin: Origin) => [
    origin.domainName,
    ...(tenants === null ? [] : tenantOrigins(origin, tenants).map((each) => each.origin.domainName)),
  ];
  const isMatched = (origin: Origin) =>
    origin.kind.kind === "custom" &&
    (wanted === null || names(origin).some((name) => plainName(name) === plainName(wanted)));
  return new Set(origins.filter(isMatched).map(({ id }) => id));
}

/** In lower case and without the root's dot. */
function plainName(text: string): string {
  const read = readDomainName(text);
  return read.kind === "name" ? read.name : text.toLowerCase();
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
