import { asApiList, isObject } from "./api-value.ts";
import type { Shape } from "./template-value.ts";

// What is read of a resource: on the rest nothing hangs, so that no condition is asked for its sake. Custom headers are
// among the rest: their values are secrets.

const present: Shape = { members: {} };

const customOriginShape: Shape = {
  members: {
    HTTPPort: "all",
    HTTPSPort: "all",
    OriginProtocolPolicy: "all",
    OriginSSLProtocols: "all",
    OriginSslProtocols: "all",
    IpAddressType: "all",
    OriginMtlsConfig: present,
  },
};

const originShape: Shape = {
  members: {
    Id: "all",
    DomainName: "all",
    ConnectionTimeout: "all",
    ConnectionAttempts: "all",
    CustomOriginConfig: customOriginShape,
    S3OriginConfig: present,
    VpcOriginConfig: { members: { VpcOriginId: "all", OwnerAccountId: "all" } },
    OriginMtlsConfig: present,
  },
};

const behaviorShape: Shape = {
  members: {
    PathPattern: "all",
    TargetOriginId: "all",
    ViewerProtocolPolicy: "all",
    CachePolicyId: "all",
    OriginRequestPolicyId: "all",
    ForwardedValues: { members: { Headers: "all" } },
    GrpcConfig: { members: { Enabled: "all" } },
    AllowedMethods: "all",
    CachedMethods: "all",
    FunctionAssociations: { items: { members: { FunctionARN: "all", EventType: "all" } } },
    LambdaFunctionAssociations: { items: { members: { LambdaFunctionARN: "all", EventType: "all" } } },
  },
};

