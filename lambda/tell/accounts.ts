import type { Scope } from "../configuration/scope.ts";
import type { Draft } from "../incidents/change.ts";
import { accountsConcerned } from "../incidents/concerned.ts";
import { accountIdFirst, accountName } from "../report/account-name.ts";
import type { RunReport } from "../report/record.ts";
import { counted } from "../text/phrase.ts";

/** The accounts that a message is about: those of its origins or problems, or that of the run where it is about none. */
export function accountsOf(draft: Draft, report: RunReport, own: Scope): readonly Scope[] {
  const concerned = accountsConcerned(draft, report);
  return concerned.length > 0 ? concerned : [own];
}

/**
 * What a subject says of accounts: the name of one, or how many there are.
 *
 * @param isOneOfSeveral whether the run watches others: whoever has an account may give it another one's name
 */
export function accountExtent(
  accounts: readonly Scope[],
  isOneOfSeveral = false,
): {
  readonly account: string | null;
  readonly many: string | null;
} {
  const [only, ...others] = accounts;
  if (only === undefined) return { account: null, many: null };
  return others.length > 0
    ? { account: null, many: counted(accounts.length, "account") }
    : { account: isOneOfSeveral ? accountIdFirst(only) : accountName(only), many: null };
}
