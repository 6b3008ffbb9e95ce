import { type Scope, scopeId } from "../configuration/scope.ts";
import type { ConnectionRecord } from "../report/record.ts";

/** Whom a message is for: the accounts whose own use is hit, by `scopeId`; null for all of them. */
export type Audience = readonly string[] | null;

/** Of what is no incident of an origin, more groups of accounts at once are one event: a role that was never rolled out, say. */
export const mostAudiencesApart = 5;

type Scoped = { readonly scopes: readonly Scope[] };

/** More groups of accounts with changes at once are told in one message: it is one event, and nobody reads hundreds. */
export const mostAudiences = 20;

/**
 * Tells apart whom incidents concern. Incidents that concern the same accounts have the same text, and where all that there
 * is concerns one account, or none is known, every incident has the empty one.
 */
export function audiencesOf(incidents: readonly Scoped[]): (incident: Scoped) => string {
  const known = new Set(incidents.flatMap(({ scopes }) => scopes.map(scopeId)));
  return known.size < 2 ? () => "" : audienceKey;
}

function audienceKey({ scopes }: Scoped): string {
  return scopes.map(scopeId).sort().join(" ");
}

/** What there is, by the audience whose it is; all of it together where there are more of them than so many. */
export function inAudiences<S extends Scoped>(
  all: readonly S[],
  audienceOf: (each: Scoped) => string = audiencesOf(all),
  most = mostAudiences,
): readonly { readonly audience: Audience; readonly own: readonly S[] }[] {
  const groups = Map.groupBy(all, audienceOf);
  if (groups.size > most) return [{ audience: null, own: all }];
  return [...groups].map(([key, own]) => ({ audience: audienceIn(key), own }));
}

/** The accounts of such a text. */
export function audienceIn(key: string): Audience {
  return key === "" ? null : key.split(" ");
}

/** The ids of its accounts, as far as they are known. */
export function accountsIn(audience: NonNullable<Audience>): readonly string[] {
  return audience.flatMap((id) => /\d{12}$/.exec(id) ?? []);
}

/** As a draft has it. */
export function forAudience(audience: Audience): { readonly audience?: Audience } {
  return audience === null ? {} : { audience };
}

/** Whether something that concerns these accounts may stand in a message for that audience: all of it has to do with it. */
export function concernsAll(audience: Audience | undefined, { scopes }: Scoped): boolean {
  if (audience == null || scopes.length === 0) return true;
  const ids = new Set(scopes.map(scopeId));
  return audience.every((id) => ids.has(id));
}

/** Whether it concerns anybody of that audience. */
export function concernsAny(audience: Audience | undefined): (about: Scoped) => boolean {
  const ids = new Set(audience);
  return ({ scopes }) => audience == null || scopes.length === 0 || scopes.some((scope) => ids.has(scopeId(scope)));
}

/** The connections that any of these accounts use, as they use them. */
export function usedBy(audience: Audience, records: readonly ConnectionRecord[]): readonly ConnectionRecord[] {
  if (audience === null) return records;
  const concerns = concernsAny(audience);
  const isTheirs = ({ scope }: ConnectionRecord["uses"][number]) => concerns({ scopes: [scope] });
  if (records.every(({ uses }) => uses.every(isTheirs))) return records;
  return records.flatMap((record) => {
    const uses = record.uses.filter(isTheirs);
    if (uses.length === record.uses.length) return record;
    return uses.length === 0 ? [] : { ...record, uses };
  });
}
