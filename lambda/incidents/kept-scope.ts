import type { Scope } from "../configuration/scope.ts";
import { printable } from "../text/printable.ts";

/** Characters of an account's name in the state. */
export const maxAccountName = 128;

/** A scope as the state has it. The name is free text of whoever administers the organization. */
export function keptScope(scope: Scope): Scope {
  return { ...scope, accountName: scope.accountName === null ? null : printable(scope.accountName, maxAccountName) };
}
