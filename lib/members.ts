import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Names, Stack, Token } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import {
  accountEnvironment,
  accountIdForm,
  mostListed,
  organizationIdForm,
  roleNameForm,
  unitIdForm,
  type WatchedAccounts,
} from "../lambda/contract/accounts.ts";
import { type OptionalRead, optionalReads, type ReadSettings } from "./cloudfront-reads.ts";
import { PropError } from "./prop-error.ts";
import { shortenedName } from "./shortened-name.ts";

/** What the props say of other accounts. */
export type MemberSettings = {
  readonly accounts: readonly string[];
  readonly organization: boolean | readonly string[];
  readonly organizationId?: string | undefined;
  readonly memberRoleName: string;
  readonly memberStackSet: readonly string[];
};

/** Other accounts that are watched, and by which role. */
export type Members = {
  readonly watched: WatchedAccounts;
  readonly organizationId: string;
  readonly roleName: string;
  /** Organizational units in whose accounts a StackSet makes the role. */
  readonly stackSetUnits: readonly string[];
};

/**
 * What the props come to; null where only the stack's own account is watched.
 *
 * @throws PropError for what contradicts itself, and for what the function would refuse
 */
export function membersOf(settings: MemberSettings, otherwise: { readonly memberRoleName: string }): Members | null {
  const { accounts, organization, organizationId, memberRoleName, memberStackSet } = settings;
  checkList("accounts", accounts, accountIdForm, "ids of accounts, 12 digits each");
  checkList("organization", organization, unitIdForm, "true, or ids of organizational units (ou-… or the root, r-…)");
  checkList("memberStackSet", memberStackSet, unitIdForm, "ids of organizational units (ou-… or the root, r-…)");
  if (!roleNameForm.test(memberRoleName)) {
    throw new PropError("memberRoleName", `expected the name of a role, got ${JSON.stringify(memberRoleName)}`);
  }
  const watched = watchedAccounts(accounts, organization);
  if (watched === null) {
    const useless = [
      organizationId === undefined ? [] : ["organizationId"],
      memberRoleName === otherwise.memberRoleName ? [] : ["memberRoleName"],
      memberStackSet.length === 0 ? [] : ["memberStackSet"],
    ].flat();
    for (const prop of useless) throw new PropError(prop, "expected accounts or organization beside it, got neither");
    return null;
  }
  if (organizationId === undefined) {
    const why = "the role in each account trusts nobody outside of the organization";
    throw new PropError("organizationId", `expected the organization's id (o-…), got nothing: ${why}`);
  }
  if (!Token.isUnresolved(organizationId) && !organizationIdForm.test(organizationId)) {
    throw new PropError(
      "organizationId",
      `expected o- and 10 to 32 letters or digits, got ${JSON.stringify(organizationId)}`,
    );
  }
  return { watched, organizationId, roleName: memberRoleName, stackSetUnits: memberStackSet };
}

function watchedAccounts(
  accounts: readonly string[],
  organization: boolean | readonly string[],
): WatchedAccounts | null {
  const ofOrganization = organization === true || (organization !== false && organization.length > 0);
  if (accounts.length > 0 && ofOrganization) {
    throw new PropError(
      "organization",
      "expected nothing beside accounts, which already says which accounts are watched: leave out one of the two",
    );
  }
  if (accounts.length > 0) return { kind: "accounts", ids: accounts };
  if (organization === true) return { kind: "organization", units: "all" };
  return organization === false || organization.length === 0 ? null : { kind: "organization", units: organization };
}

function checkList(prop: string, value: unknown, form: RegExp, words: string): void {
  if (prop === "organization" && typeof value === "boolean") return;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  const invalid = entries.find((entry) => typeof entry !== "string" || !form.test(entry));
  if (invalid !== undefined) throw new PropError(prop, `expected ${words}, got ${JSON.stringify(invalid)}`);
  if (new Set(entries).size < entries.length) throw new PropError(prop, "expected each id once, got one twice");
  if (entries.length <= mostListed) return;
  const instead = prop === "accounts" ? "watch the organization, or units of it" : "name the units above them";
  throw new PropError(prop, `expected at most ${mostListed}, got ${entries.length}: ${instead}`);
}

/** @throws PropError where the stack's own account is listed, which needs no role and is watched anyway */
export function checkOwnAccount(members: Members, ownAccount: string): void {
  if (members.watched.kind !== "accounts" || !members.watched.ids.includes(ownAccount)) return;
  throw new PropError("accounts", `expected other accounts, got ${ownAccount}: the stack's own is watched anyway`);
}

/** The variables of the function; none where only its own account is watched. */
export function memberEnvironment(members: Members | null): Record<string, string> {
  return members === null ? {} : accountEnvironment(members.watched, members.roleName);
}

/**
 * The right to assume the role in the accounts, and to list these. Whether STS fills `aws:ResourceOrgID` for `AssumeRole` is
 * not documented, so that the role's trust alone says that the account is of the organization.
 */
export function memberRights(members: Members | null, scope: Construct): PolicyStatement[] {
  if (members === null) return [];
  const { partition } = Stack.of(scope);
  const { watched, roleName } = members;
  const role = (account: string) => `arn:${partition}:iam::${account}:role/${roleName}`;
  const assume = new PolicyStatement({
    sid: "AssumeRoleInOtherAccounts",
    actions: ["sts:AssumeRole"],
    resources: watched.kind === "accounts" ? watched.ids.map(role) : [role("*")],
  });
  if (watched.kind === "accounts") return [assume];
  const list = new PolicyStatement({
    sid: "ListAccountsOfOrganization",
    actions: ["organizations:ListAccounts"],
    // It knows no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
    resources: ["*"],
  });
  return [assume, list];
}

/** Of a role (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html). */
const longestRoleName = 64;
/** Of a Region's name, with room for one that is yet to come; the longest so far have 14. */
const longestRegion = 20;

/**
 * The name of the function's role, which the trust of the other accounts' roles names: made from the stack's name and Region,
 * so that it is known before it is there, and the same after the stack was deleted and made again.
 *
 * A stack's name that is too long, or not known yet, is shortened, and a hash keeps it apart from others.
 */
export function hubRoleName(scope: Construct): string {
  const stack = Stack.of(scope);
  const name = Token.isUnresolved(stack.stackName) ? Names.uniqueId(stack) : stack.stackName;
  return `${shortenedName(name, longestRoleName - longestRegion - 1)}-${stack.region}`;
}

/** What the member template asks for, with the values for this stack. */
export function memberParameters(
  members: Members,
  settings: ReadSettings,
  hub: { readonly accountId: string; readonly roleName: string },
): Readonly<Record<MemberParameter, string>> {
  const reads = optionalReads(settings);
  const may = (read: OptionalRead) => (reads.has(read) ? "yes" : "no");
  return {
    HubAccountId: hub.accountId,
    HubRoleName: hub.roleName,
    OrganizationId: members.organizationId,
    RoleName: members.roleName,
    ReadTags: may("tags"),
    ReadFunctions: may("functions"),
    ReadHeadersPolicies: may("headersPolicies"),
    ReadMetrics: may("metrics"),
  };
}

/** The parameters of the member template. */
export type MemberParameter =
  | "HubAccountId"
  | "HubRoleName"
  | "OrganizationId"
  | "RoleName"
  | "ReadTags"
  | "ReadFunctions"
  | "ReadHeadersPolicies"
  | "ReadMetrics";
