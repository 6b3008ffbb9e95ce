import type { CacheBehavior, DistributionSummary } from "@aws-sdk/client-cloudfront";

const modernBehavior: CacheBehavior = {
  PathPattern: "/modern/*",
  TargetOriginId: "group",
  ViewerProtocolPolicy: "https-only",
  TrustedSigners: { Enabled: true, Quantity: 2, Items: ["self", "111122223333"] },
  TrustedKeyGroups: { Enabled: true, Quantity: 1, Items: ["key-group-id"] },
  AllowedMethods: {
    Quantity: 3,
    Items: ["HEAD", "GET", "OPTIONS"],
    CachedMethods: { Quantity: 2, Items: ["HEAD", "GET"] },
  },
  SmoothStreaming: false,
  Compress: true,
  LambdaFunctionAssociations: {
    Quantity: 1,
    Items: [
      {
        LambdaFunctionARN: "arn:aws:lambda:us-east-1:123456789012:function:rewrite:7",
        EventType: "origin-request",
        IncludeBody: false,
      },
    ],
  },
  FunctionAssociations: {
    Quantity: 1,
    Items: [{ FunctionARN: "arn:aws:cloudfront::123456789012:function/route", EventType: "viewer-request" }],
  },
  FieldLevelEncryptionId: "",
  RealtimeLogConfigArn: "arn:aws:cloudfront::123456789012:realtime-log-config/live",
  CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
  OriginRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
  ResponseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03",
  GrpcConfig: { Enabled: true },
};

const legacyBehavior: CacheBehavior = {
  PathPattern: "/legacy/*",
  TargetOriginId: "custom",
  ViewerProtocolPolicy: "allow-all",
  ForwardedValues: {
    QueryString: true,
    Cookies: { Forward: "whitelist", WhitelistedNames: { Quantity: 2, Items: ["session", "theme"] } },
    Headers: { Quantity: 2, Items: ["Host", "Accept"] },
    QueryStringCacheKeys: { Quantity: 1, Items: ["page"] },
  },
  MinTTL: 0,
  DefaultTTL: 86_400,
  MaxTTL: 31_536_000,
};

const { PathPattern: _, ...defaultBehavior } = modernBehavior;

/** A distribution that sets every member that ListDistributions can return, so that none is lost on the way. */
export const everythingDistribution: DistributionSummary = {
  Id: "E1EVERYTHING00",
  ARN: "arn:aws:cloudfront::123456789012:distribution/E1EVERYTHING00",
  ETag: "E2QWRUHAPOMQZL",
  Status: "Deployed",
  LastModifiedTime: new Date("2026-03-01T12:34:56.000Z"),
  DomainName: "d111111abcdef8.cloudfront.net",
  Aliases: { Quantity: 2, Items: ["www.example.com", "*.example.org"] },
  Origins: {
    Quantity: 3,
    Items: [
      {
        Id: "custom",
        DomainName: "origin.example.com",
        OriginPath: "/v1",
        CustomHeaders: {
          Quantity: 2,
          Items: [
            { HeaderName: "X-Origin-Secret", HeaderValue: "not & for <you>" },
            { HeaderName: "X-Empty", HeaderValue: "" },
          ],
        },
        CustomOriginConfig: {
          HTTPPort: 8080,
          HTTPSPort: 8443,
          OriginProtocolPolicy: "match-viewer",
          OriginSslProtocols: { Quantity: 4, Items: ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"] },
          OriginReadTimeout: 60,
          OriginKeepaliveTimeout: 5,
          IpAddressType: "dualstack",
          OriginMtlsConfig: { ClientCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/client" },
        },
        ConnectionAttempts: 3,
        ConnectionTimeout: 10,
        ResponseCompletionTimeout: 120,
        OriginShield: { Enabled: true, OriginShieldRegion: "eu-central-1" },
        OriginAccessControlId: "",
      },
      {
        Id: "bucket",
        DomainName: "bucket.s3.eu-central-1.amazonaws.com",
        OriginPath: "",
        CustomHeaders: { Quantity: 0 },
        S3OriginConfig: {
          OriginAccessIdentity: "origin-access-identity/cloudfront/E127EXAMPLE51Z",
          OriginReadTimeout: 30,
        },
        OriginShield: { Enabled: false },
      },
      {
        Id: "vpc",
        DomainName: "internal-alb.example.internal",
        VpcOriginConfig: {
          VpcOriginId: "vo_BQwjxxQxjCaBcQLzJUFkDM",
          OwnerAccountId: "111122223333",
          OriginReadTimeout: 30,
          OriginKeepaliveTimeout: 5,
        },
      },
    ],
  },
  OriginGroups: {
    Quantity: 1,
    Items: [
      {
        Id: "group",
        FailoverCriteria: { StatusCodes: { Quantity: 3, Items: [500, 502, 503] } },
        Members: { Quantity: 2, Items: [{ OriginId: "custom" }, { OriginId: "bucket" }] },
        SelectionCriteria: "media-quality-based",
      },
    ],
  },
  DefaultCacheBehavior: defaultBehavior,
  CacheBehaviors: { Quantity: 2, Items: [modernBehavior, legacyBehavior] },
  CustomErrorResponses: {
    Quantity: 1,
    Items: [{ ErrorCode: 502, ResponsePagePath: "/sorry.html", ResponseCode: "200", ErrorCachingMinTTL: 10 }],
  },
  Comment: "Everything",
  PriceClass: "PriceClass_100",
  Enabled: true,
  ViewerCertificate: {
    CloudFrontDefaultCertificate: false,
    IAMCertificateId: "ASCAEXAMPLECERTIFICATE",
    ACMCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/viewer",
    SSLSupportMethod: "sni-only",
    MinimumProtocolVersion: "TLSv1.2_2021",
    Certificate: "arn:aws:acm:us-east-1:123456789012:certificate/viewer",
    CertificateSource: "acm",
  },
  Restrictions: { GeoRestriction: { RestrictionType: "whitelist", Quantity: 2, Items: ["DE", "FR"] } },
  WebACLId: "arn:aws:wafv2:us-east-1:123456789012:global/webacl/x/1",
  HttpVersion: "http2and3",
  IsIPV6Enabled: true,
  AliasICPRecordals: [{ CNAME: "www.example.com", ICPRecordalStatus: "APPROVED" }],
  Staging: true,
  ConnectionMode: "direct",
  AnycastIpListId: "aip_1",
  ViewerMtlsConfig: {
    Mode: "required",
    TrustStoreConfig: { TrustStoreId: "ts_1", AdvertiseTrustStoreCaNames: true, IgnoreCertificateExpiry: false },
  },
  ConnectionFunctionAssociation: { Id: "cf_1" },
};
