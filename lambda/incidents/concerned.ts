import { type Scope, scopeId } from "../configuration/scope.ts";
import { originId } from "../report/origins.ts";
import type { RunProblem, RunReport } from "../report/record.ts";
import { areSeveral } from "../report/run-accounts.ts";
import { type Audience, concernsAll } from "./audiences.ts";
import { type Draft, distributionIncidentsOf, incidentsOf } from "./change.ts";

/** The accounts that a message is about: those of its origins or problems. None where it is about the run as a whole. */
export function accountsConcerned(draft: Draft, report: Pick<RunReport, "records">): readonly Scope[] {
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
  return [...known.values()];
}

/**
 * A draft with the problems of the run that its message may name besides what it is about: those of its accounts and of the
 * run as a whole. What hampers the others is none of theirs. A message about the run as a whole names all.
 */
export function withProblemsBeside(draft: Draft, problems: readonly RunProblem[], report: RunReport): Draft {
  const isAboutAll = !areSeveral(report) || draft.event === "weekly" || draft.event === "started";
  const ids = new Set(isAboutAll ? [] : accountsConcerned(draft, report).map(scopeId));
  const still = ids.size === 0 ? problems : problems.filter(({ scope }) => scope === null || ids.has(scopeId(scope)));
  return { ...draft, change: { ...draft.change, problems: { opened: [], still, resolved: [] } } };
}

/**
 * A draft for its accounts, without what is open or muted in others. How these reach the same origin neither repairs nor
 * spoils anything, although they have no incident of their own.
 */
export function withoutOthers(draft: Draft, report: RunReport): Draft {
  const { openDistributions, muted, mutedDistributions } = draft;
  const audience = draft.audience ?? (areSeveral(report) ? sameAccounts(draft) : null);
  if (audience === null) return draft;
  return {
    ...draft,
    audience,
    openDistributions: openDistributions.filter(({ scope }) => concernsAll(audience, { scopes: [scope] })),
    muted: muted.filter(({ incident }) => concernsAll(audience, incident)),
    mutedDistributions: mutedDistributions.filter(({ incident: { scope } }) =>
      concernsAll(audience, { scopes: [scope] }),
    ),
  };
}

/** The accounts of a message all of whose incidents concern the same ones; null where they differ, or there is none. */
function sameAccounts({ change, distributions }: Draft): Audience {
  const own = distributionIncidentsOf(distributions).map(({ scope }) => [scope]);
  const [first = [], ...others] = [...incidentsOf(change).map(({ scopes }) => scopes), ...own];
  const key = (scopes: readonly Scope[]) => scopes.map(scopeId).sort();
  const ids = key(first);
  const isSame = others.every((scopes) => key(scopes).join(" ") === ids.join(" "));
  return isSame && ids.length > 0 ? ids : null;
}
