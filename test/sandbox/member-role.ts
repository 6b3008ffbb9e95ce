import { isAllowed, type Statement } from "../lib/iam.ts";
import type { AccountRole } from "./aws/organization.ts";

/** The role that a hub assumes in other accounts, as the hub has it. */
export type Hub = {
  readonly accountId: string;
  /** Of the function's role. */
  readonly roleName: string;
  readonly organizationId: string;
};

/** The role of a member: it trusts the hub's role, and may read what CloudFront does in its account. */
export function memberRole(hub: Hub, accountId: string): AccountRole {
  const rights: Statement[] = [
    { effect: "Allow", actions: lists.map((name) => `cloudfront:${name}`), resources: ["*"] },
    ...Object.entries(details).map(([kind, names]): Statement => {
      const resources = [`arn:aws:cloudfront::${accountId}:${kind}/*`];
      return { effect: "Allow", actions: names.map((name) => `cloudfront:${name}`), resources };
    }),
    { effect: "Allow", actions: ["cloudwatch:GetMetricData"], resources: ["*"], regions: ["us-east-1"] },
  ];
  return {
    trust: {
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${hub.accountId}:root` },
          Action: "sts:AssumeRole",
          Condition: {
            ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${hub.accountId}:role/${hub.roleName}` },
            StringEquals: { "aws:PrincipalOrgID": hub.organizationId },
            StringLike: { "sts:RoleSessionName": "origin-watch-*" },
          },
        },
      ],
    },
    isAllowed: (action, resource, region) => isAllowed(rights, { action, resource, region }),
  };
}

const lists = [
  "ListDistributions",
  "ListCachePolicies",
  "ListOriginRequestPolicies",
  "ListDistributionTenants",
  "ListContinuousDeploymentPolicies",
  "ListResponseHeadersPolicies",
];
const details = {
  distribution: ["GetDistributionConfig", "ListTagsForResource"],
  "distribution-tenant": ["GetDistributionTenant"],
  function: ["GetFunction"],
  vpcorigin: ["GetVpcOrigin"],
};
