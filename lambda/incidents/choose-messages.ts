import { ruleOf } from "../judge/catalogue.ts";
import { identity } from "../report/identity.ts";
import { originId } from "../report/origins.ts";
import { hourMs } from "../text/instant.ts";
import { type Change, type Draft, type Event, type MutedIncident, noChange, openIn } from "./change.ts";
import type { Comparison } from "./compare.ts";
import { faultOf } from "./moved.ts";
import { type Mutable, type MutableUse, mutedAmong } from "./mute-of.ts";
import { isDue, type SettledPolicy } from "./policy.ts";
import type { Ended, Incident } from "./state.ts";

/** More origins with changes than this in a run, or within an hour, become one message. */
export const manyTogetherAbove = 10;

export type ChosenMessages = {
  /** All open incidents, with what people know about them once the drafts are sent. */
  readonly incidents: readonly Incident[];
  readonly drafts: readonly Pick<Draft, "event" | "change" | "remindAfter">[];
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

  const changes = byOrigin(change);
  const recent = new Set(
    [
      ...all.filter(({ lastTold }) => lastTold !== null && isWithinHour(lastTold, now)),
      ...lately.filter(({ endedAt }) => isWithinHour(endedAt, now)),
    ].map(originId),
  ).size;
  const manyTogether = asOne
    ? changes.size > 0
    : changes.size > manyTogetherAbove || (changes.size > 1 && changes.size + recent > manyTogetherAbove);
  const digest = { event: "digest" as Event, change: merged(change, changes) };
  const ofOrigins = manyTogether
    ? [digest]
    : [...changes.values()].map((each) => ({ event: eventOf(each), change: each }));

  // Whoever relied on a mute hears of what is still open at its end.
  const wasMuted = (incident: Incident) => incident.mutedBy !== undefined;
  const remindable = all.filter(
    (incident) =>
      incident.tellings > 0 &&
      isUnmuted(incident) &&
      !covered.has(incident) &&
      !changes.has(originId(incident)) &&
      (wasMuted(incident) || !gotThrough.has(incident.key) || !isQuieted(incident)),
  );
  const due = remindable.some(
    (incident) => wasMuted(incident) || isDue(incident.lastTold, interval(incident, policy), now),
  );
  // An incident that is half-way to its own reminder joins this one, so that reminders come together.
  const reminded = due
    ? remindable.filter(
        (incident) => wasMuted(incident) || isDue(incident.lastTold, interval(incident, policy) / 2, now),
      )
    : [];
  const reminder = {
    ...noChange,
    still: reminded.filter((incident) => seen.has(incident)),
    frozen: reminded.filter((incident) => !seen.has(incident)),
  };

  const toldNow = new Set([...reminded, ...[...changes.values()].flatMap(openIn)]);
  const known = new Set([...toldNow, ...all.filter(({ tellings }) => tellings > 0)]);
  return {
    incidents: all.map((incident) =>
      underMute(toldNow.has(incident) ? asTold(incident, now) : incident, mutes.get(incident)?.mutes[0].id),
    ),
    drafts: [...ofOrigins, ...(due ? [{ event: "reminder" as const, change: reminder }] : [])].map((draft) => ({
      ...draft,
      remindAfter: soonest(openIn(draft.change), policy),
    })),
    open: [...known].filter((incident) => isUnmuted(incident) && !covered.has(incident)),
    muted: [...mutes.values()],
  };
}

type ChoiceContext = {
  readonly users: ReadonlyMap<string, readonly MutableUse[]>;
  readonly gotThrough: ReadonlySet<string>;
  readonly lately: readonly Ended[];
  readonly asOne: boolean;
};

/** An incident stores only its first distributions. All of them are known only if this run saw the connection. */
function mutable(
  { key, code, domain, distributions, distributionCount, scopes, scopeCount }: Incident,
  users: ChoiceContext["users"],
): Mutable {
  const accountId = (scopeCount === 1 ? scopes[0]?.accountId : null) ?? null;
  const named =
    distributions.length === distributionCount
      ? distributions.map((distributionId) => ({ distributionId, accountId }))
      : null;
  return { code, domain, uses: users.get(key) ?? named };
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

/** The origins with changes, each with everything that is known about it. */
function byOrigin({
  opened,
  worsened,
  rejudged,
  still,
  frozen,
  resolved,
  gone,
  problems,
}: Change): ReadonlyMap<string, Change> {
  const changed = [...opened, ...worsened, ...rejudged, ...resolved, ...gone.map(({ finding }) => finding)];
  const ids = new Set(changed.map(originId));
  const of = (incidents: readonly Incident[]) => {
    const groups = Map.groupBy(incidents, originId);
    return (id: string) => groups.get(id) ?? [];
  };
  const [opening, worse, other] = [of(opened), of(worsened), of(rejudged)];
  const [same, unseen, over] = [of(still), of(frozen), of(resolved)];
  const left = Map.groupBy(gone, ({ finding }) => originId(finding));
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

function merged(change: Change, changes: ReadonlyMap<string, Change>): Change {
  return restricted(change, (incident) => changes.has(originId(incident)));
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
