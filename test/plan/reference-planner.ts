import type { CacheBehavior, CustomOrigin, Distribution, Origin } from "../../lambda/configuration/distribution.ts";
import type { Policies } from "../../lambda/configuration/policies.ts";

/** A connection that is to be tried, and for whom: one line of the reference, one behavior at a time. */
export type Expected = {
  readonly distributionId: string;
  readonly originId: string;
  readonly pathPattern: string;
  readonly role: "direct" | "primary" | "secondary";
  readonly scheme: string;
  readonly domain: string;
  readonly port: number;
  readonly serverName: string | null;
  readonly weight: string;
  readonly alpn: string;
};

/**
 * The connections to try, worked out behavior by behavior in the words of AWS's pages and without a thought for speed
 * or for merging: what the plan is compared with.
 */
export function referencePlan(distributions: readonly Distribution[], policies: Policies): Expected[] {
  const expected: Expected[] = [];
  for (const distribution of distributions) {
    if (!distribution.enabled) continue;
    for (const behavior of distribution.behaviors) {
      for (const { origin, role } of targets(distribution, behavior)) {
        if (origin.kind.kind !== "custom") continue;
        for (const scheme of schemes(origin.kind, behavior)) {
          const isWebsite = origin.domainName.includes(".s3-website");
          if (scheme === "https" && isWebsite) continue;
          for (const { serverName, weight } of serverNames(distribution, behavior, origin, scheme, policies)) {
            expected.push({
              distributionId: distribution.id,
              originId: origin.id,
              pathPattern: behavior.pathPattern,
              role,
              scheme,
              domain: normal(origin.domainName),
              port: scheme === "https" ? origin.kind.httpsPort : origin.kind.httpPort,
              serverName,
              weight,
              // gRPC does not fail over.
              alpn: scheme === "https" && behavior.grpc && role !== "secondary" ? "h2" : "",
            });
          }
        }
      }
    }
  }
  return expected;
}

function targets(distribution: Distribution, behavior: CacheBehavior): { origin: Origin; role: Expected["role"] }[] {
  const byId = (id: string) => distribution.origins.filter((origin) => origin.id === id);
  const direct = byId(behavior.targetOriginId);
  if (direct.length > 0) return direct.map((origin) => ({ origin, role: "direct" }));
  const group = distribution.originGroups.find(({ id }) => id === behavior.targetOriginId);
  if (group === undefined) return [];
  return group.members.flatMap((id, index) =>
    byId(id).map((origin) => ({ origin, role: index === 0 ? ("primary" as const) : ("secondary" as const) })),
  );
}

/** The table of origin protocol policy and viewer protocol policy. */
function schemes({ originProtocolPolicy }: CustomOrigin, { viewerProtocolPolicy }: CacheBehavior): string[] {
  if (originProtocolPolicy === "http-only") return ["http"];
  if (originProtocolPolicy === "https-only") return ["https"];
  if (viewerProtocolPolicy === "allow-all") return ["http", "https"];
  return ["https"];
}

function serverNames(
  distribution: Distribution,
  behavior: CacheBehavior,
  origin: Origin,
  scheme: string,
  policies: Policies,
): { serverName: string | null; weight: string }[] {
  if (scheme === "http") return [{ serverName: null, weight: "full" }];
  const domain = normal(origin.domainName);
  if (!forwardsHost(behavior, policies)) return [{ serverName: domain, weight: "full" }];
  const viewers = distribution.staging ? distribution.primary : distribution;
  if (viewers === null) return [];
  const names = new Map<string, string>();
  for (const alias of viewers.aliases) names.set(alias.replace("*", "origin-watch-sample"), "full");
  const own = viewers.domainName ?? "";
  if (!names.has(own)) names.set(own, names.size === 0 ? "full" : "low");
  // A server name that is the origin's own domain name is no other connection than the one without forwarding.
  return [...names].map(([serverName, weight]) => ({ serverName, weight: serverName === domain ? "full" : weight }));
}

/** "Forwarded if any one of …", with the cache policy's list winning over the origin request policy's. */
function forwardsHost(behavior: CacheBehavior, policies: Policies): boolean {
  const isHost = (name: string) => name.toLowerCase() === "host";
  const legacy = behavior.forwardedHeaders ?? [];
  if (legacy.some(isHost) || legacy.includes("*")) return true;
  const cache = policies.cache[behavior.cachePolicyId ?? ""];
  if (cache?.headerBehavior === "whitelist" && cache.headers.some(isHost)) return true;
  const request = policies.originRequest[behavior.originRequestPolicyId ?? ""];
  if (request === undefined || request.headerBehavior === "none") return false;
  if (request.headerBehavior === "whitelist") return request.headers.some(isHost);
  if (request.headerBehavior === "allExcept") return !request.headers.some(isHost);
  return true;
}

function normal(domainName: string): string {
  const lower = domainName.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
