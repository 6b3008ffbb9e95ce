import { type Scope, scopeId } from "../configuration/scope.ts";
import { type Draft, distributionIncidentsOf, incidentsOf } from "../incidents/change.ts";
import { accountIdFirst, accountName } from "../report/account-name.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { counted } from "../text/phrase.ts";

/** The accounts that a message is about: those of its origins or problems, or that of the run where it is about none. */
export function accountsOf(draft: Draft, report: RunReport, own: Scope): readonly Scope[] {
  const notChecked = new Set(draft.notChecked.map(originId));
  const ofNotChecked = report.records
    .filter(({ connection }) => notChecked.has(originId(connection)))
    .flatMap(({ uses }) => uses.map(({ scope }) => scope));
  const { opened, still, resolved } = draft.change.problems;
  const ofProblems =
    draft.event === "run-problem" ? [...opened, ...still, ...resolved].flatMap(({ scope }) => scope ?? []) : [];
  const begun = draft.begunMutes ?? [];
  const ofDistributions = [
    ...distributionIncidentsOf(draft.distributions),
    ...begun.flatMap((each) => each.distributions),
  ].map(({ scope }) => scope);
  const incidents = [...incidentsOf(draft.change), ...begun.flatMap((each) => each.incidents)];
  // An incident keeps the first ones of many.
  const cut = new Set(incidents.filter(({ scopes, scopeCount }) => scopeCount > scopes.length).map(({ key }) => key));
  const ofMany = report.records.filter(({ connection: { key } }) => cut.has(key));
  const all = [
    ...incidents.flatMap(({ scopes }) => scopes),
    ...ofMany.flatMap(({ uses }) => uses.map(({ scope }) => scope)),
    ...ofDistributions,
    ...ofNotChecked,
    ...ofProblems,
  ];
  const known = new Map(all.filter(({ accountId }) => accountId !== null).map((scope) => [scopeId(scope), scope]));
  return known.size > 0 ? [...known.values()] : [own];
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