const legacyOriginShape: Shape = {
  members: {
    DNSName: "all",
    HTTPPort: "all",
    HTTPSPort: "all",
    OriginProtocolPolicy: "all",
    OriginSSLProtocols: "all",
  },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html */
export const distributionShape: Shape = {
  members: {
    DomainName: "all",
    DistributionConfig: {
      members: {
        Enabled: "all",
        Staging: "all",
        ConnectionMode: "all",
        TenantConfig: { members: { ParameterDefinitions: "all" } },
        Aliases: "all",
        CNAMEs: "all",
        Origins: { items: originShape },
        CustomOrigin: legacyOriginShape,
        S3Origin: legacyOriginShape,
        OriginGroups: "all",
        DefaultCacheBehavior: behaviorShape,
        CacheBehaviors: { items: behaviorShape },
        CustomErrorResponses: { items: { members: { ErrorCode: "all", ResponsePagePath: "all" } } },
      },
    },
  },
};

const headersShape: Shape = { members: { HeadersConfig: "all" } };

/** What is read of policies, VPC origins and tenants. */
export const otherShapes = {
  "AWS::CloudFront::CachePolicy": {
    members: { CachePolicyConfig: { members: { ParametersInCacheKeyAndForwardedToOrigin: headersShape } } },
  },
  "AWS::CloudFront::OriginRequestPolicy": { members: { OriginRequestPolicyConfig: headersShape } },
  "AWS::CloudFront::VpcOrigin": { members: { VpcOriginEndpointConfig: customOriginShape } },
  "AWS::CloudFront::ContinuousDeploymentPolicy": {
    members: { ContinuousDeploymentPolicyConfig: { members: { Enabled: "all", StagingDistributionDnsNames: "all" } } },
  },
  "AWS::CloudFront::DistributionTenant": {
    members: { DistributionId: "all", Enabled: "all", Domains: "all", Parameters: "all" },
  },
} as const satisfies Readonly<Record<string, Shape>>;

/**
 * The properties of an `AWS::CloudFront::Distribution` in the shape of the API's Distribution. CloudFormation writes most
 * of the same names, but methods flat, and numbers and booleans as text too.
 */
export function apiDistribution(properties: unknown): unknown {
  const config = isObject(properties) ? properties.DistributionConfig : properties;
  // All of it may hang on one condition or parameter.
  if (!isObject(config)) return { DistributionConfig: { Origins: config, DefaultCacheBehavior: config } };
  return {
    DomainName: isObject(properties) ? properties.DomainName : undefined,
    DistributionConfig: {
      ...config,
      Enabled: asBoolean(config.Enabled),
      Staging: asBoolean(config.Staging),
      Aliases: asApiList(config.Aliases ?? config.CNAMEs),
      Origins: asApiList(each(config.Origins ?? legacyOrigins(config), apiOrigin)),
      DefaultCacheBehavior: apiBehavior(config.DefaultCacheBehavior),
      CacheBehaviors: asApiList(each(config.CacheBehaviors, apiBehavior)),
      OriginGroups: withNumbers(config.OriginGroups),
      CustomErrorResponses: asApiList(
        each(config.CustomErrorResponses, (response) =>
          isObject(response) ? { ...response, ErrorCode: asNumber(response.ErrorCode) } : response,
        ),
      ),
    },
  };
}

/** Before there were lists of origins, a distribution had one, which was known by its domain name. */
function legacyOrigins({ CustomOrigin: custom, S3Origin: s3 }: { readonly [name: string]: unknown }): unknown {
  if (isObject(custom)) return [{ Id: custom.DNSName, DomainName: custom.DNSName, CustomOriginConfig: custom }];
  return isObject(s3) ? [{ Id: s3.DNSName, DomainName: s3.DNSName, S3OriginConfig: {} }] : undefined;
}

/** A policy of a template as GetCachePolicy or GetOriginRequestPolicy would answer. */
export function apiPolicy(name: "CachePolicy" | "OriginRequestPolicy", id: string, properties: unknown): unknown {
  const config = isObject(properties) ? properties[`${name}Config`] : undefined;
  const parameters = isObject(config) ? config.ParametersInCacheKeyAndForwardedToOrigin : undefined;
  const holder = name === "CachePolicy" ? parameters : config;
  const headers = isObject(holder) ? holder.HeadersConfig : holder;
  const HeadersConfig = isObject(headers) ? { ...headers, Headers: asApiList(headers.Headers) } : headers;
  const read =
    name === "CachePolicy"
      ? { CachePolicyConfig: { ParametersInCacheKeyAndForwardedToOrigin: { HeadersConfig } } }
      : { OriginRequestPolicyConfig: { HeadersConfig } };
  return { [name]: { Id: id, ...read } };
}

/** An `AWS::CloudFront::VpcOrigin` as GetVpcOrigin would answer. */
export function apiVpcOrigin(properties: unknown): unknown {
  const config = isObject(properties) ? properties.VpcOriginEndpointConfig : undefined;
  return { VpcOrigin: { VpcOriginEndpointConfig: apiCustomOrigin(config) } };
}

/** An `AWS::CloudFront::DistributionTenant` as ListDistributionTenants would list it, and its parameters as by GetDistributionTenant. */
export function apiTenant(id: string, properties: unknown): { readonly listed: unknown; readonly got: unknown } {
  const { Domains: domains, Enabled, Parameters } = isObject(properties) ? properties : {};
  return {
    listed: {
      Id: id,
      Enabled: asBoolean(Enabled),
      Domains: each(domains, (domain) => (isObject(domain) ? domain : { Domain: domain })),
    },
    got: { DistributionTenant: { Id: id, Parameters } },
  };
}

function apiOrigin(origin: unknown): unknown {
  if (!isObject(origin)) return origin;
  return {
    ...origin,
    ConnectionTimeout: asNumber(origin.ConnectionTimeout),
    ConnectionAttempts: asNumber(origin.ConnectionAttempts),
    CustomOriginConfig: apiCustomOrigin(origin.CustomOriginConfig),
  };
}

function apiCustomOrigin(config: unknown): unknown {
  if (!isObject(config)) return config;
  return {
    ...config,
    HTTPPort: asNumber(config.HTTPPort),
    HTTPSPort: asNumber(config.HTTPSPort),
    OriginSslProtocols: asApiList(config.OriginSSLProtocols ?? config.OriginSslProtocols ?? omittedProtocols),
  };
}

/**
 * What CloudFormation sets on a distribution where OriginSSLProtocols is left out. AWS documents no default; others have
 * read it back from distributions that they deployed (https://github.com/go-to-k/cdk-real-drift/issues/1734).
 */
export const omittedProtocols: readonly unknown[] = ["SSLv3", "TLSv1"];

function apiBehavior(behavior: unknown): unknown {
  if (!isObject(behavior)) return behavior;
  const { GrpcConfig: grpc, AllowedMethods: allowed, ForwardedValues: forwarded } = behavior;
  return {
    ...behavior,
    AllowedMethods: Array.isArray(allowed)
      ? { Items: allowed, CachedMethods: asApiList(behavior.CachedMethods) }
      : undefined,
    ForwardedValues: isObject(forwarded) ? { ...forwarded, Headers: asApiList(forwarded.Headers) } : forwarded,
    FunctionAssociations: asApiList(behavior.FunctionAssociations),
    LambdaFunctionAssociations: asApiList(behavior.LambdaFunctionAssociations),
    GrpcConfig: isObject(grpc) ? { ...grpc, Enabled: asBoolean(grpc.Enabled) } : grpc,
  };
}

/** Status codes of origin groups may be text. */
function withNumbers(groups: unknown): unknown {
  if (!isObject(groups)) return groups;
  return {
    ...groups,
    Items: each(groups.Items, (group) => {
      const criteria = isObject(group) ? group.FailoverCriteria : undefined;
      const codes = isObject(criteria) ? criteria.StatusCodes : undefined;
      if (!isObject(group) || !isObject(criteria) || !isObject(codes)) return group;
      const StatusCodes = { ...codes, Items: each(codes.Items, asNumber) };
      return { ...group, FailoverCriteria: { ...criteria, StatusCodes } };
    }),
  };
}

function each(value: unknown, change: (item: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => change(item)) : value;
}

function asNumber(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) : value;
}

function asBoolean(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const lower = value.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : value;
}
