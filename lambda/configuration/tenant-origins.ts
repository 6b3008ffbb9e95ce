import type { Origin, Tenant, TenantParameter, Tenants } from "./distribution.ts";
import { readDomainName } from "./domain-name.ts";

/** An origin of a multi-tenant distribution, as it is for some of its tenants. */
export type TenantOrigin = { readonly origin: Origin; readonly tenants: readonly Tenant[] };

/**
 * Replaces `{{name}}` in the domain name of an origin with the tenants' parameters, and groups the tenants that get the
 * same domain name. A parameter that a tenant does not set takes its default; without a default the placeholder stays,
 * so that the plan names it
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/tenant-customization.html).
 *
 * @returns at least one entry; without any tenant, the unchanged origin
 */
export function tenantOrigins(origin: Origin, { list, defaults }: Tenants): readonly TenantOrigin[] {
  if (!origin.domainName.includes("{{") || list.length === 0) return [{ origin, tenants: list }];
  const byName = new Map<string, { origin: Origin; tenants: Tenant[] }>();
  for (const tenant of list) {
    const domainName = expanded(origin.domainName, tenant, defaults);
    const read = readDomainName(domainName);
    const name = read.kind === "name" ? read.name : domainName;
    const known = byName.get(name);
    if (known === undefined) byName.set(name, { origin: { ...origin, domainName }, tenants: [tenant] });
    else known.tenants.push(tenant);
  }
  return [...byName.values()];
}

/** A tenant whose parameters are not known might set any of them, so no default is used. */
function expanded(domainName: string, { parameters }: Tenant, defaults: readonly TenantParameter[]): string {
  if (parameters === null) return domainName;
  return domainName.replace(/\{\{([^{}]+)\}\}/g, (placeholder, written: string) => {
    const name = written.trim();
    const set = parameters.find((parameter) => parameter.name === name);
    return (set ?? defaults.find((parameter) => parameter.name === name))?.value ?? placeholder;
  });
}
