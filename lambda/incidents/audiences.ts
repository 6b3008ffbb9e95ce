import { type Scope, scopeId } from "../configuration/scope.ts";

/** Whom a message is for: the accounts whose own use is hit, by `scopeId`; null for all of them. */
export type Audience = readonly string[] | null;

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

/** The accounts of such a text. */
export function audienceIn(key: string): Audience {
  return key === "" ? null : key.split(" ");
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
export function concernsAny(audience: Audience | undefined, { scopes }: Scoped): boolean {
  return audience == null || scopes.length === 0 || scopes.some((scope) => audience.includes(scopeId(scope)));
}
