import { concerns } from "../configuration/scope.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { originWentDark } from "../judge/findings/origin-went-dark.ts";
import { identity } from "../report/identity.ts";
import { originId, originsOf, recordsWith } from "../report/origins.ts";
import { explainsSilence } from "../report/reach.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../report/record.ts";
import { isNotWatched, isUnsettled } from "../report/run-accounts.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import type { GoneIncident } from "./change.ts";
import { withHiddenUses } from "./hidden-uses.ts";
import { type IncidentOutcome, outcomeOf, vantagesNotFarEnough } from "./incident-outcome.ts";
import { underNewKeys } from "./moved.ts";
import { muteOfProblem } from "./mute-of.ts";
import type { SettledPolicy } from "./policy.ts";
import { rejudgedFrom, vanishedByRules } from "./rejudged.ts";
import { type SeenFinding, seenFindingsIn } from "./seen-finding.ts";
import {
  type Ended,
  type FindingSnapshot,
  type Incident,
  maxVantagesKept,
  type State,
  type UnconfirmedFinding,
} from "./state.ts";

/** The status of every incident after a run, before any alert is chosen. */
export type Comparison = {
  readonly seen: readonly Incident[];
  /** Not seen, but not known to be fixed: not observed, or not absent for long enough. */
  readonly waiting: readonly Incident[];
  /** Superseded by a worse finding of the same connection. */
  readonly covered: readonly Incident[];
  readonly resolved: readonly Incident[];
  readonly gone: readonly GoneIncident[];
  readonly unconfirmed: readonly UnconfirmedFinding[];
  readonly ended: readonly Ended[];
};

/**
 * Decides what a run changes about every incident.
 *
 * An incident opens when a run first sees it. A transient one opens when `confirmations` runs in a row have seen it, or
 * four runs in a day, so that what fails every other time is found too. It is resolved by the first observation of the
 * connection without it. If it returns within a day, it must stay absent for an hour, and after the second return for a
 * day, so that an intermittent fault is one incident and not a hundred.
 */
export function compare(before: State, report: RunReport, now: Date, policy: SettledPolicy): Comparison {
  const findings = seenFindingsIn(report.records, now);
  const coverageGaps = report.problems.filter(isInventoryGap);
  const asked = [...before.incidents, ...before.suspicions, ...findings.values()];
  const records = recordsWith(report.records, new Set(asked.map(({ key }) => key)));
  const isHidden = (incident: Incident) => isInCoverageGap(incident, coverageGaps, report.accounts);
  const missing = (incident: Incident) => (records.has(incident.key) ? null : isHidden(incident) ? "hidden" : "gone");
  const incidents = underNewKeys(before.incidents, findings, missing);
  const known = new Map(incidents.map((incident) => [identity(incident), incident]));
  const candidates = new Map(before.suspicions.map((candidate) => [identity(candidate), candidate]));
  // What lost its connection was not fixed, so its return is no flapping.
  const fixed = before.ended.filter((ended) => ended.as === "resolved");
  const endings = new Map(fixed.map((ended) => [identity(ended), ended]));

  const isExplained = explainsSilence(
    report.problems.filter(({ code }) => muteOfProblem(code, policy.mutes, now) === undefined),
  );
  const seen: Incident[] = [];
  const unconfirmed: UnconfirmedFinding[] = [];
  for (const [id, finding] of findings) {
    const incident = known.get(id);
    const candidate = candidateFrom(finding, candidates.get(id), now);
    if (incident !== undefined) {
      const inAll = { ...finding, ...withHiddenUses(incident, finding, report) };
      seen.push(seenAgain(incident, inAll, stillUnheard(incident, records), now));
    }
    // One sentence says of all origins at once why none of them answers. Whether it holds for each shows later.
    else if (finding.code === originWentDark.code && isExplained) {
      const earlier = candidates.get(id);
      if (earlier !== undefined) unconfirmed.push(earlier);
    } else if (!finding.transient || isConfirmed(candidate, policy)) {
      seen.push(openedFrom(finding, candidate, endings.get(id), now, policy));
    } else unconfirmed.push(candidate);
  }

  const opened = new Set(seen.filter((incident) => !known.has(identity(incident))).map(({ key }) => key));
  const view = {
    records,
    vantages: report.vantages,
    coverageGaps,
    isHidden,
    codes: codesByConnection(findings),
    opened,
  };
  const unseen = unseenIncidents(
    incidents.filter((incident) => !findings.has(identity(incident))),
    report,
    view,
    now,
  );
  const forgotten = (time: string) => now.getTime() - Date.parse(time) > dayMs;
  const waitingUnconfirmed = before.suspicions
    .filter((candidate) => !findings.has(identity(candidate)) && !forgotten(candidate.sightings.at(-1) ?? ""))
    .map((candidate) => (isRowBroken(candidate, view) ? { ...candidate, inARow: 0 } : candidate));
  const endedAt = now.toISOString();
  const endedNow = [
    ...unseen.resolved.map((incident) => endedAs("resolved", incident, endedAt)),
    ...unseen.gone.map(({ finding }) => endedAs("gone", finding, endedAt)),
  ];
  const newer = new Set([...seen, ...endedNow].map(identity));
  return {
    seen,
    ...unseen,
    unconfirmed: [...unconfirmed, ...waitingUnconfirmed],
    ended: [...before.ended.filter((ended) => !forgotten(ended.endedAt) && !newer.has(identity(ended))), ...endedNow],
  };
}

