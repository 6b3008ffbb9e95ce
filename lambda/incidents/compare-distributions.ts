import { concerns } from "../configuration/scope.ts";
import { shareOf, type Traffic } from "../report/counted.ts";
import type { DistributionEffect, DistributionRecord } from "../report/distribution-record.ts";
import { identity } from "../report/identity.ts";
import type { RunReport } from "../report/record.ts";
import { isUnsettled } from "../report/run-accounts.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { clearPeriodAfter, isInventoryGap } from "./compare.ts";
import { keptScope } from "./kept-scope.ts";
import type { DistributionIncident, DistributionSnapshot, EndedDistributionIncident, State } from "./state.ts";

/** The status of every incident of a distribution after a run, before any alert is chosen. */
export type DistributionComparison = {
  readonly seen: readonly DistributionIncident[];
  /** Not seen, but not known to be over: nobody asked, or it is not absent for long enough. */
  readonly waiting: readonly DistributionIncident[];
  readonly resolved: readonly DistributionIncident[];
  readonly gone: readonly DistributionIncident[];
  readonly ended: readonly EndedDistributionIncident[];
};

/**
 * Decides what a run changes about the incidents of distributions. A finding opens at once: whoever makes it decides when
 * there is enough of it. Only who makes it can say that it is over; where nobody asked, it stays. It ends too where the
 * distribution is not there any more, in an account that could be listed, and where the settings say that nobody asks.
 *
 * @param endsWait whether what is over is to stay open, because nobody could remember that it was told
 */
export function compareDistributions(
  before: Pick<State, "distributionIncidents" | "endedDistributionIncidents">,
  report: RunReport,
  now: Date,
  endsWait = false,
): DistributionComparison {
  const at = now.toISOString();
  const age = (time: string) => now.getTime() - Date.parse(time);
  const records = report.distributionRecords ?? [];
  const found = new Map(records.flatMap(snapshotsOf).map((snapshot) => [identity(snapshot), snapshot]));
  const over = new Set(records.flatMap((record) => record.over.map((code) => identity({ key: keyOf(record), code }))));
  const remembered = before.endedDistributionIncidents.filter(({ endedAt }) => age(endedAt) <= dayMs);
  const fixed = new Map(remembered.filter(({ as }) => as === "resolved").map((ended) => [identity(ended), ended]));
  const isGone = goneIn(report);

  const seen: DistributionIncident[] = [];
  const waiting: DistributionIncident[] = [];
  const resolved: DistributionIncident[] = [];
  const gone: DistributionIncident[] = [];
  for (const incident of before.distributionIncidents) {
    const id = identity(incident);
    const snapshot = found.get(id);
    found.delete(id);
    const clear = { ...incident, clearSince: incident.clearSince ?? at };
    if (snapshot !== undefined) seen.push(seenAgain(incident, snapshot, now));
    else if (isGone(incident)) (endsWait ? waiting : gone).push(endsWait ? clear : incident);
    else if (!over.has(id)) waiting.push(incident);
    else if (!endsWait && age(clear.clearSince) >= clearPeriodAfter(incident.returns)) resolved.push(incident);
    else waiting.push(clear);
  }
  for (const [id, snapshot] of found) seen.push(opened(snapshot, fixed.get(id), at));

  const endedNow = [
    ...resolved.map((incident) => endedAs("resolved", incident, at)),
    ...gone.map((incident) => endedAs("gone", incident, at)),
  ];
  const ids = new Set([...seen, ...waiting, ...endedNow].map(identity));
  const ended = [...remembered.filter((entry) => !ids.has(identity(entry))), ...endedNow];
  return { seen, waiting, resolved, gone, ended };
}

function keyOf({ distributionId }: Pick<DistributionRecord, "distributionId">): string {
  return `distribution ${printable(distributionId, 200)}`;
}

function snapshotsOf(record: DistributionRecord): readonly DistributionSnapshot[] {
  return record.findings.map(({ code, effect, title, counted }) => ({
    kind: "distribution",
    key: keyOf(record),
    code,
    effect,
    title: printable(title, 300),
    distributionId: printable(record.distributionId, 200),
    scope: keptScope(record.scope),
    stage: isHalf(counted.at(-1), effect) ? 1 : 0,
  }));
}

function isHalf(count: Traffic | undefined, effect: DistributionEffect): boolean {
  return count !== undefined && shareOf(count, effect) >= 0.5;
}

/** Whether a run that saw all of an incident's account did not see its distribution, or whether nobody counts any more. */
function goneIn({ records, distributionRecords = [], problems, countsOff, accounts }: RunReport) {
  if (countsOff) return () => true;
  const ids = new Set([
    ...records.flatMap(({ uses }) => uses.map(({ distributionId }) => printable(distributionId, 200))),
    ...distributionRecords.map(({ distributionId }) => printable(distributionId, 200)),
  ]);
  const gaps = problems.filter(isInventoryGap);
  return ({ distributionId, scope }: DistributionIncident) =>
    !ids.has(distributionId) && !isUnsettled(accounts, scope) && !gaps.some((gap) => concerns(gap.scope, scope));
}

function seenAgain(incident: DistributionIncident, snapshot: DistributionSnapshot, now: Date): DistributionIncident {
  const isStale = now.getTime() - Date.parse(incident.lastSeen) >= hourMs;
  return {
    ...incident,
    ...snapshot,
    lastSeen: isStale ? now.toISOString() : incident.lastSeen,
    clearSince: null,
  };
}

function opened(
  snapshot: DistributionSnapshot,
  ended: EndedDistributionIncident | undefined,
  at: string,
): DistributionIncident {
  return {
    ...snapshot,
    openedAt: at,
    lastSeen: at,
    lastTold: null,
    tellings: 0,
    toldEffect: snapshot.effect,
    toldStage: snapshot.stage,
    returns: ended === undefined ? 0 : ended.returns + 1,
    clearSince: null,
  };
}

function endedAs(
  as: EndedDistributionIncident["as"],
  { kind, key, code, distributionId, openedAt, returns }: DistributionIncident,
  endedAt: string,
): EndedDistributionIncident {
  return { kind, key, code, distributionId, openedAt, endedAt, returns, as };
}
