import { isObject } from "./api-value.ts";

/**
 * The properties of an `AWS::CloudFront::Distribution` in the shape of the API's DistributionConfig. CloudFormation
 * writes most of the same names, but lists without `Items`, methods flat, and numbers and booleans as text too
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html).
 * Custom headers are left out here already: their values are secrets.
 */
export function apiDistribution(properties: unknown): unknown {
  const config = isObject(properties) ? properties.DistributionConfig : undefined;
  if (!isObject(config)) return config;
  return {
    DistributionConfig: {
      ...config,
      Enabled: asBoolean(config.Enabled),
      Staging: asBoolean(config.Staging),
      Aliases: listed(config.Aliases ?? config.CNAMEs),
      Origins: listed(each(config.Origins, apiOrigin)),
      DefaultCacheBehavior: apiBehavior(config.DefaultCacheBehavior),
      CacheBehaviors: listed(each(config.CacheBehaviors, apiBehavior)),
      OriginGroups: withNumbers(config.OriginGroups),
    },
  };
}

/** A policy of a template as GetCachePolicy or GetOriginRequestPolicy would answer. */
export function apiPolicy(name: "CachePolicy" | "OriginRequestPolicy", id: string, properties: unknown): unknown {
  const config = isObject(properties) ? properties[`${name}Config`] : undefined;
  const parameters = isObject(config) ? config.ParametersInCacheKeyAndForwardedToOrigin : undefined;
  const holder = name === "CachePolicy" ? parameters : config;
  const headers = isObject(holder) && isObject(holder.HeadersConfig) ? holder.HeadersConfig : {};
  const HeadersConfig = { ...headers, Headers: listed(headers.Headers) };
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

function apiOrigin(origin: unknown): unknown {
  if (!isObject(origin)) return origin;
  const { OriginCustomHeaders: _, ...rest } = origin;
  return {
    ...rest,
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
    OriginSslProtocols: listed(config.OriginSSLProtocols ?? config.OriginSslProtocols),
  };
}

function apiBehavior(behavior: unknown): unknown {
  if (!isObject(behavior)) return behavior;
  const { ForwardedValues: forwarded, GrpcConfig: grpc } = behavior;
  return {
    ...behavior,
    AllowedMethods: Array.isArray(behavior.AllowedMethods)
      ? { Items: behavior.AllowedMethods, CachedMethods: listed(behavior.CachedMethods) }
      : undefined,
    ForwardedValues: isObject(forwarded) ? { ...forwarded, Headers: listed(forwarded.Headers) } : forwarded,
    GrpcConfig: isObject(grpc) ? { ...grpc, Enabled: asBoolean(grpc.Enabled) } : grpc,
    FunctionAssociations: listed(behavior.FunctionAssociations),
    LambdaFunctionAssociations: listed(behavior.LambdaFunctionAssociations),
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

function listed(value: unknown): unknown {
  return Array.isArray(value) ? { Items: value } : value;
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
