import { identity } from "../report/identity.ts";
import { recordsWith } from "../report/origins.ts";
import { explainsSilence, isAboutReach, leavesReachOpen } from "../report/reach.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../report/record.ts";
import { areSeveral, isUnsettled } from "../report/run-accounts.ts";
import { dayMs } from "../text/instant.ts";
import { forAudience } from "./audiences.ts";
import { begunMutes, heldProblems, withAnnounced, withEndedMutes } from "./begun-mutes.ts";
import { type Draft, noChange } from "./change.ts";
import { type ChosenDistributionMessages, chooseDistributionMessages } from "./choose-distribution-messages.ts";
import { chooseMessages, sortedByIdentity } from "./choose-messages.ts";
import { byOrigin, chooseNotCheckedMessages } from "./choose-not-checked-messages.ts";
import { withoutFuture } from "./clock-set-back.ts";
import { type Comparison, compare } from "./compare.ts";
import { compareDistributions } from "./compare-distributions.ts";
import { withoutOthers, withProblemsBeside } from "./concerned.ts";
import { muteOfProblem, usesOf } from "./mute-of.ts";
import { mutesInForce, nothingAsked } from "./mutes-in-force.ts";
import { compareNotChecked } from "./not-checked.ts";
import { type AlertPolicy, isDue } from "./policy.ts";
import { compareProblems, type ProblemChanges } from "./run-problems.ts";
import { emptyState, type Incident, mostProblemsKept, type State } from "./state.ts";
import { type LeftOut, type Remembered, roomIn, withDetailsThatFit, withinShares } from "./state-shares.ts";

export type Step = {
  /** `previous` itself when there is nothing to store. */
  readonly next: State;
  /** The messages to send, in this order. `next` assumes that they are sent. */
  readonly drafts: readonly Draft[];
  /** What the state has no room for, if anything. */
  readonly leftOut?: LeftOut;
};

/**
 * Compares a run with what people were last told.
 *
 * Changes are an incident that opened, worsened, was resolved or lost its connection; a run problem that opened or was
 * resolved; origins that could not be checked, or can be again; and reminders that are due. New evidence, another title or other
 * distributions for the same finding are no change, and `note` findings never count.
 *
 * @param previous null when nothing was ever sent, or when that is not known
 * @param asOne everything in one message, because what was sent cannot be recorded message by message. What is over waits
 * @param mostBytes of what the state remembers of origins and distributions; by default what is left of the most that it has
 */
