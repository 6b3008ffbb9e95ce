import { type Scope, scopeId } from "../configuration/scope.ts";
import type { RunProblem, RunReport } from "../report/record.ts";
import { areSeveral } from "../report/run-accounts.ts";
import { type Audience, accountsIn, concernsAll } from "./audiences.ts";
import { scopesOf } from "./begun-mutes.ts";
import { type Draft, distributionIncidentsOf, incidentsOf, type MutedIncident } from "./change.ts";

/**
 * The accounts that a message is about: those of its origins or problems. None where it is about the run as a whole, as the
 * first message and the weekly summary are: they say something of every account, and to tell one is not to tell all.
 */
export function accountsConcerned(draft: Draft, report: Pick<RunReport, "records">): readonly Scope[] {
  if (isAboutAll(draft)) return [];
  const { opened, still, resolved } = draft.change.problems;
  const begun = draft.begunMutes ?? [];
  const incidents = [...incidentsOf(draft.change), ...begun.flatMap((each) => each.incidents)];
  // An incident keeps the first ones of many.
  const cut = new Set(incidents.filter(({ scopes, scopeCount }) => scopeCount > scopes.length).map(({ key }) => key));
  const ofMany = report.records.filter(({ connection: { key } }) => cut.has(key));
  const all = [
    ...[...incidents, ...draft.notChecked].flatMap(({ scopes }) => scopes),
    ...ofMany.flatMap(({ uses }) => uses.map(({ scope }) => scope)),
    ...distributionIncidentsOf(draft.distributions).map(({ scope }) => scope),
    ...[...opened, ...still, ...resolved].flatMap(({ scope }) => scope ?? []),
    ...begun.flatMap(scopesOf),
  ];
  const known = new Map(all.filter(({ accountId }) => accountId !== null).map((scope) => [scopeId(scope), scope]));
  return [...known.values()];
}

function isAboutAll({ event }: Draft): boolean {
  return event === "weekly" || event === "started";
}

/**
 * A draft with the problems of the run that its message may name besides what it is about: those of its accounts and of the
 * run as a whole. What hampers the others is none of theirs.
 */
export function withProblemsBeside(draft: Draft, problems: readonly RunProblem[], report: RunReport): Draft {
  const ids = new Set(accountsConcerned(draft, report).map(scopeId));
  const isTheirs = ({ scope }: RunProblem) => scope === null || ids.has(scopeId(scope));
  const still = areSeveral(report) ? problems.filter(isTheirs) : problems;
  return { ...draft, change: { ...draft.change, problems: { opened: [], still, resolved: [] } } };
}

/**
 * A draft for its accounts, without what is open or muted in others. How these reach the same origin neither repairs nor
 * spoils anything, although they have no incident of their own. A mute of another account says nothing to these.
 */
export function withoutOthers(draft: Draft, report: RunReport): Draft {
  const { openDistributions, muted, mutedDistributions } = draft;
  const audience = draft.audience ?? (areSeveral(report) ? idsOf(accountsConcerned(draft, report)) : null);
  if (audience === null) return draft;
  return {
    ...draft,
    audience,
    openDistributions: openDistributions.filter(({ scope }) => concernsAll(audience, { scopes: [scope] })),
    muted: muted
      .filter(({ incident }) => concernsAll(audience, incident))
      .flatMap((each) => withMutesOf(audience, each)),
    mutedDistributions: mutedDistributions.filter(({ incident: { scope } }) =>
      concernsAll(audience, { scopes: [scope] }),
    ),
  };
}

function idsOf(scopes: readonly Scope[]): Audience {
  return scopes.length === 0 ? null : scopes.map(scopeId);
}

function withMutesOf(audience: NonNullable<Audience>, { incident, mutes }: MutedIncident): readonly MutedIncident[] {
  const [first, ...others] = mutes.filter(({ account }) => account === null || accountsIn(audience).includes(account));
  return first === undefined ? [] : [{ incident, mutes: [first, ...others] }];
}
