import type { ReadSettings } from "../../lib/cloudfront-reads.ts";
import { memberTemplate } from "../../lib/member-template.ts";
import { memberParameters } from "../../lib/members.ts";
import { isAllowed, roleStatements, type Statement } from "../lib/iam.ts";
import { evaluate, objectOf, textOf } from "../lib/one-file/evaluate.ts";
import type { AccountRole } from "./aws/organization.ts";
import type { TrustPolicy } from "./aws/trust-policy.ts";
import type { Template } from "./lambda/assembly.ts";
import { type Json, type Resolve, resolveText } from "./lambda/intrinsics.ts";

/** Who assumes the role of a member. */
export type Hub = {
  readonly accountId: string;
  /** Of the function's role. */
  readonly roleName: string;
  readonly organizationId: string;
};

/** The name that the role has in every account. */
export const MEMBER_ROLE = "origin-watch-inventory";

const everything: ReadSettings = {
  muteTags: true,
  readFunctions: true,
  viewerErrors: "hourly",
  throughCloudFront: "all",
};

/** A member's role as the member template makes it in an account: whom it trusts, and what it may. */
export function memberRole(hub: Hub, accountId: string, settings: Partial<ReadSettings> = {}): AccountRole {
  const { trust, rights } = deployedMemberRole(hub, accountId, settings);
  return { trust, isAllowed: (action, resource, region) => isAllowed(rights, { action, resource, region }) };
}

/** The same, with its statements. */
export function deployedMemberRole(
  hub: Hub,
  accountId: string,
  settings: Partial<ReadSettings> = {},
): { readonly name: string; readonly trust: TrustPolicy; readonly rights: readonly Statement[] } {
  const watched = { kind: "accounts", ids: [accountId] } as const;
  const members = { watched, organizationId: hub.organizationId, roleName: MEMBER_ROLE, stackSetUnits: [] };
  const template = evaluate(memberTemplate("0.0.0"), memberParameters(members, { ...everything, ...settings }, hub));
  const resolve: Resolve = (id) => {
    const value = { "AWS::Partition": "aws", "AWS::AccountId": accountId }[id];
    if (value === undefined) throw new Error(`no value for ${id}`);
    return value;
  };
  const { RoleName, AssumeRolePolicyDocument } = objectOf(objectOf(objectOf(template.Resources).Role).Properties);
  return {
    name: textOf(RoleName),
    trust: resolved(AssumeRolePolicyDocument as Json, resolve) as unknown as TrustPolicy,
    rights: roleStatements(template as unknown as Template, "Role", resolve),
  };
}

/** With texts in the place of references and joins. */
function resolved(value: Json, resolve: Resolve): Json {
  if (Array.isArray(value)) return value.map((each) => resolved(each, resolve));
  if (value === null || typeof value !== "object") return value;
  if ("Ref" in value || "Fn::Join" in value) return resolveText(value, resolve);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, resolve)]));
}
