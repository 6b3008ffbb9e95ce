import type {
  CacheBehavior,
  Distribution,
  EdgeFunction,
  ErrorPage,
  Origin,
  OriginProtocolPolicy,
  Tenant,
} from "../configuration/distribution.ts";
import type { Policies } from "../configuration/policies.ts";
import type { Failover, FunctionsBefore, HostSource, Rerouting, Use } from "./connection.ts";
import { hostSources } from "./host-forwarding.ts";
import type { Scheme } from "./origin-schemes.ts";
import { isGrpc, type Route } from "./routes.ts";
import type { ViewerHost } from "./viewer-hosts.ts";

/** A connection with the routes and viewers that reach it. */
export type Reached = {
  readonly scheme: Scheme;
  readonly routes: readonly Route[];
  /** The viewer host that the connection is for, null when it is for all of them. */
  readonly viewers: ViewerHost | null;
  /** The tenants that depend on it, null without tenants. */
  readonly tenants: readonly Tenant[] | null;
  /** What stands before the origin on all routes to it, those of other connections included. */
  readonly functionsBefore: FunctionsBefore | null;
  /** The pages of custom error responses that a behavior serves. */
  readonly errorPages: ReadonlyMap<CacheBehavior, readonly ErrorPage[]>;
  readonly policies: Policies;
};

/** Otherwise a use would list all domains of thousands of tenants; it has their number too. */
const mostTenantDomains = 100;

/** One use for each route that reaches the connection; merging combines those with the same role. */
export function usesOf(distribution: Distribution, origin: Origin, reached: Reached): Use[] {
  const { routes, viewers, tenants, functionsBefore } = reached;
  const common = {
    distributionId: distribution.id,
    scope: distribution.scope,
    distributionDomain: distribution.domainName,
    comment: distribution.comment,
    originId: origin.id,
    aliases: viewers?.aliases ?? namesOfAll(distribution, tenants),
    enabled: distribution.enabled,
    staging: distribution.staging,
    tenants: tenants === null ? null : (viewers?.tenants ?? tenants.length),
    ...(origin.originShield === undefined ? {} : { originShield: origin.originShield }),
  };
  if (routes.length === 0) {
    // An origin that no behavior uses still belongs to its distribution.
    const nobody = { isDefault: false, viewerSchemes: [], failover: null, reroutedBy: [] };
    return [{ ...common, pathPatterns: [], group: null, ...nobody }];
  }
  return routes.map((route) => ({
    ...common,
    pathPatterns: pathPatternsOf(route),
    group: route.group,
    isDefault: route.behavior.isDefault,
    ...(isGrpc(route) ? { grpcPathPatterns: pathPatternsOf(route) } : {}),
    viewerSchemes: viewerSchemes(route, origin, reached.scheme),
    failover: failoverOf(route),
    ...(viewers === null ? {} : hostForwardedBy(route, reached.policies)),
    reroutedBy: reroutingsOf(route),
    ...(functionsBefore === null ? {} : { functionsBefore }),
    ...errorPagesOf(route, reached),
  }));
}

/** Of an origin that gets the Host there is a use for each alias, and they share what is the same for all. */
const nothing: readonly never[] = [];
const httpsOnly: readonly Scheme[] = ["https"];
const bothSchemes: readonly Scheme[] = ["https", "http"];
const pathPatterns = new WeakMap<Route, readonly string[]>();

function hostForwardedBy({ behavior }: Route, policies: Policies): Pick<Use, "hostForwardedBy"> {
  const sources = hostSources(behavior, policies);
  const shared = hostSourcesInUse.get(sources.join()) ?? sources;
  hostSourcesInUse.set(sources.join(), shared);
  return sources.length === 0 ? {} : { hostForwardedBy: shared };
}

/** There are no more than seven combinations. */
const hostSourcesInUse = new Map<string, readonly HostSource[]>();

function pathPatternsOf(route: Route): readonly string[] {
  const known = pathPatterns.get(route) ?? [route.behavior.pathPattern];
  pathPatterns.set(route, known);
  return known;
}

function reroutingsOf({ behavior }: Route): readonly Rerouting[] {
  const functions = behavior.edgeFunctions.filter(mayReroute);
  return functions.length === 0 ? nothing : functions.map(({ arn }) => ({ pathPattern: behavior.pathPattern, arn }));
}

/** A secondary origin is asked only where the primary one fails. */
function errorPagesOf({ behavior, group }: Route, reached: Reached): Pick<Use, "errorPages"> {
  const errorPages = group?.role === "secondary" ? undefined : reached.errorPages.get(behavior);
  return errorPages === undefined ? {} : { errorPages };
}

function namesOfAll({ staging, primary, aliases }: Distribution, tenants: readonly Tenant[] | null): readonly string[] {
  if (tenants !== null) {
    // Two tenants can have a domain between them for a moment, as it moves.
    return [...new Set(tenants.flatMap(({ domains }) => domains))].slice(0, mostTenantDomains);
  }
  return staging && primary !== null ? primary.aliases : aliases;
}

/**
 * The schemes of the viewers whose requests take the connection: a match-viewer origin gets each over its own scheme.
 */
function viewerSchemes({ behavior }: Route, { kind }: Origin, scheme: Scheme): readonly Scheme[] {
  // The edge answers requests over HTTP unless the policy is allow-all.
  if (behavior.viewerProtocolPolicy !== "allow-all") return httpsOnly;
  return protocolPolicy(kind) === "match-viewer" ? [scheme] : bothSchemes;
}

function protocolPolicy(kind: Origin["kind"]): OriginProtocolPolicy | null {
  switch (kind.kind) {
    case "s3":
      return null;
    case "vpc":
      return kind.endpoint?.originProtocolPolicy ?? null;
    case "custom":
      return kind.originProtocolPolicy;
  }
}

/**
 * Only GET, HEAD and OPTIONS requests fail over, OPTIONS where it is cached
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html), and
 * none of a behavior with gRPC
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-using-grpc.html).
 */
function failoverOf({ behavior, group, failover }: Route): Failover | null {
  if (group?.role !== "primary" || failover === null) return null;
  const failsOver = (method: string) =>
    !behavior.grpc &&
    (method === "GET" || method === "HEAD" || (method === "OPTIONS" && behavior.cachedMethods.includes("OPTIONS")));
  return {
    ...failover,
    methods: behavior.allowedMethods.filter(failsOver),
    otherMethods: behavior.allowedMethods.filter((method) => !failsOver(method)),
  };
}

/**
 * A CloudFront function for viewer requests can choose the origin, the Host and the SNI
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html), and
 * so can a Lambda@Edge function for origin requests
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html). An unknown event
 * type of a newer API may do so too.
 */
export function mayReroute({ runtime, eventType, code }: EdgeFunction): boolean {
  if (code === "passes-on" || code === "may-answer") return false;
  if (eventType === "viewer-response" || eventType === "origin-response") return false;
  return runtime === "cloudfront-functions" || eventType !== "viewer-request";
}
