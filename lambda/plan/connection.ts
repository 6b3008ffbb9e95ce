import type { IpAddressType, OriginSslProtocol } from "./distribution.ts";

/**
 * One connection that CloudFront would make to an origin, with everybody who depends on it.
 *
 * Connections that CloudFront would make identically are one connection with several uses.
 */
export type Connection = {
  /** Stable identity across runs: built from what is dialled and offered, never from what the origin answers. */
  readonly key: string;
  readonly domain: string;
  readonly port: number;
  readonly scheme: "https" | "http";
  /** The SNI that CloudFront sends: the forwarded Host, else the origin domain. Null without TLS. */
  readonly serverName: string | null;
  /** The viewer's Host that CloudFront forwards on this connection, null when it sends the origin domain. */
  readonly forwardedHost: string | null;
  /** Names of which the certificate must match one: the forwarded Host first, then the origin domain. */
  readonly acceptedNames: readonly string[];
  readonly originSslProtocols: readonly OriginSslProtocol[];
  readonly ipAddressType: IpAddressType;
  /** CloudFront has a client certificate for this origin (OriginMtlsConfig). */
  readonly originMtls: boolean;
  /** Milliseconds for one attempt, from ConnectionTimeout. */
  readonly connectTimeoutMs: number;
  readonly connectAttempts: number;
  readonly uses: readonly Use[];
};

/** Who depends on a connection. */
export type Use = {
  readonly distributionId: string;
  /** The distribution's `dxxxx.cloudfront.net` name, when known. */
  readonly distributionDomain: string | null;
  readonly comment: string;
  readonly originId: string;
  readonly pathPatterns: readonly string[];
  readonly aliases: readonly string[];
  readonly group: GroupRole | null;
};

export type GroupRole = { readonly id: string; readonly role: "primary" | "secondary" };

/** What is to be done about a connection. */
export type PlannedConnection =
  | { readonly kind: "probe"; readonly connection: Connection }
  /** CloudFront makes the connection, but what it sees there cannot be seen from here. */
  | { readonly kind: "unseen"; readonly connection: Connection; readonly reason: UnseenReason }
  /** CloudFront makes no TLS connection that could be judged. */
  | { readonly kind: "skipped"; readonly connection: Connection; readonly reason: SkipReason };

export type UnseenReason =
  | { readonly kind: "vpc-origin"; readonly vpcOriginId: string }
  | { readonly kind: "tenant-parameters-unresolved"; readonly parameters: readonly string[] }
  /** A cache policy or origin request policy could not be read, so it is open whether Host is forwarded. */
  | { readonly kind: "policy-unresolved"; readonly policyIds: readonly string[] }
  /** CloudFront's API refuses such an origin, so it cannot be what runs. */
  | { readonly kind: "origin-invalid"; readonly detail: string };

export type SkipReason = "s3-origin" | "http-only" | "distribution-disabled" | "origin-unused";
