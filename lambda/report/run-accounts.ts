import type { Scope } from "../configuration/scope.ts";
import { counted } from "../text/phrase.ts";
import type { RunAccounts, RunReport } from "./record.ts";

/**
 * Whether something may be in an account that a run did not see although nothing failed there: it had no time for it, or the
 * account is missing in one list, and may be back in the next. Two complete lists in a row settle that it is gone.
 */
export function isUnsettled(accounts: RunAccounts | undefined, { accountId: id }: Scope): boolean {
  if (accounts === undefined || id === null) return false;
  if (watchedIds(accounts).has(id)) return accounts.unread.includes(id);
  return !accounts.isComplete || accounts.listedBefore === null || accounts.listedBefore.includes(id);
}

/** Whether a problem says that the distributions of its account, or some of them, are not known. */
export function isUnlisted({ code }: { readonly code: string }): boolean {
  return code === "inventory-failed" || code === "account-unreadable";
}

/** Whether an account is not watched, where it is known which ones are. */
export function isNotWatched(accounts: RunAccounts | undefined, { accountId: id }: Scope): boolean {
  return accounts !== undefined && id !== null && !watchedIds(accounts).has(id);
}

/** Whether a run watches others besides the account of its function. */
export function areSeveral({ accounts }: Pick<RunReport, "accounts">): boolean {
  return accounts !== undefined && accounts.watched.length > 1;
}

/** `38 of 40 accounts read`; null where there is only one to watch. */
export function accountsRead({ accounts }: Pick<RunReport, "accounts">): string | null {
  if (accounts === undefined || accounts.watched.length < 2) return null;
  return accountsReadInWords({ watched: accounts.watched.length, read: accounts.read });
}

/** The same of a board, which has the numbers alone. */
export function accountsReadInWords({ watched, read }: { readonly watched: number; readonly read: number }): string {
  return `${read === watched ? "all " : `${read} of `}${counted(watched, "account")} read`;
}

/** Thousands of accounts are looked up for thousands of incidents. */
const known = new WeakMap<RunAccounts, ReadonlySet<string>>();

function watchedIds(accounts: RunAccounts): ReadonlySet<string> {
  const ids = known.get(accounts) ?? new Set(accounts.watched.flatMap(({ accountId }) => accountId ?? []));
  known.set(accounts, ids);
  return ids;
}
