import { concerns } from "../configuration/scope.ts";
import type { DistributionRecord } from "../report/distribution-record.ts";
import { identity } from "../report/identity.ts";
import type { RunReport } from "../report/record.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { clearPeriodAfter, isInventoryGap } from "./compare.ts";
import { keptScope } from "./kept-scope.ts";
import {
  type DistributionIncident,
  type DistributionSnapshot,
  type EndedDistributionIncident,
  mostDistributionIncidents,
  type State,
} from "./state.ts";

/**
 * Decides what a run changes about the incidents of distributions. A finding opens at once: whoever makes it decides when
 * there is enough of it. Only who makes it can say that it is over; where nobody asked, it stays. It ends too where the
 * distribution is not there any more, in an account that could be listed.
 */
export function compareDistributions(
  before: Pick<State, "distributionIncidents" | "endedDistributionIncidents">,
  report: RunReport,
  now: Date,
): Pick<State, "distributionIncidents" | "endedDistributionIncidents"> {
  const at = now.toISOString();
  const age = (time: string) => now.getTime() - Date.parse(time);
  const records = report.distributionRecords ?? [];
  const found = new Map(records.flatMap(snapshotsOf).map((snapshot) => [identity(snapshot), snapshot]));
  const over = new Set(records.flatMap((record) => record.over.map((code) => identity({ key: keyOf(record), code }))));
  const remembered = before.endedDistributionIncidents.filter(({ endedAt }) => age(endedAt) <= dayMs);
  const fixed = new Map(remembered.filter(({ as }) => as === "resolved").map((ended) => [identity(ended), ended]));
  const isGone = goneIn(report);

  const open: DistributionIncident[] = [];
  const endedNow: EndedDistributionIncident[] = [];
  for (const incident of before.distributionIncidents) {
    const id = identity(incident);
    const snapshot = found.get(id);
    found.delete(id);
    const clearSince = incident.clearSince ?? at;
    if (snapshot !== undefined) open.push(seenAgain(incident, snapshot, now));
    else if (isGone(incident)) endedNow.push(endedAs("gone", incident, at));
    else if (!over.has(id)) open.push(incident);
    else if (age(clearSince) >= clearPeriodAfter(incident.returns)) endedNow.push(endedAs("resolved", incident, at));
    else open.push({ ...incident, clearSince });
  }
  for (const [id, snapshot] of found) open.push(opened(snapshot, fixed.get(id), at));
  const kept = open.slice(0, mostDistributionIncidents);
  const ids = new Set([...open, ...endedNow].map(identity));
  const ended = [...remembered.filter((entry) => !ids.has(identity(entry))), ...endedNow];
  return {
    distributionIncidents: kept.toSorted((a, b) => (identity(a) < identity(b) ? -1 : 1)),
    endedDistributionIncidents: ended.slice(-mostDistributionIncidents),
  };
}

function keyOf({ distributionId }: Pick<DistributionRecord, "distributionId">): string {
  return `distribution ${printable(distributionId, 200)}`;
}

function snapshotsOf(record: DistributionRecord): readonly DistributionSnapshot[] {
  return record.findings.map(({ code, effect, title }) => ({
    kind: "distribution",
    key: keyOf(record),
    code,
    effect,
    title: printable(title, 300),
    distributionId: printable(record.distributionId, 200),
    scope: keptScope(record.scope),
  }));
}

/** Whether a run that saw all of an incident's account did not see its distribution. */
function goneIn({ records, distributionRecords = [], problems }: RunReport) {
  const ids = new Set([
    ...records.flatMap(({ uses }) => uses.map(({ distributionId }) => printable(distributionId, 200))),
    ...distributionRecords.map(({ distributionId }) => printable(distributionId, 200)),
  ]);
  const gaps = problems.filter(isInventoryGap);
  return ({ distributionId, scope }: DistributionIncident) =>
    !ids.has(distributionId) && !gaps.some((gap) => concerns(gap.scope, scope));
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
    toldStage: 0,
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