function endedAs(as: Ended["as"], incident: Incident, endedAt: string): Ended {
  const { kind, key, code, domain, port, openedAt, returns } = incident;
  return { kind, key, code, domain, port, openedAt, endedAt, returns, as };
}

const timesInADay = 4;

/** What a run saw, and what kept it from seeing everything. */
type RunView = {
  /** Those on which something is or was open or suspected, by the key of the connection. */
  readonly records: ReadonlyMap<string, ConnectionRecord>;
  readonly vantages: RunReport["vantages"];
  readonly coverageGaps: readonly RunProblem[];
  /** Whether something may have left out the incident's connection. */
  readonly isHidden: (incident: Incident) => boolean;
  /** The codes that count, by the key of the connection. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
  /** The keys of the connections on which something opened. */
  readonly opened: ReadonlySet<string>;
};

function codesByConnection(findings: ReadonlyMap<string, SeenFinding>): RunView["codes"] {
  const groups = Map.groupBy(findings.values(), ({ key }) => key);
  return new Map([...groups].map(([key, all]) => [key, new Set(all.map(({ code }) => code))]));
}

function outcomeIn(
  { records, codes, vantages }: RunView,
  finding: Pick<Incident, "key" | "code" | "seenFrom">,
  inventoryComplete: boolean,
): IncidentOutcome {
  const { key } = finding;
  return outcomeOf(finding, records.get(key), codes.get(key) ?? new Set(), inventoryComplete, vantages);
}

/**
 * A run that did not observe the connection does not break the row. A candidate does not name its distributions, so any
 * coverage gap may concern it.
 */
function isRowBroken(candidate: UnconfirmedFinding, view: RunView): boolean {
  return outcomeIn(view, candidate, view.coverageGaps.length === 0).kind !== "frozen";
}

function unseenIncidents(
  incidents: readonly Incident[],
  report: RunReport,
  view: RunView,
  now: Date,
): Pick<Comparison, "waiting" | "covered" | "resolved" | "gone"> {
  const reasons = reasonsForNoConnection(report);
  const waiting: Incident[] = [];
  const covered: Incident[] = [];
  const resolved: Incident[] = [];
  const gone: GoneIncident[] = [];
  for (const incident of incidents) {
    const outcome = outcomeIn(view, incident, !view.isHidden(incident));
    switch (outcome.kind) {
      case "resolved": {
        if (vanishedByRules(incident, view.records.get(incident.key), view.opened)) {
          gone.push({ finding: incident, reason: "rules-changed" });
          break;
        }
        const clearSince = incident.clearSince ?? now.toISOString();
        if (now.getTime() - Date.parse(clearSince) >= clearPeriodAfter(incident.returns)) resolved.push(incident);
        else waiting.push({ ...incident, clearSince });
        break;
      }
      case "gone":
        gone.push({
          finding: incident,
          reason: reasons.get(originId(incident)) ?? reasonIn(report, incident, outcome),
        });
        break;
      case "frozen":
        if (isAskedNoMore(incident, now)) gone.push({ finding: incident, reason: "rules-changed" });
        else waiting.push(incident);
        break;
      case "superseded":
        covered.push({ ...incident, clearSince: null });
        break;
    }
  }
  return { waiting, covered, resolved, gone };
}

/** What is missing because nobody looks into its account any more may still be as it was. */
function reasonIn(
  { accounts }: RunReport,
  { scopes, scopeCount }: Incident,
  { reason }: Pick<GoneIncident, "reason">,
): GoneIncident["reason"] {
  const isLeft =
    scopeCount > 0 && scopeCount === scopes.length && scopes.every((scope) => isNotWatched(accounts, scope));
  return reason === "not-configured" && isLeft ? "account-not-watched" : reason;
}

/** What only CloudFront's own answers show, and nobody has asked for in a week: somebody has switched the asking off. */
function isAskedNoMore({ code, lastSeen }: Incident, now: Date): boolean {
  return ruleOf(code)?.stage === "edge-answer" && now.getTime() - Date.parse(lastSeen) > 7 * dayMs;
}

/**
 * Why CloudFront no longer connects to an origin, by origin. A skipped connection has another key than it had before,
 * so it is looked up by its origin.
 */
function reasonsForNoConnection({ records }: RunReport): ReadonlyMap<string, GoneIncident["reason"]> {
  return new Map(
    originsOf(records).flatMap((origin) => {
      const [reason] = origin.records.flatMap(({ skipped }) => skipped ?? []);
      const none = origin.records.every(({ skipped }) => skipped !== null && skipped !== "http-only");
      return none && reason !== undefined ? [[originId(origin), reason]] : [];
    }),
  );
}

