import { ruleOf } from "../judge/catalogue.ts";
import { identity } from "../report/identity.ts";
import { originId } from "../report/origins.ts";
import { hourMs } from "../text/instant.ts";
import { type Audience, audienceIn, audiencesOf, forAudience, inAudiences, mostAudiences } from "./audiences.ts";
import { type Change, type Draft, type Event, incidentsOf, type MutedIncident, noChange, openIn } from "./change.ts";
import type { Comparison } from "./compare.ts";
import { faultOf } from "./moved.ts";
import { type Mutable, mutedAmong, type Users } from "./mute-of.ts";
import { isDue, type SettledPolicy } from "./policy.ts";
import type { Ended, Incident } from "./state.ts";

/** Messages of one kind in a run: beyond that each audience has one. The outbox of the state takes a hundred of all kinds. */
export const mostMessages = 20;

/** More origins with changes than this in a run, or within an hour, become one message. */
export const manyTogetherAbove = 10;

export type ChosenMessages = {
  /** All open incidents, with what people know about them once the drafts are sent. */
  readonly incidents: readonly Incident[];
  readonly drafts: readonly Pick<Draft, "event" | "change" | "remindAfter" | "audience">[];
  readonly open: readonly Incident[];
  readonly muted: readonly MutedIncident[];
};

/**
 * Decides which changes are reported, and in how many messages: one for each origin with changes, because an origin is
 * what somebody fixes; one for all of them when they are many; and one for everything that is due for a reminder.
 *
 * @param users all distributions that use a connection, by its key, as this run knows them
 * @param gotThrough keys of the connections on which the last request through CloudFront reached the origin
 * @param lately incidents that ended recently, which count towards many origins together
 * @param asOne everything in one message, because what was sent cannot be recorded message by message
 */
export function chooseMessages(
  comparison: Comparison,
  now: Date,
  policy: SettledPolicy,
  { users, gotThrough, lately, asOne }: ChoiceContext,
): ChosenMessages {
  const all = [...comparison.seen, ...comparison.waiting, ...comparison.covered];
  const mutes = mutedAmong(all, (incident) => mutable(incident, users), policy.mutes, now);
  const isUnmuted = (incident: Incident) => !mutes.has(incident);
  const openFaults = new Set(all.map(faultOf));
  const covered = new Set(comparison.covered);
  const seen = new Set(comparison.seen);
  // Even when muted: who was alerted expects to hear that it is fixed.
  const over = (incident: Incident) => incident.tellings > 0;
  const resolved = comparison.resolved.filter(over);
  const told = comparison.seen.filter((incident) => incident.tellings > 0 && isUnmuted(incident));
  const change: Change = {
    opened: comparison.seen.filter((incident) => incident.tellings === 0 && isUnmuted(incident)),
    worsened: told.filter(isWorse),
    rejudged: told.filter((incident) => !isWorse(incident) && incident.rejudgedFrom !== undefined),
    still: told.filter((incident) => !isWorse(incident) && incident.rejudgedFrom === undefined),
    frozen: comparison.waiting.filter((incident) => incident.tellings > 0 && isUnmuted(incident)),
    resolved: resolved.filter(({ key, code }) => {
      const by = ruleOf(code)?.supersededBy ?? [];
      return !resolved.some((other) => other.key === key && by.some((one) => "code" in one && one.code === other.code));
    }),
    // It may still be open under another server name.
    gone: comparison.gone.filter(({ finding }) => over(finding) && !openFaults.has(faultOf(finding))),
    problems: noChange.problems,
  };

  const audienceOf = audiencesOf([...all, ...comparison.resolved, ...comparison.gone.map(({ finding }) => finding)]);
  const groupOf: GroupOf = (incident) => `${audienceOf(incident)} ${originId(incident)}`;
  const changes = byOrigin(change, groupOf);
  const ofOrigins = messagesOf(change, changes, { all, lately, now, asOne, audienceOf, groupOf });

  // Whoever relied on a mute hears of what is still open at its end.
  const wasMuted = (incident: Incident) => incident.mutedBy !== undefined;
  const remindable = all.filter(
    (incident) =>
      incident.tellings > 0 &&
      isUnmuted(incident) &&
      !covered.has(incident) &&
      !changes.has(groupOf(incident)) &&
      (wasMuted(incident) || !gotThrough.has(incident.key) || !isQuieted(incident)),
  );
  const isDueAfter = (part: number) => (incident: Incident) =>
    wasMuted(incident) || isDue(incident.lastTold, interval(incident, policy) * part, now);
  const reminded = remindedOf(remindable, audienceOf, isDueAfter);
  const reminders = inAudiences(reminded, audienceOf).map(({ audience, own }): Message => {
    const still = own.filter((incident) => seen.has(incident));
    const frozen = own.filter((incident) => !seen.has(incident));
    return { event: "reminder", change: { ...noChange, still, frozen }, audience };
  });

  const toldNow = new Set([...reminded, ...[...changes.values()].flatMap(openIn)]);
  const known = new Set([...toldNow, ...all.filter(({ tellings }) => tellings > 0)]);
  return {
    incidents: all.map((incident) =>
      underMute(toldNow.has(incident) ? asTold(incident, now) : incident, mutes.get(incident)?.mutes[0].id),
    ),
    drafts: [...ofOrigins, ...reminders].map(({ audience, ...draft }) => ({
      ...draft,
      ...forAudience(audience),
      remindAfter: soonest(openIn(draft.change), policy),
    })),
    open: [...known].filter((incident) => isUnmuted(incident) && !covered.has(incident)),
    muted: [...mutes.values()],
  };
}

