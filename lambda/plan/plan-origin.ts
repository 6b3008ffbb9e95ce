import type { CustomOrigin, Origin, VpcOrigin } from "../configuration/distribution.ts";
import { type DomainName, readDomainName } from "../configuration/domain-name.ts";
import { expressionsIn } from "../configuration/placeholder.ts";
import type { Policies } from "../configuration/policies.ts";
import type { SkipReason, UnseenReason } from "./connection.ts";
import type { ConnectionSettings, WithoutKey } from "./connection-key.ts";
import { httpConnection, httpsConnection, isAllowedPort } from "./connection-settings.ts";
import { forwardsHost } from "./host-forwarding.ts";
import { originSchemes, type Scheme } from "./origin-schemes.ts";
import { isGrpc, type Route } from "./routes.ts";
import type { Unknown, ViewerHost, ViewerHosts } from "./viewer-hosts.ts";

/** A connection for one origin with the routes that lead to it. */
export type OriginConnection = {
  readonly planned: WithoutKey;
  readonly routes: readonly Route[];
  /** The viewer host that it is for, null when it is for all of them. */
  readonly viewers: ViewerHost | null;
};

/** What is the same for all origins of a distribution, or for those of some of its tenants. */
export type OriginContext = {
  /** What a template leaves open of behaviors and origin groups: the expressions that decide it. */
  readonly openRoutes: readonly string[];
  /** The template parameters that decide these expressions. */
  readonly parametersFor: (expressions: readonly string[]) => readonly string[];
  /** Why CloudFront makes no connection for it at all, null where it may. */
  readonly idle: "distribution-disabled" | "no-viewers" | null;
  readonly policies: Policies;
  /** The viewer hosts; computed only where Host is forwarded. */
  readonly hosts: () => ViewerHosts;
};

/** The connections that CloudFront makes to one origin, or one with the reason why it is skipped or unseen. */
export function planOrigin(origin: Origin, routes: readonly Route[], context: OriginContext): OriginConnection[] {
  const { kind } = origin;
  const usual = kind.kind === "custom" && kind.originProtocolPolicy === "http-only" ? httpConnection : httpsConnection;
  const skipped = (reason: SkipReason): OriginConnection[] => [
    { planned: { kind: "skipped", connection: usual(origin), reason }, routes, viewers: null },
  ];
  const leftOpen = (expressions: readonly string[], some: readonly Route[]): OriginConnection[] => [
    {
      planned: { kind: "unseen", connection: unnamed(usual(origin)), reason: templateReason(expressions, context) },
      routes: some,
      viewers: null,
    },
  ];
  if (context.idle !== null) return skipped(context.idle);
  if (origin.open !== undefined) return leftOpen(origin.open, routes);
  if (routes.length === 0) {
    const mayBeUsed = context.openRoutes.length > 0 && kind.kind !== "s3";
    return mayBeUsed ? leftOpen(context.openRoutes, routes) : skipped("origin-unused");
  }
  switch (kind.kind) {
    case "s3":
      return skipped("s3-origin");
    case "vpc":
      return planVpcOrigin(origin, kind, routes, context);
    case "custom": {
      const open = routes.filter(({ behavior }) => behavior.open !== undefined);
      const known = routes.filter(({ behavior }) => behavior.open === undefined);
      return [
        ...planOverBoth(origin, kind, known, context),
        ...(open.length === 0
          ? []
          : leftOpen(
              open.flatMap(({ behavior }) => behavior.open ?? []),
              open,
            )),
      ];
    }
  }
}

function templateReason(expressions: readonly string[], { parametersFor }: OriginContext): UnseenReason {
  const each = [...new Set(expressions)];
  return { kind: "template-value-unresolved", expressions: each, parameters: parametersFor(each) };
}

/** What is configured of ports and protocols: of a custom origin, or of a VPC origin. */
type Settings = Pick<CustomOrigin, "originProtocolPolicy" | "httpPort" | "httpsPort">;

function planOverBoth(
  origin: Origin,
  settings: Settings,
  routes: readonly Route[],
  context: OriginContext,
): OriginConnection[] {
  return [
    ...planHttps(origin, settings, routesOver("https", settings, routes), context),
    ...planHttp(origin, settings, routesOver("http", settings, routes), context),
  ];
}

/**
 * Where a vantage is in its VPC, the same as of any origin. Else one connection for each scheme: the server name makes no
 * difference to what cannot be observed.
 */
function planVpcOrigin(
  origin: Origin,
  { vpcOriginId, ownerAccountId, endpoint, inside }: VpcOrigin,
  routes: readonly Route[],
  context: OriginContext,
): OriginConnection[] {
  if (endpoint !== null && inside?.kind === "found") return planOverBoth(origin, endpoint, routes, context);
  const reason: UnseenReason = {
    kind: "vpc-origin",
    vpcOriginId,
    ownerAccountId,
    endpoint,
    ...(inside === undefined ? {} : { inside }),
  };
  const unseen = (connection: ConnectionSettings, some: readonly Route[]): OriginConnection[] =>
    some.length === 0 ? [] : [{ planned: { kind: "unseen", connection, reason }, routes: some, viewers: null }];
  if (endpoint === null) return unseen(httpsConnection(origin), routes);
  return [
    ...unseen(httpsConnection(origin), routesOver("https", endpoint, routes)),
    ...unseen(httpConnection(origin), routesOver("http", endpoint, routes)),
  ];
}

