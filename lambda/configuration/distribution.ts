import type { FunctionCode } from "./function-code.ts";
import type { Scope } from "./scope.ts";

/**
 * What CloudFront's API says of a distribution, reduced to the fields that decide an origin connection.
 *
 * The same shape comes from the API, from a saved `aws cloudfront …` answer and from a template.
 * `CustomHeaders` is deliberately absent: its values are shared secrets between CloudFront and the origin,
 * so they are dropped where the API's answer is read and cannot reach a log, a message or the state.
 */
export type Distribution = {
  readonly id: string;
  readonly scope: Scope;
  /** The `dxxxx.cloudfront.net` name, null when the source does not tell (a bare DistributionConfig). */
  readonly domainName: string | null;
  readonly comment: string;
  readonly enabled: boolean;
  readonly staging: boolean;
  /** ConnectionMode is `tenant-only`: viewers reach its tenants' domains; it has neither aliases nor a name of its own. */
  readonly multiTenant: boolean;
  /** Alternate domain names (CNAMEs), possibly wildcards. */
  readonly aliases: readonly string[];
  /** Of a staging distribution, the names of the one whose viewers it serves; null when that is not known. */
  readonly primary: ViewerNames | null;
  /**
   * Of a staging distribution, why nobody is sent to it: no continuous deployment policy that is enabled names it, or the
   * distribution whose viewers it would serve is disabled. Absent where viewers may come.
   */
  readonly noViewers?: "no-enabled-policy" | "primary-disabled";
  /** Of a multi-tenant distribution, its tenants; null when they are not known. */
  readonly tenants: Tenants | null;
  readonly origins: readonly Origin[];
  readonly originGroups: readonly OriginGroup[];
  /** The ordered cache behaviors, then the default one last. */
  readonly behaviors: readonly CacheBehavior[];
  /** The pages of its custom error responses, absent where there are none. */
  readonly errorPages?: readonly ErrorPage[];
  /** The statuses that viewers get a page for, and what they get in their place; absent where there are none. */
  readonly replacedErrors?: readonly ReplacedError[];
  /** Viewers may be asked for a certificate of theirs (ViewerMtlsConfig); absent where they are not. */
  readonly viewerMtls?: true;
  /** Of a template, where its deployment decides which connections there are. */
  readonly open?: OpenParts;
  /** Of a template: what it hangs on. */
  readonly template?: TemplateFacts;
};

/**
 * What only the deployment of a template settles, by the expressions that stand for it in placeholders: a resource's
 * attribute `Balancer.DNSName`, a parameter `Domain`.
 */
export type OpenParts = {
  /** Which behaviors and origin groups there are. */
  readonly routes: readonly string[];
  /** Which aliases there are. */
  readonly aliases: readonly string[];
};

export type TemplateFacts = {
  /** The parameters that settle what is open, by its expression; not there where none does. */
  readonly settledBy: Readonly<Record<string, readonly string[]>>;
  /** What is assumed of conditions that are not decided: each consistent set of answers makes a distribution of its own. */
  readonly assumed: readonly Assumption[];
};

/** An answer to an open condition. */
export type Assumption = {
  /** What it is about: the same for all answers to one question. */
  readonly subject: string;
  /** The answer in words, for example `Stage=prod`. */
  readonly answer: string;
  /** The template's conditions that hang on it. */
  readonly conditions: readonly string[];
  /** The parameters that settle it. */
  readonly parameters: readonly string[];
};

/** The names under which viewers ask for a distribution. */
export type ViewerNames = Pick<Distribution, "id" | "aliases" | "domainName">;

/** Who uses a multi-tenant distribution; only tenants that are enabled. */
export type Tenants = {
  readonly list: readonly Tenant[];
  /** What stands in for a parameter that a tenant does not set. */
  readonly defaults: readonly TenantParameter[];
};

export type Tenant = {
  readonly id: string;
  /** The domains that serve viewers. */
  readonly domains: readonly string[];
  /** Null when they are not known. */
  readonly parameters: readonly TenantParameter[] | null;
};

/** The value of `{{name}}` in an origin's domain name. */
export type TenantParameter = { readonly name: string; readonly value: string };

export type Origin = {
  readonly id: string;
  readonly domainName: string;
  /** Seconds, 1 to 10; AWS's default is 10. */
  readonly connectionTimeout: number;
  /** 1 to 3; AWS's default is 3. */
  readonly connectionAttempts: number;
  readonly kind: OriginKind;
  /** The Region of Origin Shield (OriginShieldRegion); absent where Origin Shield is off. */
  readonly originShield?: string;
  /** Expressions of a template that decide its settings, which are assumed here. */
  readonly open?: readonly string[];
};

