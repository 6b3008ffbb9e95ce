import type { Configuration, ConfigurationProblem } from "../configuration/configuration.ts";
import type { Scope } from "../configuration/scope.ts";
import { counted } from "../text/phrase.ts";
import { type MemberRole, memberRoleArn } from "./assume-role.ts";
import type { Failure } from "./failure.ts";

/** An account whose role could not be assumed. */
export function notAssumedProblem(scope: Scope, role: MemberRole, failure: Failure): ConfigurationProblem {
  const message = `The role ${memberRoleArn(role)} could not be assumed (${failure.reason}); no distribution of this account is checked.`;
  return { code: "account-unreadable", message, remedy: remedyOf(failure), scope };
}

function remedyOf({ kind }: Failure): string {
  switch (kind) {
    case "denied":
      return "Roll the role out to this account, as docs/accounts.md says. If it is there, see whether its trust names this function's role and the organization, and whether a policy of the organization forbids it.";
    case "credentials":
      return "Look at the role of the function: AWS did not accept its credentials.";
    case "aborted":
      return "Nothing has to be done if this does not happen again: the next run asks anew.";
    case "other":
      return "If it happens again, look at AWS's service health, and at the way from this function to STS.";
  }
}

/**
 * What could not be read of one account of several, which says nothing of the others. Where none of its distributions could,
 * that is the problem, and not the policies that they might have used.
 */
export function asMember({
  distributions,
  problems,
}: Pick<Configuration, "distributions" | "problems">): readonly ConfigurationProblem[] {
  const isNothingRead = distributions.length === 0 && problems.some(({ code }) => code === "inventory-failed");
  return problems
    .filter(({ code }) => !isNothingRead || code !== "policies-unreadable")
    .map((problem) => (problem.code === "inventory-failed" ? { ...problem, code: "account-unreadable" } : problem));
}

/** @param known how many accounts an earlier list had, which are read in its place; null where there is none */
export function unlistedProblem({ kind, reason }: Failure, known: number | null): ConfigurationProblem {
  const instead =
    known === null
      ? "only the account of this function is checked"
      : `${counted(known, "account")} of the last complete list and of this one are checked`;
  const remedy =
    kind === "denied"
      ? 'Allow organizations:ListAccounts on resource "*", and make this account a delegated administrator of any service of the organization.'
      : "If it happens again, look at AWS's service health, and at the ids of the organizational units in the settings.";
  const message = `The accounts of the organization could not be listed (${reason}); ${instead}.`;
  return { code: "accounts-unlisted", message, remedy, scope: null };
}
