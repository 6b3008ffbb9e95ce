import type { CloudFrontClient } from "@aws-sdk/client-cloudfront";
import type { Distribution } from "../configuration/distribution.ts";
import type { Detailed } from "./inventory-problems.ts";
import { withPrimaries } from "./primaries.ts";
import { type TenantBounds, withTenants } from "./tenants.ts";
import { withVpcOrigins } from "./vpc-origins.ts";

/**
 * Asks for what ListDistributions leaves out: the ports of VPC origins, the tenants of multi-tenant distributions, and
 * the primaries of staging distributions. An account without these costs no call.
 */
export async function withDetails(
  client: CloudFrontClient,
  distributions: readonly Distribution[],
  signal: AbortSignal | undefined,
  bounds: TenantBounds,
): Promise<Detailed> {
  const vpc = await withVpcOrigins(client, distributions, signal);
  const tenants = await withTenants(client, vpc.distributions, signal, bounds);
  const primaries = await withPrimaries(client, tenants.distributions, signal);
  return {
    distributions: primaries.distributions,
    problems: [...vpc.problems, ...tenants.problems, ...primaries.problems],
  };
}