/** Exactly one of S3OriginConfig, CustomOriginConfig and VpcOriginConfig is set on an origin of the API. */
export type OriginKind =
  | { readonly kind: "s3" }
  | ({ readonly kind: "vpc" } & VpcOrigin)
  | ({ readonly kind: "custom" } & CustomOrigin);

export type VpcOrigin = {
  readonly vpcOriginId: string;
  /** The account that shares it, null where it is the distribution's own. */
  readonly ownerAccountId: string | null;
  /** Null when it is not known. */
  readonly endpoint: VpcOriginEndpoint | null;
  /** The ARN of the load balancer or instance behind it; absent where it is not known. */
  readonly target?: string;
  /** What a vantage inside a VPC makes of it; absent where a run has no such vantage. */
  readonly inside?: VpcOriginInside;
};

/** What is behind a VPC origin, as a vantage inside a VPC needs it, or why that vantage does not look at it. */
export type VpcOriginInside =
  | { readonly kind: "found"; readonly vpcId: string; readonly addresses: readonly string[] }
  | { readonly kind: "not-found"; readonly vpcId: string; readonly why: VpcOriginNotFound };

export type VpcOriginNotFound =
  /** The distribution, or what the VPC origin leads to, is of another account than the vantage. */
  | "other-account"
  /** What it leads to is in another Region than the vantage. */
  | "other-region"
  /** What it leads to is in another VPC than the vantage. */
  | "other-vpc"
  /** CloudFront does not say what it leads to, or it is neither a load balancer nor an instance. */
  | "target-unknown"
  /** What it leads to has no network interface. */
  | "no-interface"
  /** The network interfaces could not be read. */
  | "not-read";

export type CustomOrigin = {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly originProtocolPolicy: OriginProtocolPolicy;
  readonly originSslProtocols: readonly OriginSslProtocol[];
  readonly ipAddressType: IpAddressType;
  /** CloudFront presents a client certificate to this origin (OriginMtlsConfig). */
  readonly originMtls: boolean;
};

/** What GetVpcOrigin tells of a VPC origin: ports and protocols are not part of the distribution. */
export type VpcOriginEndpoint = Omit<CustomOrigin, "originMtls">;

export type OriginProtocolPolicy = "http-only" | "https-only" | "match-viewer";
export type ViewerProtocolPolicy = "allow-all" | "redirect-to-https" | "https-only";
export type OriginSslProtocol = "SSLv3" | "TLSv1" | "TLSv1.1" | "TLSv1.2";
export type IpAddressType = "ipv4" | "ipv6" | "dualstack";

export type OriginGroup = {
  readonly id: string;
  /** Origin ids; the first is the primary. */
  readonly members: readonly string[];
  readonly failoverStatusCodes: readonly number[];
};

export type CacheBehavior = {
  /** `*` for the default cache behavior. */
  readonly pathPattern: string;
  readonly isDefault: boolean;
  /** An origin id or an origin group id. */
  readonly targetOriginId: string;
  readonly viewerProtocolPolicy: ViewerProtocolPolicy;
  readonly cachePolicyId: string | null;
  readonly originRequestPolicyId: string | null;
  /** Header names of the legacy ForwardedValues, null when the behavior uses policies instead. */
  readonly forwardedHeaders: readonly string[] | null;
  readonly grpc: boolean;
  /** The methods that viewers may use. */
  readonly allowedMethods: readonly string[];
  /** OPTIONS is cached, and therefore failed over in an origin group, only where it is among them. */
  readonly cachedMethods: readonly string[];
  readonly edgeFunctions: readonly EdgeFunction[];
  /** Only signed URLs or cookies get an answer (TrustedKeyGroups, TrustedSigners); absent where any request does. */
  readonly signedOnly?: true;
  /** What adds headers to its answers and takes them away; absent where nothing does. */
  readonly responseHeadersPolicyId?: string;
  /** Expressions of a template that decide its settings, which are assumed here. */
  readonly open?: readonly string[];
};

/** A page that CloudFront fetches from an origin of the distribution where a response has one of these status codes. */
export type ErrorPage = { readonly path: string; readonly statusCodes: readonly number[] };

/** Of a custom error response with a page: the status that it replaces, and the one that viewers get. */
export type ReplacedError = { readonly replaces: number; readonly shownAs: number };

export type EdgeFunction = {
  readonly arn: string;
  readonly eventType: string;
  readonly runtime: "cloudfront-functions" | "lambda-at-edge";
  /** What its code can do; absent where that was not read. */
  readonly code?: FunctionCode;
};
