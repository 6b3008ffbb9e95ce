/**
 * Other accounts that are watched besides the one of the stack, as the stack tells its function: in each of them is a
 * role that the function assumes, and that may read what CloudFront does there and nothing else.
 */

/** Listed by id. */
export type AccountsById = { readonly kind: "accounts"; readonly ids: readonly string[] };
/** All of the organization, or those in some of its organizational units, at any depth. */
export type AccountsOfOrganization = { readonly kind: "organization"; readonly units: readonly string[] | "all" };

export type WatchedAccounts = AccountsById | AccountsOfOrganization;

/** The name of the role in each account where nobody says otherwise. */
export const defaultMemberRoleName = "origin-watch-inventory";

/** With what the name of every session begins: the trust of the role asks for it, and CloudTrail shows it. */
export const sessionNamePrefix = "origin-watch-";

/** Accounts that can be listed by id, and organizational units: all of a function's environment must fit in 4 KB. */
export const mostListed = 150;

/** Of a role (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html). */
export const roleNameForm = /^[\w+=,.@-]{1,64}$/;
export const accountIdForm = /^\d{12}$/;
/**
 * Of an organizational unit, or of the root, which is all of the organization
 * (https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html).
 */
export const unitIdForm = /^(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$/;
/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html */
export const organizationIdForm = /^o-[a-z0-9]{10,32}$/;

/** The variables of the function; absent where only its own account is watched. */
export const accountVariables = {
  /** Account ids, with commas between them. */
  accounts: "WATCHED_ACCOUNTS",
  /** `all`, or ids of organizational units, with commas between them. */
  organization: "WATCHED_ORGANIZATION",
  /** Absent where it is the usual one. */
  roleName: "MEMBER_ROLE_NAME",
} as const;

/** The variables as the stack writes them. */
export function accountEnvironment(watched: WatchedAccounts, roleName: string): Record<string, string> {
  const where =
    watched.kind === "accounts"
      ? { [accountVariables.accounts]: watched.ids.join(",") }
      : { [accountVariables.organization]: watched.units === "all" ? "all" : watched.units.join(",") };
  return { ...where, [accountVariables.roleName]: roleName };
}

/**
 * Reads the variables.
 *
 * @returns null where only the account of the function is watched
 * @throws with the variable's name where it is wrong: then the deployment is broken
 */
export function readAccountEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly watched: WatchedAccounts; readonly roleName: string } | null {
  const { accounts, organization, roleName } = accountVariables;
  const [ids, units] = [environment[accounts] ?? "", environment[organization] ?? ""];
  if (ids === "" && units === "") return null;
  if (ids !== "" && units !== "") throw new Error(`environment variable ${organization}: not beside ${accounts}`);
  const name = environment[roleName] || defaultMemberRoleName;
  if (!roleNameForm.test(name)) throw new Error(`environment variable ${roleName}: expected the name of a role`);
  if (ids !== "") return { watched: { kind: "accounts", ids: listOf(accounts, ids, accountIdForm) }, roleName: name };
  const watched = units === "all" ? units : listOf(organization, units, unitIdForm);
  return { watched: { kind: "organization", units: watched }, roleName: name };
}

function listOf(name: string, value: string, form: RegExp): readonly string[] {
  const all = [...new Set(value.split(","))];
  const invalid = all.findIndex((one) => !form.test(one));
  if (invalid >= 0) throw new Error(`environment variable ${name}: entry ${invalid + 1} has not the form of an id`);
  if (all.length > mostListed) throw new Error(`environment variable ${name}: more than ${mostListed} ids`);
  return all;
}
