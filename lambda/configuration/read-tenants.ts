import { flag, isObject, member, type Part, text } from "./api-value.ts";
import type { Tenant, TenantParameter } from "./distribution.ts";

/** The API allows five parameters and a hundred aliases a tenant. */
const mostParameters = 100;
const mostDomains = 500;

/**
 * The defaults of a multi-tenant distribution's parameters, from the answer of GetDistributionConfig.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_TenantConfig.html
 */
export function readTenantDefaults(value: unknown, problems: string[]): TenantParameter[] {
  const config = member(member({ path: "", value }, "DistributionConfig"), "TenantConfig");
  return list(member(config, "ParameterDefinitions"), mostParameters, problems).flatMap((entry) => {
    const name = text(member(entry, "Name"), problems);
    const schema = member(member(entry, "Definition"), "StringSchema");
    const fallback = text(member(schema, "DefaultValue"), problems);
    return name === null || fallback === null ? [] : [{ name, value: fallback }];
  });
}

/**
 * An entry of ListDistributionTenants, null for a tenant that serves nobody: disabled, or without an active domain.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionTenantSummary.html
 */
export function readTenant(value: unknown, problems: string[]): Tenant | null {
  const part: Part = { path: "", value };
  const id = text(member(part, "Id"), problems);
  if (id === null || !flag(member(part, "Enabled"), true, problems)) return null;
  const domains = list(member(part, "Domains"), mostDomains, problems).flatMap((entry) => {
    const inactive = member(entry, "Status").value === "inactive";
    return inactive ? [] : (text(member(entry, "Domain"), problems) ?? []);
  });
  return domains.length === 0 ? null : { id, domains, parameters: null };
}

/** The parameters that a tenant sets, from the answer of GetDistributionTenant. */
export function readTenantParameters(value: unknown, problems: string[]): TenantParameter[] {
  const parameters = member(member({ path: "", value }, "DistributionTenant"), "Parameters");
  return list(parameters, mostParameters, problems).flatMap((entry) => {
    const name = text(member(entry, "Name"), problems);
    const set = text(member(entry, "Value"), problems);
    return name === null || set === null ? [] : [{ name, value: set }];
  });
}

/** The API's younger lists are plain ones, without Quantity and Items. */
function list(part: Part, most: number, problems: string[]): Part[] {
  if (part.value === undefined) return [];
  if (!Array.isArray(part.value)) {
    problems.push(`${part.path}: expected a list; read as empty`);
    return [];
  }
  const values: readonly unknown[] = part.value;
  if (values.length > most)
    problems.push(`${part.path}: ${values.length} entries, of which the first ${most} are read`);
  return values
    .slice(0, most)
    .map((value, index) => ({ path: `${part.path}[${index}]`, value }))
    .filter(({ value }) => isObject(value));
}
