import type { OriginDomainKind } from "../cloudfront/origin-domain.ts";
import type {
  EdgeFunction,
  ErrorPage,
  IpAddressType,
  OriginSslProtocol,
  VpcOrigin,
  VpcOriginInside,
} from "../configuration/distribution.ts";
import type { Scope } from "../configuration/scope.ts";

export type { ErrorPage, VpcOriginInside };

/**
 * One connection that CloudFront would make to an origin, with everything that depends on it.
 *
 * Connections that CloudFront would make identically are one connection with several uses.
 */
export type Connection = {
  /** Stable identity across runs: built from what is connected to and offered, never from what the origin answers. */
  readonly key: string;
  readonly domain: string;
  readonly port: number;
  /** Of an HTTPS connection, the port for HTTP in the settings of the same origin; absent where they do not tell. */
  readonly httpPort?: number;
  readonly scheme: "https" | "http";
  /** The SNI that CloudFront sends: the forwarded Host, else the origin domain. Null without TLS. */
  readonly serverName: string | null;
  /** The viewer's Host that CloudFront forwards on this connection, null when it sends the origin domain. */
  readonly forwardedHost: string | null;
  /** The certificate must match one of these names: the forwarded Host first, then the origin domain. */
  readonly acceptedNames: readonly string[];
  readonly originSslProtocols: readonly OriginSslProtocol[];
  readonly ipAddressType: IpAddressType;
  /** CloudFront has a client certificate for this origin (OriginMtlsConfig). */
  readonly originMtls: boolean;
  /** Milliseconds for one attempt, from ConnectionTimeout. */
  readonly connectTimeoutMs: number;
  readonly connectAttempts: number;
  /** What CloudFront offers by ALPN: `h2` for behaviors with gRPC, nothing for others. */
  readonly alpn: readonly string[];
  /** Of a VPC origin at which a vantage inside its VPC looks: where; absent for every other connection. */
  readonly inVpc?: InVpc;
  /** What the origin is, recognised by its domain name. */
  readonly originKind: OriginDomainKind;
  /** `low` where the server name is the distribution's own name beside aliases: few viewers use it. */
  readonly weight: "full" | "low";
  /** The server name is one sample of the names that a wildcard alias stands for. */
  readonly sampled: boolean;
  readonly uses: readonly Use[];
};

/** A VPC origin, and the addresses behind it, by AWS's word and not by DNS: CloudFront asks no DNS for it either. */
export type InVpc = { readonly vpcOriginId: string; readonly vpcId: string; readonly addresses: readonly string[] };

/** A setting of a cache behavior that may send the viewer's Host: the legacy ForwardedValues, or one of its policies. */
export type HostSource = "forwarded-values" | "cache-policy" | "origin-request-policy";

/** Who depends on a connection. */
export type Use = {
  readonly distributionId: string;
  /** The account of the distribution. */
  readonly scope: Scope;
  /** The distribution's `dxxxx.cloudfront.net` name, when known. */
  readonly distributionDomain: string | null;
  readonly comment: string;
  readonly originId: string;
  readonly pathPatterns: readonly string[];
  readonly aliases: readonly string[];
  readonly group: GroupRole | null;
  /** The default cache behavior is among those that use it. */
  readonly isDefault: boolean;
  readonly enabled: boolean;
  readonly staging: boolean;
  /** How many tenants of a multi-tenant distribution depend on it, null for other distributions. */
  readonly tenants: number | null;
  /** Viewers over HTTP, over HTTPS or both are those whose requests take this connection. */
  readonly viewerSchemes: readonly ("https" | "http")[];
  /** The secondary origin and when it is used; for the primary origin of a group only. */
  readonly failover: Failover | null;
  /** The path patterns among them for which gRPC is switched on; absent where there is none. */
  readonly grpcPathPatterns?: readonly string[];
  /** In a template, the answers to open conditions under which this use exists; absent where it always does. */
  readonly onlyWhere?: readonly string[];
  /** What in the behaviors sends the viewer's Host to the origin; absent where nothing does. */
  readonly hostForwardedBy?: readonly HostSource[];
  /** Edge functions that may send requests to another origin, or change Host, each with its path pattern. */
  readonly reroutedBy: readonly Rerouting[];
  /** What stands before the origin for every request; absent where requests of a behavior reach it without. */
  readonly functionsBefore?: FunctionsBefore;
  /** The pages of custom error responses that CloudFront fetches through it; absent where there are none. */
  readonly errorPages?: readonly ErrorPage[];
  /** The Region of Origin Shield, as it is configured; absent where Origin Shield is off. */
  readonly originShield?: string;
};

