import { asApiList } from "./api-value.ts";
import { isOpen, placeholder } from "./placeholder.ts";
import type { Settled, SettledBlock } from "./terraform-settle.ts";

// Resources of Terraform in the shape of the API's answers, so that one reader judges both.

/** An `aws_cloudfront_distribution` as GetDistribution would answer. */
export function apiDistribution(id: string, distribution: SettledBlock): unknown {
  return {
    Id: id,
    ARN: distribution.arn,
    DomainName: distribution.domain_name,
    DistributionConfig: {
      ...common(distribution),
      Staging: distribution.staging,
      Aliases: asApiList(distribution.aliases),
      Origins: asApiList(apiOrigins(distribution.origin, "origin_id")),
      OriginGroups: asApiList(each(distribution.origin_group, (group) => apiGroup(group, group.origin_id))),
      DefaultCacheBehavior: one(distribution.default_cache_behavior, apiBehavior),
      CacheBehaviors: asApiList(each(distribution.ordered_cache_behavior, apiBehavior)),
    },
  };
}

/** An `aws_cloudfront_multitenant_distribution` as GetDistribution would answer. */
export function apiMultitenantDistribution(id: string, distribution: SettledBlock): unknown {
  return {
    Id: id,
    ARN: distribution.arn,
    DomainName: distribution.domain_name,
    DistributionConfig: {
      ...common(distribution),
      ConnectionMode: "tenant-only",
      TenantConfig: one(distribution.tenant_config, (config) => ({
        ParameterDefinitions: each(config.parameter_definition, ({ name, definition }) => ({
          Name: name,
          Definition: one(definition, ({ string_schema: schema }) => ({
            StringSchema: one(schema, ({ default_value }) => ({ DefaultValue: default_value })),
          })),
        })),
      })),
      Origins: asApiList(apiOrigins(distribution.origin, "id")),
      OriginGroups: asApiList(each(distribution.origin_group, (group) => apiGroup(group, group.id))),
      DefaultCacheBehavior: one(distribution.default_cache_behavior, apiMultitenantBehavior),
      CacheBehaviors: asApiList(each(distribution.cache_behavior, apiMultitenantBehavior)),
    },
  };
}

/** A policy as GetCachePolicy or GetOriginRequestPolicy would answer. */
export function apiPolicy(name: "CachePolicy" | "OriginRequestPolicy", id: string, policy: SettledBlock): unknown {
  const headers = (holder: SettledBlock) => ({
    HeadersConfig: one(holder.headers_config, (config) => ({
      HeaderBehavior: config.header_behavior,
      Headers: one(config.headers, ({ items }) => asApiList(items)),
    })),
  });
  if (name === "OriginRequestPolicy") {
    return { OriginRequestPolicy: { Id: id, OriginRequestPolicyConfig: headers(policy) } };
  }
  const parameters = policy.parameters_in_cache_key_and_forwarded_to_origin;
  const ParametersInCacheKeyAndForwardedToOrigin =
    typeof parameters === "string" ? { HeadersConfig: parameters } : one(parameters, headers);
  return { CachePolicy: { Id: id, CachePolicyConfig: { ParametersInCacheKeyAndForwardedToOrigin } } };
}

/** An `aws_cloudfront_vpc_origin` as GetVpcOrigin would answer. */
export function apiVpcOrigin(origin: SettledBlock): unknown {
  const VpcOriginEndpointConfig = one(origin.vpc_origin_endpoint_config, (config) => ({
    ...ports(config),
    OriginSslProtocols: one(config.origin_ssl_protocols, ({ items }) => asApiList(items)),
  }));
  return { VpcOrigin: { VpcOriginEndpointConfig } };
}

/** An `aws_cloudfront_distribution_tenant` as ListDistributionTenants would list it, and its parameters as by GetDistributionTenant. */
export function apiTenant(id: string, tenant: SettledBlock): { readonly listed: unknown; readonly got: unknown } {
  const Domains = each(tenant.domain, ({ domain, status }) => ({ Domain: domain, Status: status }));
  const Parameters = each(tenant.parameter, ({ name, value }) => ({ Name: name, Value: value }));
  return {
    listed: { Id: id, Enabled: tenant.enabled, Domains },
    got: { DistributionTenant: { Id: id, Parameters } },
  };
}

function common({ comment, enabled }: SettledBlock) {
  return { Comment: typeof comment === "string" ? comment : undefined, Enabled: enabled };
}