/**
 * What people are reminded of. An incident that is half-way to its own reminder joins that of another one of the same
 * accounts, so that reminders come together; what others are reminded of hurries nobody.
 *
 * @param isDueAfter whether this part of the time until the next reminder is over
 */
export function remindedOf<I>(
  remindable: readonly I[],
  audienceOf: (incident: I) => string,
  isDueAfter: (part: number) => (incident: I) => boolean,
): readonly I[] {
  const groups = [...Map.groupBy(remindable, audienceOf).values()];
  return groups.flatMap((own) => (own.some(isDueAfter(1)) ? own.filter(isDueAfter(1 / 2)) : []));
}

type ChoiceContext = {
  readonly users: Users;
  readonly gotThrough: ReadonlySet<string>;
  readonly lately: readonly Ended[];
  readonly asOne: boolean;
};

type GroupOf = (incident: Incident) => string;

type Message = { readonly event: Event; readonly change: Change; readonly audience: Audience };

type MessageContext = Pick<ChoiceContext, "lately" | "asOne"> & {
  readonly all: readonly Incident[];
  readonly now: Date;
  readonly audienceOf: (incident: Incident) => string;
  readonly groupOf: GroupOf;
};

/** A message for each origin, or for all of an audience where they are many; one for all where even the audiences are many. */
function messagesOf(
  change: Change,
  changes: ReadonlyMap<string, Change>,
  { all, lately, now, asOne, audienceOf, groupOf }: MessageContext,
): readonly Message[] {
  const audiences = Map.groupBy(changes, ([, own]) => {
    const [first] = incidentsOf(own);
    return first === undefined ? "" : audienceOf(first);
  });
  const digestOf = (own: ReadonlyMap<string, Change>, audience: Audience): Message => ({
    event: "digest",
    change: restricted(change, (incident) => own.has(groupOf(incident))),
    audience,
  });
  if ((asOne && changes.size > 0) || audiences.size > mostAudiences) return [digestOf(changes, null)];
  const perAudience = [...audiences].map(([key, own]): readonly Message[] => {
    const audience = audienceIn(key);
    const told = all.filter(({ lastTold }) => lastTold !== null && isWithinHour(lastTold, now));
    // What is over no longer says whom it concerned.
    const over = key === "" ? lately.filter(({ endedAt }) => isWithinHour(endedAt, now)) : [];
    const recent = new Set([...told.filter((incident) => audienceOf(incident) === key), ...over].map(originId)).size;
    const areMany = own.length > manyTogetherAbove || (own.length > 1 && own.length + recent > manyTogetherAbove);
    return areMany
      ? [digestOf(new Map(own), audience)]
      : own.map(([, each]) => ({ event: eventOf(each), change: each, audience }));
  });
  const messages = perAudience.flat();
  if (messages.length <= mostMessages) return messages;
  return [...audiences].map(([key, own]) => digestOf(new Map(own), audienceIn(key)));
}

/**
 * An incident stores only its first distributions. All of them are known only if this run saw the connection; in an account
 * that it could not read there may be any, which no mute of another account holds back.
 */