/** Without TLS there is no server name, so the viewer hosts make no difference. */
function planHttp(
  origin: Origin,
  settings: Settings,
  routes: readonly Route[],
  context: OriginContext,
): OriginConnection[] {
  if (routes.length === 0) return [];
  const connection = httpConnection(origin);
  const reason = reasonNotToConnect(readDomainName(origin.domainName), settings.httpPort, "HTTP", context);
  const planned: WithoutKey = reason === null ? { kind: "probe", connection } : { kind: "unseen", connection, reason };
  return [{ planned, routes, viewers: null }];
}

function planHttps(
  origin: Origin,
  settings: Settings,
  routes: readonly Route[],
  context: OriginContext,
): OriginConnection[] {
  if (routes.length === 0) return [];
  const connection = httpsConnection(origin);
  // This is certain, whatever name a template gives the bucket.
  if (connection.originKind === "s3-website") {
    return [{ planned: { kind: "foreseen", connection, reason: "s3-website-over-https" }, routes, viewers: null }];
  }
  const reason = reasonNotToConnect(readDomainName(origin.domainName), settings.httpsPort, "HTTPS", context);
  if (reason !== null) return [{ planned: { kind: "unseen", connection, reason }, routes, viewers: null }];
  // With gRPC enabled for a behavior, CloudFront uses HTTP/2 to the origin, which is negotiated by ALPN.
  return [
    ...planByHost(
      connection,
      routes.filter((route) => !isGrpc(route)),
      context,
    ),
    ...planByHost({ ...connection, alpn: ["h2"] }, routes.filter(isGrpc), context),
  ];
}

function planByHost(
  connection: ConnectionSettings,
  routes: readonly Route[],
  context: OriginContext,
): OriginConnection[] {
  const plain: Route[] = [];
  const forwarding: Route[] = [];
  const open: Route[] = [];
  const policyIds = new Set<string>();
  for (const route of routes) {
    const forwards = forwardsHost(route.behavior, context.policies);
    if (forwards === "yes") forwarding.push(route);
    else if (forwards === "no") plain.push(route);
    else {
      open.push(route);
      for (const id of forwards.unresolved) policyIds.add(id);
    }
  }
  const planned: OriginConnection[] =
    forwarding.length > 0 ? planForwarded(connection, forwarding, context.hosts()) : [];
  if (plain.length > 0) planned.unshift({ planned: { kind: "probe", connection }, routes: plain, viewers: null });
  if (open.length > 0) {
    const reason: UnseenReason = {
      kind: "policy-unresolved",
      policyIds: [...policyIds].toSorted(),
      parameters: context.parametersFor([...policyIds].flatMap(expressionsIn)),
    };
    planned.push({ planned: { kind: "unseen", connection: unnamed(connection), reason }, routes: open, viewers: null });
  }
  return planned;
}

function planForwarded(
  connection: ConnectionSettings,
  routes: readonly Route[],
  viewers: ViewerHosts,
): OriginConnection[] {
  const unknown = (why: Unknown): OriginConnection => ({
    planned: { kind: "unseen", connection: unnamed(connection), reason: { kind: "viewer-host-unknown", ...why } },
    routes,
    viewers: null,
  });
  if (viewers.kind === "unknown") return [unknown(viewers.unknown)];
  const known = viewers.hosts.map(
    (each): OriginConnection => ({
      planned: { kind: "probe", connection: forHost(connection, each) },
      routes,
      viewers: each,
    }),
  );
  return [...known, ...(viewers.beside === null ? [] : [unknown(viewers.beside)])];
}

function unnamed(connection: ConnectionSettings): ConnectionSettings {
  return { ...connection, serverName: null };
}

/**
 * The connection with the viewer's host as SNI and as one of the names that the certificate may match
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html).
 */
function forHost(connection: ConnectionSettings, { host, weight, sampled }: ViewerHost): ConnectionSettings {
  if (host === connection.domain) return connection;
  const acceptedNames = [host, connection.domain];
  return { ...connection, serverName: host, forwardedHost: host, acceptedNames, weight, sampled };
}

function routesOver(
  scheme: Scheme,
  { originProtocolPolicy }: Pick<Settings, "originProtocolPolicy">,
  routes: readonly Route[],
): Route[] {
  return routes.filter(({ behavior }) =>
    originSchemes(originProtocolPolicy, behavior.viewerProtocolPolicy).includes(scheme),
  );
}

/** The program does not connect to what CloudFront's API refuses: it cannot be deployed. */
function reasonNotToConnect(
  domain: DomainName,
  port: number,
  protocol: "HTTP" | "HTTPS",
  context: OriginContext,
): UnseenReason | null {
  switch (domain.kind) {
    case "parameters":
      return { kind: "tenant-parameters-unresolved", parameters: domain.parameters };
    case "open":
      return templateReason(domain.expressions, context);
    case "invalid":
      return { kind: "origin-invalid", detail: `the origin domain ${domain.detail}` };
    case "name":
      return isAllowedPort(port)
        ? null
        : { kind: "origin-invalid", detail: `the ${protocol} port ${port} is none of 80, 443 and 1024 to 65535` };
  }
}