export function step(
  previous: State | null,
  report: RunReport,
  now: Date,
  { mutes: settings, askedMutes = nothingAsked, ...rules }: AlertPolicy,
  { asOne = false, mostBytes }: { readonly asOne?: boolean; readonly mostBytes?: number } = {},
): Step {
  const stored = previous ?? emptyState;
  const before = withoutFuture(stored, now);
  const mutes = mutesInForce(settings, askedMutes, before.mutes, now);
  const policy = { ...rules, mutes: mutes.inForce };
  // Muted problems are forgotten, so that their end is not reported and they count as new when the mute expires.
  const isUnmuted = ({ code }: { readonly code: string }) => muteOfProblem(code, mutes.inForce, now) === undefined;
  // Where one sentence says why none of them answers, the origins are not told one by one.
  const notChecked = explainsSilence(report.problems.filter(isUnmuted))
    ? { next: before.blindSpots, told: before.blindSpotsTold, tell: [], again: [], held: [] }
    : compareNotChecked(before, report, now, policy, asOne);
  const compared = {
    comparison: withoutEnds(compare(before, report, now, policy), now, asOne),
    distributions: compareDistributions(before, report, now, asOne),
    blindSpots: notChecked.next,
  };
  const room = mostBytes ?? roomIn(before, mutes.kept, report.problems);
  const { remembered, leftOut, isTight } = withinShares(compared, report, mutes.inForce, room);
  const { comparison } = remembered;
  const users = usersIn(report.records, comparison);
  const lately = before.ended.filter((ended) => ended.as === "resolved");
  const chosen = chooseMessages(comparison, now, policy, { users, gotThrough: keysGotThrough(report), lately, asOne });
  const ofRun = [...report.problems, ...(leftOut?.problems ?? [])];
  const current = ofRun.filter(isUnmuted);
  const [ours, foreign] = partition(before.problems, ({ code }) => isOurs(code));
  const problems = compareProblems(ours.filter(isUnmuted), current, now, policy.remindFailingAfter, {
    apart: areSeveral(report) && !asOne,
    stays: ({ code, scope }) =>
      (isAboutReach(code) && leavesReachOpen(report)) || (scope !== null && isUnsettled(report.accounts, scope)),
    endsWait: asOne,
  });
  const firstDue = (previous === null ? !asOne : before.firstMessageDue) && policy.firstMessage !== "never";
  const introduces = firstDue && policy.firstMessage === "now" && mayHaveSeenOrigins(current) && !asOne;
  // The first summary comes a week after the first message, which has what it would say.
  const digestDue = policy.weeklyDigest && !introduces && isDue(before.digestTold, 7 * dayMs, now);

  const distributions = chooseDistributionMessages(remembered.distributions, now, policy, asOne);
  const covered = new Set(comparison.covered);
  const held = {
    incidents: chosen.muted.filter(({ incident }) => !covered.has(incident)),
    distributions: distributions.muted,
    notChecked: notChecked.held,
    problems: heldProblems(ofRun, mutes.inForce, now),
  };
  // What cannot be recorded would be told again with every run.
  const begun = asOne ? [] : begunMutes(held, before.mutes, users);

  const context = {
    change: noChange,
    notChecked: [],
    open: chosen.open,
    muted: chosen.muted,
    distributions: null,
    openDistributions: distributions.open,
    mutedDistributions: distributions.muted,
    remindAfter: null,
  };
  const drafts: Draft[] = [...chosen.drafts, ...distributions.drafts]
    .map((draft) => withProblemsBeside(withEndedMutes({ ...context, ...draft }, before.mutes), current, report))
    .map((draft) => withoutOthers(draft, report));
  addProblems(drafts, problems.told, { ...context, remindAfter: policy.remindFailingAfter }, report, asOne);
  drafts.push(
    ...[
      ...chooseNotCheckedMessages(notChecked, asOne).map((draft) => ({ ...context, ...draft })),
      ...begun.map((draft) => withProblemsBeside({ ...context, ...draft }, current, report)),
    ].map((draft) => withoutOthers(draft, report)),
  );
  const summary = { ...context, change: { ...noChange, problems: { ...noChange.problems, still: current } } };
  if (digestDue) {
    const recent = remembered.blindSpots.filter(({ lastUnseen }) => age(lastUnseen, now) < dayMs);
    drafts.push({ ...summary, event: "weekly", notChecked: byOrigin(recent) });
  }
  if (introduces) drafts.unshift({ ...summary, event: "started", notChecked: byOrigin(remembered.blindSpots) });
  const next: State = {
    ...before,
    ...entriesOf(chosen.incidents, distributions, remembered, isTight ? room : null),
    problems: [...problems.next, ...foreign].slice(0, mostProblemsKept),
    blindSpotsTold: notChecked.told,
    digestTold: digestDue || introduces ? now.toISOString() : before.digestTold,
    firstMessageDue: firstDue && !introduces,
    mutes: withAnnounced(mutes.kept, begun, now),
  };
  const changed = drafts.length > 0 || !isSame(next, stored);
  return { next: changed ? next : stored, drafts, ...(leftOut === null ? {} : { leftOut }) };
}

/** @param room bytes, where there is none for all details; else null */
function entriesOf(
  open: readonly Incident[],
  { incidents: distributionIncidents, ended: endedDistributionIncidents }: ChosenDistributionMessages,
  { comparison: { unconfirmed, ended }, blindSpots }: Remembered,
  room: number | null,
) {
  const others = {
    distributionIncidents: sortedByIdentity(distributionIncidents),
    endedDistributionIncidents,
    suspicions: sortedByIdentity(unconfirmed),
    ended,
    blindSpots,
  };
  const incidents = sortedByIdentity(open);
  return { ...others, incidents: room === null ? incidents : withDetailsThatFit({ incidents, ...others }, room) };
}

