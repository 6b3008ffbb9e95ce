import { concerns, type Scope, scopeId } from "../configuration/scope.ts";
import type { RunReport } from "../report/record.ts";
import { isUnlisted, isUnsettled } from "../report/run-accounts.ts";
import { type Incident, maxDistributionsKept, maxScopesKept } from "./state.ts";

type Uses = Pick<Incident, "distributions" | "distributionCount" | "scopes" | "scopeCount">;

/**
 * The uses of an incident as a run saw them, with those of accounts that it could not read: there they are as they were, as
 * far as anybody knows. Without them an account would not hear that what it was told of has ended. Which distributions are
 * in which account is not kept, so all that were known stay until the account is read again.
 */
export function withHiddenUses(incident: Uses, seen: Uses, report: RunReport): Uses {
  const shown = new Set(seen.scopes.map(scopeId));
  const hidden = incident.scopes.filter((scope) => !shown.has(scopeId(scope)) && isHidden(scope, report));
  const { distributions, distributionCount, scopes, scopeCount } = seen;
  if (hidden.length === 0) return { distributions, distributionCount, scopes, scopeCount };
  const known = [...new Set([...distributions, ...incident.distributions])].sort();
  return {
    distributions: known.slice(0, maxDistributionsKept),
    distributionCount: Math.max(distributionCount, known.length),
    scopes: [...scopes, ...hidden].slice(0, maxScopesKept),
    scopeCount: scopeCount + hidden.length,
  };
}

function isHidden(scope: Scope, { accounts, problems }: RunReport): boolean {
  return isUnsettled(accounts, scope) || problems.some((each) => isUnlisted(each) && concerns(each.scope, scope));
}