/** How long a fault that returned must be absent before it counts as fixed, in milliseconds. */
export function clearPeriodAfter(returns: number): number {
  return returns === 0 ? 0 : returns === 1 ? hourMs : dayMs;
}

/** With such a problem a distribution or a connection may be missing from the report, or have another key, and still exist. */
export function isInventoryGap({ code }: RunProblem): boolean {
  return coverageGapCodes.has(code);
}

const coverageGapCodes: ReadonlySet<string> = new Set([
  "inventory-failed",
  "account-unreadable",
  "policies-unreadable",
  "distribution-unreadable",
  "tenants-left-out",
  "out-of-time",
]);

/**
 * Whether a problem may have left out the incident's connection. One of other accounts has not, nor one that names other
 * distributions.
 */
function isInCoverageGap(
  { distributions, distributionCount, scopes, scopeCount }: Incident,
  coverageGaps: readonly RunProblem[],
  accounts: RunReport["accounts"],
): boolean {
  if (scopes.some((scope) => isUnsettled(accounts, scope))) return true;
  const someUnnamed = distributionCount > distributions.length;
  const anyAccount = scopeCount === 0 || scopeCount > scopes.length;
  return coverageGaps.some(({ distributions: ids, scope: place }) => {
    const inAccount = anyAccount || scopes.some((scope) => concerns(place, scope));
    return inAccount && (ids === undefined || someUnnamed || distributions.some((id) => ids.includes(id)));
  });
}

function candidateFrom(
  { key, code }: SeenFinding,
  earlier: UnconfirmedFinding | undefined,
  now: Date,
): UnconfirmedFinding {
  const lately = (earlier?.sightings ?? []).filter((time) => now.getTime() - Date.parse(time) <= dayMs);
  return {
    ...earlier,
    key,
    code,
    sightings: [...lately, now.toISOString()].slice(-timesInADay),
    inARow: (earlier?.inARow ?? 0) + 1,
  };
}

function isConfirmed({ inARow, sightings }: UnconfirmedFinding, { confirmations }: SettledPolicy): boolean {
  return inARow >= confirmations || sightings.length >= timesInADay;
}

/** The vantages that saw it before and could not look as far now: what others see now says nothing of these. */
function stillUnheard(incident: Incident, records: ReadonlyMap<string, ConnectionRecord>): readonly string[] {
  const record = records.get(incident.key);
  if (record === undefined || incident.seenFrom === undefined) return [];
  const unheard = vantagesNotFarEnough(incident, record);
  return incident.seenFrom.filter((vantage) => unheard.includes(vantage));
}

/** @param unheard the vantages whose earlier sighting still holds */
function seenAgain(incident: Incident, finding: SeenFinding, unheard: readonly string[], now: Date): Incident {
  const stale = now.getTime() - Date.parse(incident.lastSeen) >= hourMs;
  const before = rejudgedFrom(incident, finding);
  const { rejudgedFrom: _, seenFrom: __, ...rest } = incident;
  const { seenFrom } = finding;
  return {
    ...rest,
    ...snapshotOf(finding),
    ...(seenFrom === undefined ? {} : { seenFrom: [...new Set([...seenFrom, ...unheard])].slice(0, maxVantagesKept) }),
    ...(before === undefined ? {} : { rejudgedFrom: before }),
    lastSeen: stale ? now.toISOString() : incident.lastSeen,
    clearSince: null,
  };
}

function openedFrom(
  finding: SeenFinding,
  { sightings, inARow }: UnconfirmedFinding,
  ended: Ended | undefined,
  now: Date,
  { confirmations }: SettledPolicy,
): Incident {
  const cameBack = ended !== undefined && now.getTime() - Date.parse(ended.endedAt) <= dayMs;
  // Confirmed by four runs in a day rather than by runs in a row: it is intermittent already.
  const intermittent = finding.transient && inARow < confirmations;
  return {
    ...snapshotOf(finding),
    openedAt: (finding.transient ? firstOf(sightings, inARow, intermittent) : undefined) ?? now.toISOString(),
    lastSeen: now.toISOString(),
    lastTold: null,
    tellings: 0,
    toldEffect: finding.effect,
    toldStage: finding.stage,
    returns: (cameBack ? ended.returns + 1 : 0) + (intermittent ? 2 : 0),
    clearSince: null,
  };
}

/** When the incident was first seen: at the start of the last row, or of the day. */
function firstOf(times: readonly string[], inARow: number, intermittent: boolean): string | undefined {
  return intermittent ? times[0] : times.at(-Math.min(inARow, times.length));
}

/** The finding without what only decides whether it opens an incident. */
function snapshotOf(finding: SeenFinding): FindingSnapshot {
  const { transient: _, ...snapshot } = finding;
  return snapshot;
}