function mutable(
  { key, code, domain, distributions, distributionCount, scopes, scopeCount }: Incident,
  users: Users,
): Mutable {
  const accountId = (scopeCount === 1 ? scopes[0]?.accountId : null) ?? null;
  const named =
    distributions.length === distributionCount
      ? distributions.map((distributionId) => ({ distributionId, accountId }))
      : null;
  const seen = users.get(key);
  const shown = new Set(seen?.map((use) => use.accountId));
  const hidden = scopes.filter((scope) => scope.accountId !== null && !shown.has(scope.accountId));
  const ofHidden = hidden.map((scope) => ({ distributionId: "", accountId: scope.accountId }));
  return { code, domain, uses: seen === undefined ? named : [...seen, ...ofHidden] };
}

/** The incident with a note of the mute that holds it back, and without one where none does. */
export function underMute<I extends Pick<Incident, "mutedBy">>(incident: I, mutedBy: string | undefined): I {
  if (incident.mutedBy === mutedBy) return incident;
  // Left out of the text of the state, as it was before.
  return { ...incident, mutedBy };
}

/** Nobody is reminded of a risk about reachability as long as CloudFront gets through. */
function isQuieted({ code, effect }: Incident): boolean {
  const rule = ruleOf(code);
  return effect === "may" && rule?.about === "reachability" && rule.witness !== "none";
}

function isWorse({ effect, stage, toldEffect, toldStage }: Incident): boolean {
  return (toldEffect === "may" && effect !== "may") || stage > toldStage;
}

function isWithinHour(time: string, now: Date): boolean {
  return now.getTime() - Date.parse(time) < hourMs;
}

/** An alert also sets the level for "worse": an error that was later reported as a risk may become an error again. */
function asTold(incident: Incident, now: Date): Incident {
  const { rejudgedFrom: _, ...rest } = incident;
  const { effect, stage, tellings } = rest;
  return { ...rest, lastTold: now.toISOString(), tellings: tellings + 1, toldEffect: effect, toldStage: stage };
}

function interval({ code, effect, toldEffect }: Incident, policy: SettledPolicy): number {
  const failing = effect !== "may" || toldEffect !== "may" || ruleOf(code)?.remindedDaily === true;
  return failing ? policy.remindFailingAfter : policy.remindAtRiskAfter;
}

function soonest(incidents: readonly Incident[], policy: SettledPolicy): number | null {
  const least = incidents.reduce((soon, each) => Math.min(soon, interval(each, policy)), Number.POSITIVE_INFINITY);
  return incidents.length === 0 ? null : least;
}

/** The origins with changes, for each audience, each with everything that is known about it. */
function byOrigin(
  { opened, worsened, rejudged, still, frozen, resolved, gone, problems }: Change,
  groupOf: GroupOf,
): ReadonlyMap<string, Change> {
  const changed = [...opened, ...worsened, ...rejudged, ...resolved, ...gone.map(({ finding }) => finding)];
  const ids = new Set(changed.map(groupOf));
  const of = (incidents: readonly Incident[]) => {
    const groups = Map.groupBy(incidents, groupOf);
    return (id: string) => groups.get(id) ?? [];
  };
  const [opening, worse, other] = [of(opened), of(worsened), of(rejudged)];
  const [same, unseen, over] = [of(still), of(frozen), of(resolved)];
  const left = Map.groupBy(gone, ({ finding }) => groupOf(finding));
  return new Map(
    [...ids].map((id) => [
      id,
      {
        opened: opening(id),
        worsened: worse(id),
        rejudged: other(id),
        still: same(id),
        frozen: unseen(id),
        resolved: over(id),
        gone: left.get(id) ?? [],
        problems,
      },
    ]),
  );
}

function restricted(change: Change, keep: (incident: Incident) => boolean): Change {
  return {
    opened: change.opened.filter(keep),
    worsened: change.worsened.filter(keep),
    rejudged: change.rejudged.filter(keep),
    still: change.still.filter(keep),
    frozen: change.frozen.filter(keep),
    resolved: change.resolved.filter(keep),
    gone: change.gone.filter(({ finding }) => keep(finding)),
    problems: change.problems,
  };
}

function eventOf({ opened, worsened, rejudged }: Change): Event {
  if (opened.length > 0) return "opened";
  return worsened.length > 0 ? "worsened" : rejudged.length > 0 ? "rejudged" : "resolved";
}

/** Sorted, so that the same incidents always make the same state. */
export function sortedByIdentity<T extends { readonly key: string; readonly code: string }>(
  entries: readonly T[],
): readonly T[] {
  return entries.toSorted((a, b) => (identity(a) < identity(b) ? -1 : 1));
}
