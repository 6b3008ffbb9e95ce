/**
 * What is read of a resource: an allow-list, so that nothing else is held. Custom headers are not on it, because their
 * values are secrets.
 *
 * A `leaf` is a text, a number, a boolean, or a list of these; a `link` is one that names something else of
 * the configuration. A block is
 * written as a list of objects, also where there can be only one of them
 * (https://developer.hashicorp.com/terraform/internals/json-format).
 */
export type TerraformShape = "leaf" | "link" | TerraformBlock;
export type TerraformBlock = {
  readonly block: Readonly<Record<string, TerraformShape>>;
  /** The provider computes it where it is not set, so that a plan has it as unknown then. */
  readonly computed?: boolean;
};

const present: TerraformShape = { block: {} };

function leaves(...names: readonly string[]): Readonly<Record<string, "leaf">> {
  return Object.fromEntries(names.map((name) => [name, "leaf"]));
}

function links(...names: readonly string[]): Readonly<Record<string, "link">> {
  return Object.fromEntries(names.map((name) => [name, "link"]));
}

const customOrigin: TerraformShape = {
  block: {
    ...leaves("http_port", "https_port", "origin_protocol_policy", "origin_ssl_protocols", "ip_address_type"),
    origin_mtls_config: present,
  },
};

const originParts = {
  ...leaves("domain_name", "connection_attempts", "connection_timeout"),
  custom_origin_config: customOrigin,
};

const behaviorParts = {
  ...leaves("viewer_protocol_policy"),
  ...links("target_origin_id", "cache_policy_id", "origin_request_policy_id"),
  function_association: { block: leaves("event_type", "function_arn") },
};

const groupParts = {
  failover_criteria: { block: leaves("status_codes") },
  member: { block: links("origin_id") },
};

const behavior = {
  ...behaviorParts,
  ...leaves("allowed_methods", "cached_methods"),
  forwarded_values: { block: leaves("headers") },
  grpc_config: { block: leaves("enabled"), computed: true },
  lambda_function_association: { block: leaves("event_type", "lambda_arn") },
};

/** Of the younger resource, which names some things as the API does. */
const multitenantBehavior = {
  ...behaviorParts,
  allowed_methods: { block: leaves("items", "cached_methods") },
  lambda_function_association: { block: leaves("event_type", "lambda_function_arn") },
};

const headersConfig = {
  headers_config: { block: { ...leaves("header_behavior"), headers: { block: leaves("items") } } },
};

const cachePolicy: TerraformBlock = {
  block: { ...leaves("id"), parameters_in_cache_key_and_forwarded_to_origin: { block: headersConfig } },
};
const originRequestPolicy: TerraformBlock = { block: { ...leaves("id"), ...headersConfig } };

/** By the type of the resource. https://registry.terraform.io/providers/hashicorp/aws/latest/docs */
export const terraformShapes = {
  aws_cloudfront_distribution: {
    block: {
      ...leaves("id", "arn", "domain_name", "comment", "enabled", "staging", "aliases"),
      ...links("continuous_deployment_policy_id"),
      origin: {
        block: {
          ...links("origin_id"),
          ...originParts,
          s3_origin_config: present,
          vpc_origin_config: { block: { ...links("vpc_origin_id"), ...leaves("owner_account_id") } },
        },
      },
      origin_group: { block: { ...links("origin_id"), ...groupParts } },
      default_cache_behavior: { block: behavior },
      ordered_cache_behavior: { block: { ...leaves("path_pattern"), ...behavior } },
    },
  },
  aws_cloudfront_multitenant_distribution: {
    block: {
      ...leaves("id", "arn", "domain_name", "comment", "enabled"),
      origin: { block: { ...links("id"), ...originParts, vpc_origin_config: { block: links("vpc_origin_id") } } },
      origin_group: { block: { ...links("id"), ...groupParts } },
      default_cache_behavior: { block: multitenantBehavior },
      cache_behavior: { block: { ...leaves("path_pattern"), ...multitenantBehavior } },
      tenant_config: {
        block: {
          parameter_definition: {
            block: {
              ...leaves("name"),
              definition: { block: { string_schema: { block: leaves("default_value") } } },
            },
          },
        },
      },
    },
  },
  aws_cloudfront_distribution_tenant: {
    block: {
      ...leaves("enabled"),
      ...links("distribution_id", "connection_group_id"),
      domain: { block: leaves("domain", "status") },
      parameter: { block: leaves("name", "value") },
    },
  },
  aws_cloudfront_connection_group: { block: leaves("id", "enabled") },
  aws_cloudfront_cache_policy: cachePolicy,
  aws_cloudfront_origin_request_policy: originRequestPolicy,
  aws_cloudfront_vpc_origin: {
    block: {
      ...leaves("id"),
      vpc_origin_endpoint_config: {
        block: {
          ...leaves("http_port", "https_port", "origin_protocol_policy"),
          origin_ssl_protocols: { block: leaves("items") },
        },
      },
    },
  },
  aws_cloudfront_continuous_deployment_policy: {
    block: { ...leaves("id", "enabled"), staging_distribution_dns_names: { block: links("items") } },
  },
} as const satisfies Readonly<Record<string, TerraformBlock>>;

export type TerraformType = keyof typeof terraformShapes;

export function isTerraformType(type: unknown): type is TerraformType {
  return typeof type === "string" && Object.hasOwn(terraformShapes, type);
}
