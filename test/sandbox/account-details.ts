import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import type { AwsEndpointOptions } from "./aws/endpoint.ts";
import { customOrigin, distribution, distributionDomain } from "./distributions.ts";

const vpcOriginId = "vo_BOXINTRANET0001";
const policyId = "box-continuous-deployment-policy";
const tenantId = "dt_BOXTENANT00001";
const stagingId = "E7BOXSTAGING07";
const multiTenantId = "E8BOXTENANTS08";

/** Distributions of which the list does not tell everything, on origins that the account has anyway. */
export function specialDistributions(
  port: (domain: string) => number,
  accountId: string,
  marker: string,
): DistributionSummary[] {
  const headers = { "X-Origin-Secret": marker };
  const intranet = distribution(
    {
      id: "E6BOXINTRANET6",
      comment: "Intranet behind a VPC origin",
      origins: [vpcOrigin("intranet.box.test", marker)],
      defaultBehavior: { target: "intranet.box.test" },
    },
    accountId,
  );
  const staging = distribution(
    {
      id: stagingId,
      comment: "Staging of App",
      origins: [customOrigin("alb.box.test", port("alb.box.test"), { headers })],
      defaultBehavior: { target: "alb.box.test", originRequestPolicy: "AllViewer" },
    },
    accountId,
  );
  const template = { ...customOrigin("{{shop}}.box.test", port("healthy.box.test"), { headers }), Id: "shop" };
  const tenants = distribution(
    { id: multiTenantId, comment: "Shops", origins: [template], defaultBehavior: { target: "shop" } },
    accountId,
  );
  return [intranet, { ...staging, Staging: true }, { ...tenants, ConnectionMode: "tenant-only" }];
}

/** What the calls for single things answer about them. */
export function accountDetails(accountId: string): Partial<AwsEndpointOptions> {
  const arn = (kind: string, id: string) => `arn:aws:cloudfront::${accountId}:${kind}/${id}`;
  const times = {
    CreatedTime: new Date("2026-01-15T09:30:00.000Z"),
    LastModifiedTime: new Date("2026-01-15T09:30:00.000Z"),
  };
  return {
    vpcOrigins: [
      {
        Id: vpcOriginId,
        Arn: arn("vpcorigin", vpcOriginId),
        Status: "Deployed",
        ...times,
        VpcOriginEndpointConfig: {
          Name: "intranet",
          Arn: `arn:aws:elasticloadbalancing:us-east-1:${accountId}:loadbalancer/app/intranet/0123456789abcdef`,
          HTTPPort: 80,
          HTTPSPort: 8443,
          OriginProtocolPolicy: "https-only",
          OriginSslProtocols: { Quantity: 1, Items: ["TLSv1.2"] },
        },
      },
    ],
    continuousDeploymentPolicies: [
      {
        Id: policyId,
        LastModifiedTime: times.LastModifiedTime,
        ContinuousDeploymentPolicyConfig: {
          Enabled: true,
          StagingDistributionDnsNames: { Quantity: 1, Items: [distributionDomain(stagingId)] },
        },
      },
    ],
    configs: {
      E3BOXAPP000003: { ContinuousDeploymentPolicyId: policyId },
      [multiTenantId]: {
        TenantConfig: {
          ParameterDefinitions: [{ Name: "shop", Definition: { StringSchema: { Required: true } } }],
        },
      },
    },
    tenants: [
      {
        Id: tenantId,
        DistributionId: multiTenantId,
        Name: "first-shop",
        Arn: arn("distribution-tenant", tenantId),
        Domains: [{ Domain: "first.shops.example.com", Status: "active" }],
        Parameters: [{ Name: "shop", Value: "healthy" }],
        Enabled: true,
        Status: "Deployed",
        ...times,
      },
    ],
  };
}

function vpcOrigin(domain: string, marker: string) {
  const { CustomOriginConfig: _, ...frame } = customOrigin(domain, 443, { headers: { "X-Origin-Secret": marker } });
  return { ...frame, VpcOriginConfig: { VpcOriginId: vpcOriginId } };
}
