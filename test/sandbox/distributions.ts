import type { CacheBehavior, CustomOriginConfig, DistributionSummary, Origin } from "@aws-sdk/client-cloudfront";
import { managedPolicyId } from "./managed-policies.ts";

/** What matters of a distribution; the rest gets CloudFront's defaults. */
export type DistributionOutline = {
  /** For example `E1BOXSHOP00001`. */
  readonly id: string;
  readonly comment: string;
  readonly aliases?: readonly string[];
  readonly enabled?: boolean;
  readonly origins: readonly Origin[];
  /** Groups of two origins, primary first, that fail over on 502 and 503. */
  readonly groups?: readonly { readonly id: string; readonly members: readonly [string, string] }[];
  readonly defaultBehavior: BehaviorOutline;
  readonly behaviors?: readonly (BehaviorOutline & { readonly pathPattern: string })[];
};

export type BehaviorOutline = {
  /** Id of an origin or a group. */
  readonly target: string;
  /** A managed origin request policy by its documented name, for example `AllViewer`. */
  readonly originRequestPolicy?: string;
  /** @default "CachingOptimized" */
  readonly cachePolicy?: string;
};

/** A distribution as ListDistributions returns it, every member set that the API always sets. */
export function distribution(outline: DistributionOutline, accountId: string): DistributionSummary {
  const { id, comment, origins } = outline;
  const aliases = outline.aliases ?? [];
  const behaviors = outline.behaviors ?? [];
  const groups = outline.groups ?? [];
  return {
    Id: id,
    ARN: `arn:aws:cloudfront::${accountId}:distribution/${id}`,
    ETag: `E2${id.slice(1)}`,
    Status: "Deployed",
    LastModifiedTime: new Date("2026-01-15T09:30:00.000Z"),
    DomainName: distributionDomain(id),
    Aliases: list(aliases),
    Origins: { Quantity: origins.length, Items: [...origins] },
    OriginGroups: list(
      groups.map((group) => ({
        Id: group.id,
        FailoverCriteria: { StatusCodes: { Quantity: 2, Items: [502, 503] } },
        Members: { Quantity: 2, Items: group.members.map((member) => ({ OriginId: member })) },
        SelectionCriteria: "default" as const,
      })),
    ),
    DefaultCacheBehavior: behavior(outline.defaultBehavior),
    CacheBehaviors: list(
      behaviors.map((entry): CacheBehavior => ({ PathPattern: entry.pathPattern, ...behavior(entry) })),
    ),
    CustomErrorResponses: { Quantity: 0 },
    Comment: comment,
    PriceClass: "PriceClass_All",
    Enabled: outline.enabled ?? true,
    ViewerCertificate: {
      CloudFrontDefaultCertificate: aliases.length === 0,
      SSLSupportMethod: "sni-only",
      MinimumProtocolVersion: "TLSv1.2_2021",
      CertificateSource: aliases.length === 0 ? "cloudfront" : "acm",
    },
    Restrictions: { GeoRestriction: { RestrictionType: "none", Quantity: 0 } },
    WebACLId: "",
    HttpVersion: "http2",
    IsIPV6Enabled: true,
    ...(aliases.length === 0
      ? {}
      : { AliasICPRecordals: aliases.map((alias) => ({ CNAME: alias, ICPRecordalStatus: "APPROVED" as const })) }),
    Staging: false,
    ConnectionMode: "direct",
  };
}

/** The name under `cloudfront.net` that belongs to an id. */
export function distributionDomain(id: string): string {
  return `d${id.slice(1).toLowerCase()}.cloudfront.net`;
}

/**
 * A custom origin, https-only with `OriginSslProtocols` [TLSv1.2] unless told otherwise; its id is its domain. It has
 * CloudFront's own ten seconds to answer: servers here share a machine, and often a process, with much that is busy.
 */
export function customOrigin(
  domain: string,
  httpsPort: number,
  options: {
    readonly config?: Partial<CustomOriginConfig>;
    /** CloudFront sends these with every request: often a secret shared with the origin. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Nothing answers there, from the start or later on: two seconds are enough to see it, and are soon over. */
    readonly silent?: boolean;
  } = {},
): Origin {
  return {
    ...originFrame(domain, options.headers),
    ...(options.silent === true ? { ConnectionTimeout: 2 } : {}),
    CustomOriginConfig: {
      HTTPPort: 80,
      HTTPSPort: httpsPort,
      OriginProtocolPolicy: "https-only",
      OriginSslProtocols: { Quantity: 1, Items: ["TLSv1.2"] },
      OriginReadTimeout: 30,
      OriginKeepaliveTimeout: 5,
      ...options.config,
    },
  };
}

/** A bucket by its REST endpoint, with origin access control. */
export function s3Origin(bucketDomain: string): Origin {
  return {
    ...originFrame(bucketDomain),
    S3OriginConfig: { OriginAccessIdentity: "" },
    OriginAccessControlId: "E3OAC00000001",
  };
}

function originFrame(domain: string, headers: Readonly<Record<string, string>> = {}): Origin {
  return {
    Id: domain,
    DomainName: domain,
    OriginPath: "",
    CustomHeaders: list(Object.entries(headers).map(([HeaderName, HeaderValue]) => ({ HeaderName, HeaderValue }))),
    ConnectionAttempts: 1,
    ConnectionTimeout: 10,
    OriginShield: { Enabled: false },
  };
}

function behavior(outline: BehaviorOutline): Omit<CacheBehavior, "PathPattern"> {
  return {
    TargetOriginId: outline.target,
    TrustedSigners: { Enabled: false, Quantity: 0 },
    TrustedKeyGroups: { Enabled: false, Quantity: 0 },
    ViewerProtocolPolicy: "redirect-to-https",
    AllowedMethods: {
      Quantity: 2,
      Items: ["HEAD", "GET"],
      CachedMethods: { Quantity: 2, Items: ["HEAD", "GET"] },
    },
    SmoothStreaming: false,
    Compress: true,
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: { Quantity: 0 },
    FieldLevelEncryptionId: "",
    CachePolicyId: managedPolicyId(outline.cachePolicy ?? "CachingOptimized"),
    ...(outline.originRequestPolicy === undefined
      ? {}
      : { OriginRequestPolicyId: managedPolicyId(outline.originRequestPolicy) }),
    GrpcConfig: { Enabled: false },
  };
}

/** An empty list has no `Items` in the API's answers. */
function list<Item>(items: readonly Item[]): { Quantity: number; Items?: Item[] } {
  return items.length === 0 ? { Quantity: 0 } : { Quantity: items.length, Items: [...items] };
}