/**
 * Edge functions, one at least on every behavior that leads to the origin, each of which may send a request to another
 * origin or answer it: what is configured may be a placeholder that CloudFront never connects to.
 */
export type FunctionsBefore = {
  readonly functions: readonly FunctionBefore[];
  /**
   * A behavior has only one for origin requests, before which CloudFront resolves the configured name
   * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html).
   */
  readonly afterDns: boolean;
};

export type FunctionBefore = EdgeFunction & { readonly pathPattern: string };

export type Rerouting = { readonly pathPattern: string; readonly arn: string };

/** When CloudFront fails over to the secondary origin of a group. */
export type Failover = {
  readonly statusCodes: readonly number[];
  /** Methods that fail over: GET, HEAD, and OPTIONS where it is cached. */
  readonly methods: readonly string[];
  /** Methods that viewers may use and that never fail over. */
  readonly otherMethods: readonly string[];
  readonly secondaryOriginIds: readonly string[];
};

export type GroupRole = { readonly id: string; readonly role: "primary" | "secondary" };

/** What the program does about a connection. */
export type PlannedConnection =
  /** A TLS handshake, or for the scheme `http` a TCP connection only. */
  | { readonly kind: "probe"; readonly connection: Connection }
  /** CloudFront makes the connection, but what it sees cannot be observed by this program. */
  | { readonly kind: "unseen"; readonly connection: Connection; readonly reason: UnseenReason }
  /** The result follows from the configuration alone, so nothing needs to be tried. */
  | { readonly kind: "foreseen"; readonly connection: Connection; readonly reason: ForeseenReason }
  /** CloudFront makes no TLS connection that could be judged. */
  | { readonly kind: "skipped"; readonly connection: Connection; readonly reason: SkipReason };

/** S3 website endpoints do not support HTTPS. */
export type ForeseenReason = "s3-website-over-https";

export type UnseenReason =
  | ({ readonly kind: "vpc-origin" } & VpcOrigin)
  | { readonly kind: "tenant-parameters-unresolved"; readonly parameters: readonly string[] }
  /** A cache policy or origin request policy could not be read, so it is not known whether Host is forwarded. */
  | {
      readonly kind: "policy-unresolved";
      readonly policyIds: readonly string[];
      /** Parameters of a template that settle it. */
      readonly parameters: readonly string[];
    }
  /** Host is forwarded, and it is not known which names viewers use. */
  | {
      readonly kind: "viewer-host-unknown";
      readonly why: "staging" | "multi-tenant" | "aliases";
      /** What of a template or plan the names follow from. */
      readonly expressions: readonly string[];
      /** Parameters of a template that settle it. */
      readonly parameters: readonly string[];
    }
  /** A template leaves the connection open until it is deployed: what it depends on, and which parameters decide it. */
  | {
      readonly kind: "template-value-unresolved";
      readonly expressions: readonly string[];
      readonly parameters: readonly string[];
    }
  /** CloudFront's API refuses such an origin, so it cannot be deployed. */
  | { readonly kind: "origin-invalid"; readonly detail: string };

/** `no-viewers`: the distribution is enabled, and nobody is sent to it, as to a staging distribution without a policy. */
export type SkipReason = "s3-origin" | "http-only" | "distribution-disabled" | "no-viewers" | "origin-unused";
