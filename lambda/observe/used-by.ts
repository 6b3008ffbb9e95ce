import type { PlannedConnection } from "../plan/connection.ts";

/**
 * The keys of the public connections to which a distribution of one of these accounts itself leads. What another account
 * leads to is not among them, be it the same server under another port or name.
 *
 * @param accounts ids
 */
export function publicAndUsedBy(
  accounts: readonly (string | null)[],
  planned: readonly PlannedConnection[],
): ReadonlySet<string> {
  const asking = new Set(accounts.filter((id) => id !== null));
  const isAsking = (id: string | null) => id !== null && asking.has(id);
  return new Set(
    planned.flatMap(({ kind, connection: { key, uses, inVpc } }) =>
      kind === "probe" && inVpc === undefined && uses.some(({ scope }) => isAsking(scope.accountId)) ? key : [],
    ),
  );
}
