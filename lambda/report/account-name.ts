import type { Scope } from "../configuration/scope.ts";
import { printable } from "../text/printable.ts";

/** An account for people, in a few words: its name, or the twelve digits; null where neither is known. */
export function accountName({ accountName: name, accountId }: Scope): string | null {
  if (name !== null && name !== "") return printable(name, 50);
  return accountId;
}

/** The same with both, for a place that has room: `prod (111122223333)`. */
export function accountInFull(scope: Scope): string | null {
  const { accountId, accountName: name } = scope;
  return name !== null && name !== "" && accountId !== null
    ? `${accountName(scope)} (${accountId})`
    : accountName(scope);
}

/** Both where there is so little room that the end may be cut off: names are not unique. */
export function accountIdFirst(scope: Scope): string | null {
  const { accountId, accountName: name } = scope;
  return name !== null && name !== "" && accountId !== null ? `${accountId} ${accountName(scope)}` : accountId;
}