function apiOrigins(origins: Settled, idName: "origin_id" | "id"): unknown {
  const ids = new Set<Settled>();
  let number = 0;
  return each(origins, (origin) => {
    const id = origin[idName];
    number += 1;
    // Ids that wait for one and the same thing need not be the same.
    const isTaken = typeof id === "string" && ids.has(id) && isOpen(id);
    ids.add(id);
    return apiOrigin(origin, isTaken ? `${id}${placeholder(String(number))}` : id);
  });
}

function apiOrigin(origin: SettledBlock, id: Settled): unknown {
  const custom = one(origin.custom_origin_config, (config) => ({
    ...ports(config),
    OriginSslProtocols: asApiList(config.origin_ssl_protocols),
    IpAddressType: config.ip_address_type,
    OriginMtlsConfig: one(config.origin_mtls_config, () => ({})),
  }));
  const vpc = one(origin.vpc_origin_config, (config) => ({
    VpcOriginId: config.vpc_origin_id,
    OwnerAccountId: config.owner_account_id,
  }));
  const s3 = one(origin.s3_origin_config, () => ({}));
  // The provider takes an origin without any of the blocks for a bucket.
  const isBucket = custom === undefined && vpc === undefined && s3 === undefined;
  return {
    Id: id,
    DomainName: origin.domain_name,
    ConnectionTimeout: origin.connection_timeout,
    ConnectionAttempts: origin.connection_attempts,
    CustomOriginConfig: custom,
    VpcOriginConfig: vpc,
    S3OriginConfig: isBucket ? {} : s3,
  };
}

function ports({ http_port, https_port, origin_protocol_policy }: SettledBlock) {
  return { HTTPPort: http_port, HTTPSPort: https_port, OriginProtocolPolicy: origin_protocol_policy };
}

function apiGroup(group: SettledBlock, id: Settled): unknown {
  return {
    Id: id,
    Members: asApiList(each(group.member, ({ origin_id }) => ({ OriginId: origin_id }))),
    FailoverCriteria: one(group.failover_criteria, ({ status_codes }) => ({ StatusCodes: asApiList(status_codes) })),
  };
}

function apiBehavior(behavior: SettledBlock): unknown {
  return {
    ...target(behavior),
    AllowedMethods: methods(behavior.allowed_methods, behavior.cached_methods),
    ForwardedValues: one(behavior.forwarded_values, ({ headers }) => ({ Headers: asApiList(headers) })),
    GrpcConfig: one(behavior.grpc_config, ({ enabled }) => ({ Enabled: enabled })),
    LambdaFunctionAssociations: asApiList(
      each(behavior.lambda_function_association, ({ event_type, lambda_arn }) => ({
        EventType: event_type,
        LambdaFunctionARN: lambda_arn,
      })),
    ),
  };
}

function apiMultitenantBehavior(behavior: SettledBlock): unknown {
  return {
    ...target(behavior),
    AllowedMethods: one(behavior.allowed_methods, ({ items, cached_methods }) => methods(items, cached_methods)),
    LambdaFunctionAssociations: asApiList(
      each(behavior.lambda_function_association, ({ event_type, lambda_function_arn }) => ({
        EventType: event_type,
        LambdaFunctionARN: lambda_function_arn,
      })),
    ),
  };
}

function target(behavior: SettledBlock) {
  return {
    PathPattern: behavior.path_pattern,
    TargetOriginId: behavior.target_origin_id,
    ViewerProtocolPolicy: behavior.viewer_protocol_policy,
    CachePolicyId: behavior.cache_policy_id,
    OriginRequestPolicyId: behavior.origin_request_policy_id,
    FunctionAssociations: asApiList(
      each(behavior.function_association, ({ event_type, function_arn }) => ({
        EventType: event_type,
        FunctionARN: function_arn,
      })),
    ),
  };
}

function methods(allowed: Settled, cached: Settled): unknown {
  return Array.isArray(allowed) ? { Items: allowed, CachedMethods: asApiList(cached) } : undefined;
}

/** The only one of a block; undefined where there is none, and as it stands where it is none. */
function one(blocks: Settled, change: (block: SettledBlock) => unknown): unknown {
  const value = Array.isArray(blocks) ? (blocks as readonly Settled[])[0] : blocks;
  return isBlock(value) ? change(value) : value;
}

/** Each of a block; as it stands what is none. */
function each(blocks: Settled, change: (block: SettledBlock) => unknown): unknown {
  if (!Array.isArray(blocks)) return blocks;
  return (blocks as readonly Settled[]).map((value) => (isBlock(value) ? change(value) : value));
}

function isBlock(value: Settled): value is SettledBlock {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
