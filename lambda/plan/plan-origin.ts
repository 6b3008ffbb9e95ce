import { printable } from "../text/printable.ts";
import type { UnseenReason } from "./connection.ts";
import type { Endpoint, WithoutKey } from "./connection-key.ts";
import type { CustomOrigin, Origin } from "./distribution.ts";
import { type DomainName, readDomainName } from "./domain-name.ts";
import { forwardsHost } from "./host-forwarding.ts";
import { originSchemes } from "./origin-schemes.ts";
import type { Policies } from "./policies.ts";
import type { Route } from "./reach.ts";
import { protocolSet } from "./ssl-protocols.ts";
import type { ViewerHost } from "./viewer-hosts.ts";

/** A connection for one origin with the routes that lead to it. */
export type OriginConnection = {
  readonly planned: WithoutKey;
  readonly routes: readonly Route[];
  /** The aliases on whose viewers it has a bearing, null for all of the distribution. */
  readonly aliases: readonly string[] | null;
};

/** What is the same for all origins of a distribution. */
export type Surroundings = {
  readonly enabled: boolean;
  readonly policies: Policies;
  /** The host names of viewers; asked for only where Host is forwarded. */
  readonly hosts: () => readonly ViewerHost[];
};

/** The connections that CloudFront makes to one origin, or the one that it does not make, or that cannot be seen. */
export function planOrigin(origin: Origin, routes: readonly Route[], around: Surroundings): OriginConnection[] {
  const { kind } = origin;
  const one = (planned: WithoutKey): OriginConnection[] => [{ planned, routes, aliases: null }];
  const connection = endpoint(origin);
  if (!around.enabled) return one({ kind: "skipped", connection, reason: "distribution-disabled" });
  if (routes.length === 0) return one({ kind: "skipped", connection, reason: "origin-unused" });
  switch (kind.kind) {
    case "s3":
      return one({ kind: "skipped", connection, reason: "s3-origin" });
    case "vpc":
      return one({ kind: "unseen", connection, reason: { kind: "vpc-origin", vpcOriginId: kind.vpcOriginId } });
    case "custom": {
      if (!usesHttps(kind, routes)) return one({ kind: "skipped", connection, reason: "http-only" });
      const domain = readDomainName(origin.domainName);
      const reason = reasonNotToDial(domain, kind.httpsPort);
      if (reason !== null) return one({ kind: "unseen", connection, reason });
      return planByHost(connection, routes, around);
    }
  }
}

function planByHost(connection: Endpoint, routes: readonly Route[], around: Surroundings): OriginConnection[] {
  const plain: Route[] = [];
  const forwarding: Route[] = [];
  const open: Route[] = [];
  const policyIds = new Set<string>();
  for (const route of routes) {
    const forwards = forwardsHost(route.behavior, around.policies);
    if (forwards === "yes") forwarding.push(route);
    else if (forwards === "no") plain.push(route);
    else {
      open.push(route);
      for (const id of forwards.unresolved) policyIds.add(id);
    }
  }
  const planned: OriginConnection[] = [];
  if (plain.length > 0) planned.push({ planned: { kind: "probe", connection }, routes: plain, aliases: null });
  if (forwarding.length > 0) {
    for (const { host, aliases } of around.hosts()) {
      planned.push({ planned: { kind: "probe", connection: forHost(connection, host) }, routes: forwarding, aliases });
    }
  }
  if (open.length > 0) {
    const reason: UnseenReason = { kind: "policy-unresolved", policyIds: [...policyIds].toSorted() };
    const unnamed = { ...connection, serverName: null };
    planned.push({ planned: { kind: "unseen", connection: unnamed, reason }, routes: open, aliases: null });
  }
  return planned;
}

/**
 * The connection with the viewer's host as SNI and as one of the names that the certificate may match
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html).
 */
function forHost(connection: Endpoint, host: string): Endpoint {
  if (host === connection.domain) return connection;
  return { ...connection, serverName: host, forwardedHost: host, acceptedNames: [host, connection.domain] };
}

/**
 * The connection where Host is not forwarded. For an S3 or VPC origin, port and protocols are not part of the
 * distribution: 443 stands for the port, and no protocols are listed.
 */
function endpoint({ domainName, connectionTimeout, connectionAttempts, kind }: Origin): Endpoint {
  const read = readDomainName(domainName);
  const domain = read.kind === "name" ? read.name : printable(domainName, 253);
  const custom = kind.kind === "custom" ? kind : null;
  const timing = { connectTimeoutMs: connectionTimeout * 1_000, connectAttempts: connectionAttempts };
  const family = { ipAddressType: custom?.ipAddressType ?? "ipv4" };
  if (custom?.originProtocolPolicy === "http-only") {
    const port = custom.httpPort;
    const withoutTls = { serverName: null, acceptedNames: [], originSslProtocols: [], originMtls: false };
    return { domain, port, scheme: "http", forwardedHost: null, ...withoutTls, ...family, ...timing };
  }
  return {
    domain,
    port: custom?.httpsPort ?? 443,
    scheme: "https",
    serverName: domain,
    forwardedHost: null,
    acceptedNames: [domain],
    originSslProtocols: protocolSet(custom?.originSslProtocols ?? []),
    originMtls: custom?.originMtls ?? false,
    ...family,
    ...timing,
  };
}

function usesHttps({ originProtocolPolicy }: CustomOrigin, routes: readonly Route[]): boolean {
  return routes.some(({ behavior }) =>
    originSchemes(originProtocolPolicy, behavior.viewerProtocolPolicy).includes("https"),
  );
}

/** What CloudFront's API refuses is not dialled: it cannot be what runs. */
function reasonNotToDial(domain: DomainName, httpsPort: number): UnseenReason | null {
  switch (domain.kind) {
    case "parameters":
      return { kind: "tenant-parameters-unresolved", parameters: domain.parameters };
    case "invalid":
      return { kind: "origin-invalid", detail: `the origin domain ${domain.detail}` };
    case "name":
      return isAllowedPort(httpsPort)
        ? null
        : { kind: "origin-invalid", detail: `the HTTPS port ${httpsPort} is none of 80, 443 and 1024 to 65535` };
  }
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html */
function isAllowedPort(port: number): boolean {
  return Number.isInteger(port) && (port === 80 || port === 443 || (port >= 1024 && port <= 65_535));
}