/** In messages of their own, before all others; in the one that there is where nothing can be recorded. */
function addProblems(
  drafts: Draft[],
  told: readonly ProblemChanges[],
  context: Omit<Draft, "event" | "change" | "audience">,
  report: RunReport,
  asOne: boolean,
): void {
  const [first] = drafts;
  if (asOne && first !== undefined) {
    for (const { changes } of told) drafts[0] = { ...first, change: { ...first.change, problems: changes } };
    return;
  }
  const own = told.map(({ audience, changes }): Draft => {
    const change = { ...noChange, problems: changes };
    return withoutOthers({ ...context, event: "run-problem", change, ...forAudience(audience) }, report);
  });
  drafts.unshift(...own);
}

/** Who uses the connections on which something is open, by key. */
function usersIn(records: readonly ConnectionRecord[], { seen, waiting, covered }: Comparison) {
  const byKey = recordsWith(records, new Set([...seen, ...waiting, ...covered].map(({ key }) => key)));
  return new Map(Array.from(byKey, ([key, record]) => [key, usesOf([record])]));
}

/** The first message would say that there is nothing to check where nothing could be listed or reached. */
function mayHaveSeenOrigins(current: readonly RunProblem[]): boolean {
  return !explainsSilence(current) && current.every(({ code }) => code !== "inventory-failed");
}

/** Connections on which the last requests through CloudFront reached the origin. */
function keysGotThrough({ records }: RunReport): ReadonlySet<string> {
  return new Set(records.flatMap(({ connection, witness }) => (witness?.gotThrough === true ? [connection.key] : [])));
}

/** Where nothing may end, incidents that are over stay open, and say since when they have not been seen. */
function withoutEnds(compared: Comparison, now: Date, asOne: boolean): Comparison {
  if (!asOne) return compared;
  const { waiting, resolved, gone, ended, ...comparison } = compared;
  const at = now.toISOString();
  const over = [...resolved, ...gone.map(({ finding }) => finding)];
  const ids = new Set(over.map(identity));
  return {
    ...comparison,
    waiting: [...waiting, ...over.map((incident) => ({ ...incident, clearSince: incident.clearSince ?? at }))],
    resolved: [],
    gone: [],
    ended: ended.filter((entry) => !ids.has(identity(entry))),
  };
}

/** Entry by entry: of thousands of incidents the texts of two whole states would be long. */
function isSame(a: State, b: State): boolean {
  const others = new Map<string, unknown>(Object.entries(b));
  const fields: readonly (readonly [string, unknown])[] = Object.entries(a);
  return fields.length === others.size && fields.every(([field, one]) => isSameField(one, others.get(field)));
}

function isSameField(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return isSameJson(one, other);
  return one.length === other.length && one.every((entry, index) => isSameJson(entry, other[index]));
}

function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function age(time: string, now: Date): number {
  return now.getTime() - Date.parse(time);
}

/** The problems that this version can see. One that it cannot see is not thereby resolved. */
const codes: Readonly<Record<RunProblem["code"], true>> = {
  "inventory-failed": true,
  "account-unreadable": true,
  "accounts-unlisted": true,
  "accounts-left-out": true,
  "findings-left-out": true,
  "policies-unreadable": true,
  "distribution-unreadable": true,
  "tenants-left-out": true,
  "details-unreadable": true,
  "mute-tag-unreadable": true,
  "mutes-unreadable": true,
  "check-path-unreadable": true,
  "telling-failed": true,
  "state-unreadable": true,
  "out-of-time": true,
  "no-network": true,
  "all-origins-dark": true,
  "observations-unusable": true,
  "vantage-failed": true,
  "fleet-needed": true,
  "vantage-without-network": true,
  "traffic-unreadable": true,
};

function isOurs(code: string): boolean {
  return Object.hasOwn(codes, code);
}

function partition<T>(items: readonly T[], holds: (item: T) => boolean): [T[], T[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}
