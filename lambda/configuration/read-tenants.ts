import { flag, isObject, member, mismatch, type Notes, type Part, text } from "./api-value.ts";
import type { Tenant, TenantParameter } from "./distribution.ts";

/** The API allows five parameters and a hundred aliases a tenant. */
const mostParameters = 100;
const mostDomains = 500;

/**
 * The defaults of a multi-tenant distribution's parameters, from the answer of GetDistributionConfig; null where the
 * answer holds no configuration: that none has a default must not follow from it.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_TenantConfig.html
 */
export function readTenantDefaults(value: unknown, notes: Notes): TenantParameter[] | null {
  const config = member({ path: "", value }, "DistributionConfig");
  // The API requires it of every configuration.
  if (!isObject(member(config, "Origins").value)) return null;
  return list(member(member(config, "TenantConfig"), "ParameterDefinitions"), mostParameters, notes).flatMap(
    (entry) => {
      const name = text(member(entry, "Name"), notes);
      const schema = member(member(entry, "Definition"), "StringSchema");
      const fallback = text(member(schema, "DefaultValue"), notes);
      return name === null || fallback === null ? [] : [{ name, value: fallback }];
    },
  );
}

/**
 * An entry of ListDistributionTenants, null for a tenant that serves nobody: disabled, or without an active domain.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionTenantSummary.html
 */
export function readTenant(value: unknown, notes: Notes): Tenant | null {
  const part: Part = { path: "", value };
  const given = member(part, "Id");
  if (given.value === undefined) notes.problems.push(mismatch(given, "text"));
  const id = text(given, notes);
  if (id === null || !flag(member(part, "Enabled"), true, notes)) return null;
  const domains = list(member(part, "Domains"), mostDomains, notes).flatMap((entry) => {
    const inactive = member(entry, "Status").value === "inactive";
    return inactive ? [] : (text(member(entry, "Domain"), notes) ?? []);
  });
  return domains.length === 0 ? null : { id, domains, parameters: null };
}

/** The parameters that a tenant sets, from the answer of GetDistributionTenant; null where it holds no tenant. */
export function readTenantParameters(value: unknown, notes: Notes): TenantParameter[] | null {
  const tenant = member({ path: "", value }, "DistributionTenant");
  if (member(tenant, "Id").value === undefined) return null;
  return list(member(tenant, "Parameters"), mostParameters, notes).flatMap((entry) => {
    const name = text(member(entry, "Name"), notes);
    const set = text(member(entry, "Value"), notes);
    return name === null || set === null ? [] : [{ name, value: set }];
  });
}

/** The API's younger lists are plain ones, without Quantity and Items. */
function list(part: Part, most: number, notes: Notes): Part[] {
  if (part.value === undefined) return [];
  if (!Array.isArray(part.value)) {
    notes.problems.push(`${part.path}: expected a list; read as empty`);
    return [];
  }
  const values: readonly unknown[] = part.value;
  if (values.length > most)
    notes.problems.push(`${part.path}: ${values.length} entries, of which the first ${most} are read`);
  return values
    .slice(0, most)
    .map((value, index) => ({ path: `${part.path}[${index}]`, value }))
    .filter(({ value }) => isObject(value));
}
