/**
 * A plan as `terraform show -json` prints it (https://developer.hashicorp.com/terraform/internals/json-format): one
 * distribution on two origins of the box, of which one is broken, and on a load balancer that does not exist yet.
 */
export function terraformPlan(ports: Readonly<Record<string, number>>): unknown {
  const custom = (port: number | undefined) => [
    {
      http_port: 80,
      https_port: port ?? 443,
      origin_protocol_policy: "https-only",
      origin_ssl_protocols: ["TLSv1.2"],
    },
  ];
  const origin = (id: string, domain: string | null) => ({
    origin_id: id,
    ...(domain === null ? {} : { domain_name: domain }),
    custom_origin_config: custom(ports[domain ?? ""]),
  });
  const behavior = (target: string) => ({
    target_origin_id: target,
    viewer_protocol_policy: "redirect-to-https",
    cache_policy_id: "658327ea-f89d-4fab-a63d-7e88639e58f6",
  });
  const identity = { mode: "managed", type: "aws_cloudfront_distribution", name: "shop" };
  const address = "aws_cloudfront_distribution.shop";
  return {
    format_version: "1.2",
    terraform_version: "1.9.8",
    resource_changes: [
      {
        address,
        ...identity,
        provider_name: "registry.terraform.io/hashicorp/aws",
        change: {
          actions: ["create"],
          before: null,
          after: {
            enabled: true,
            aliases: ["shop.box.test"],
            origin: [origin("pages", "healthy.box.test"), origin("api", "incomplete.box.test"), origin("search", null)],
            default_cache_behavior: [behavior("pages")],
            ordered_cache_behavior: [
              { path_pattern: "/api/*", ...behavior("api") },
              { path_pattern: "/search", ...behavior("search") },
            ],
          },
          after_unknown: { id: true, origin: [{}, {}, { domain_name: true }] },
          after_sensitive: {},
        },
      },
    ],
    configuration: {
      root_module: {
        resources: [
          {
            address,
            ...identity,
            expressions: {
              origin: [
                { origin_id: { constant_value: "pages" } },
                { origin_id: { constant_value: "api" } },
                {
                  origin_id: { constant_value: "search" },
                  domain_name: { references: ["aws_lb.search.dns_name", "aws_lb.search"] },
                },
              ],
            },
          },
        ],
      },
    },
  };
}
