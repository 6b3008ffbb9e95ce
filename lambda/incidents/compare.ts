import { identity } from "../report/identity.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../report/record.ts";
import type { GoneIncident } from "./change.ts";
import { type Fate, fateOf } from "./incident-outcome.ts";
import { underNewKeys } from "./moved.ts";
import { dayMs, hourMs, type TellingPolicy } from "./policy.ts";
import { type Sighting, sightingsIn } from "./seen-finding.ts";
import type { Ended, Incident, Look, State, Suspicion } from "./state.ts";

/** Where every incident stands after a run, before anybody is told. */
export type Comparison = {
  readonly seen: readonly Incident[];
  /** Not seen and not known to be over either: out of sight, or not gone for long enough. */
  readonly waiting: readonly Incident[];
  /** Covered by a worse one of the same connection, which says more. */
  readonly covered: readonly Incident[];
  readonly resolved: readonly Incident[];
  readonly gone: readonly GoneIncident[];
  readonly suspicions: readonly Suspicion[];
  readonly ended: readonly Ended[];
};

/**
 * Follows every incident through a run.
 *
 * An incident opens with its first sighting, or if it is transient, when `confirmations` runs in a row have seen it
 * or four runs in a day: what fails every other time must not stay unknown for ever. It ends with the first
 * observation of the connection without it, unless it came back within a day of its last end. Then it must stay away for
 * an hour, and after the second return for a day, so that what comes and goes is one incident and not a hundred.
 */
export function compare(before: State, report: RunReport, now: Date, policy: TellingPolicy): Comparison {
  const sightings = sightingsIn(report.records, now);
  const hiding = report.problems.filter(({ code }) => hidesConnections.has(code));
  const records = new Map(report.records.map((record) => [record.connection.key, record]));
  const isGone = (incident: Incident) => !records.has(incident.key) && !isHidden(incident, hiding);
  const incidents = underNewKeys(before.incidents, sightings, isGone);
  const known = new Map(incidents.map((incident) => [identity(incident), incident]));
  const suspected = new Map(before.suspicions.map((suspicion) => [identity(suspicion), suspicion]));
  const endings = new Map(before.ended.map((ended) => [identity(ended), ended]));

  const seen: Incident[] = [];
  const suspicions: Suspicion[] = [];
  for (const [id, sighting] of sightings) {
    const incident = known.get(id);
    const suspicion = suspectedAgain(sighting, suspected.get(id), now);
    if (incident !== undefined) seen.push(seenAgain(incident, sighting, now));
    else if (!sighting.transient || isConfirmed(suspicion, policy)) {
      seen.push(opened(sighting, suspicion, endings.get(id), now, policy));
    } else suspicions.push(suspicion);
  }

  const looked = { records, hiding, codes: codesByConnection(sightings) };
  const unseen = unseenIncidents(
    incidents.filter((incident) => !sightings.has(identity(incident))),
    report,
    looked,
    now,
  );
  const forgotten = (time: string) => now.getTime() - Date.parse(time) > dayMs;
  const waitingSuspicions = before.suspicions
    .filter((suspicion) => !sightings.has(identity(suspicion)) && !forgotten(suspicion.sightings.at(-1) ?? ""))
    .map((suspicion) => (isRowBroken(suspicion, looked) ? { ...suspicion, inARow: 0 } : suspicion));
  const endedAt = now.toISOString();
  const endedNow = unseen.resolved.map(
    ({ kind, key, code, domain, port, returns }): Ended => ({ kind, key, code, domain, port, endedAt, returns }),
  );
  const open = new Set(seen.map(identity));
  return {
    seen,
    ...unseen,
    suspicions: [...suspicions, ...waitingSuspicions],
    ended: [
      ...before.ended.filter((ended) => !forgotten(ended.endedAt) && !open.has(identity(ended))),
      ...endedNow,
    ].slice(-mostEnded),
  };
}

/** So many ends are remembered; more at once are no flapping, and forgetting one costs a message. */
const mostEnded = 10_000;
const sightingsInADay = 4;

/** What a run saw, and what kept it from seeing more. */
type Looked = {
  /** By the key of the connection. */
  readonly records: ReadonlyMap<string, ConnectionRecord>;
  readonly hiding: readonly RunProblem[];
  /** The codes that count, by the key of the connection. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
};

function codesByConnection(sightings: ReadonlyMap<string, Sighting>): Looked["codes"] {
  const groups = Map.groupBy(sightings.values(), ({ key }) => key);
  return new Map([...groups].map(([key, all]) => [key, new Set(all.map(({ code }) => code))]));
}

function fateIn({ records, codes }: Looked, finding: Pick<Incident, "key" | "code">, inventoryComplete: boolean): Fate {
  return fateOf(finding, records.get(finding.key), codes.get(finding.key) ?? new Set(), inventoryComplete);
}

/** Where nobody could look, a row is not broken. Whose connection it is a suspicion does not say. */
function isRowBroken(suspicion: Suspicion, looked: Looked): boolean {
  return fateIn(looked, suspicion, looked.hiding.length === 0).kind !== "frozen";
}

function unseenIncidents(
  incidents: readonly Incident[],
  report: RunReport,
  looked: Looked,
  now: Date,
): Pick<Comparison, "waiting" | "covered" | "resolved" | "gone"> {
  const reasons = reasonsForNoConnection(report);
  const waiting: Incident[] = [];
  const covered: Incident[] = [];
  const resolved: Incident[] = [];
  const gone: GoneIncident[] = [];
  for (const incident of incidents) {
    const fate = fateIn(looked, incident, !isHidden(incident, looked.hiding));
    switch (fate.kind) {
      case "resolved": {
        const clearSince = incident.clearSince ?? now.toISOString();
        if (now.getTime() - Date.parse(clearSince) >= calmAfter(incident.returns)) resolved.push(incident);
        else waiting.push({ ...incident, clearSince });
        break;
      }
      case "gone":
        gone.push({ finding: incident, reason: reasons.get(originId(incident)) ?? fate.reason });
        break;
      case "frozen":
        waiting.push(incident);
        break;
      case "superseded":
        covered.push({ ...incident, clearSince: null });
        break;
    }
  }
  return { waiting, covered, resolved, gone };
}

/**
 * Why CloudFront makes no connection to an origin any more, by origin. A connection that is not made has another key
 * than the same connection had before, so it is found by its origin.
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

/** How long what came back must stay away before it is called over, in milliseconds. */
export function calmAfter(returns: number): number {
  return returns === 0 ? 0 : returns === 1 ? hourMs : dayMs;
}

/** After one of these a connection may be missing from the report, or be there under another key, and still exist. */
const hidesConnections: ReadonlySet<string> = new Set([
  "inventory-failed",
  "policies-unreadable",
  "distribution-unreadable",
  "tenants-left-out",
  "out-of-time",
]);

/** Whether a problem may hide the incident's connection; one of other distributions does not. */
function isHidden({ distributions, distributionCount }: Incident, hiding: readonly RunProblem[]): boolean {
  const someUnnamed = distributionCount > distributions.length;
  return hiding.some(
    ({ distributions: ids }) => ids === undefined || someUnnamed || distributions.some((id) => ids.includes(id)),
  );
}

function suspectedAgain({ key, code }: Sighting, earlier: Suspicion | undefined, now: Date): Suspicion {
  const lately = (earlier?.sightings ?? []).filter((time) => now.getTime() - Date.parse(time) <= dayMs);
  return {
    ...earlier,
    key,
    code,
    sightings: [...lately, now.toISOString()].slice(-sightingsInADay),
    inARow: (earlier?.inARow ?? 0) + 1,
  };
}

function isConfirmed({ inARow, sightings }: Suspicion, { confirmations }: TellingPolicy): boolean {
  return inARow >= confirmations || sightings.length >= sightingsInADay;
}

function seenAgain(incident: Incident, sighting: Sighting, now: Date): Incident {
  const stale = now.getTime() - Date.parse(incident.lastSeen) >= hourMs;
  return {
    ...incident,
    ...lookOf(sighting),
    lastSeen: stale ? now.toISOString() : incident.lastSeen,
    clearSince: null,
  };
}

function opened(
  sighting: Sighting,
  { sightings, inARow }: Suspicion,
  ended: Ended | undefined,
  now: Date,
  { confirmations }: TellingPolicy,
): Incident {
  const cameBack = ended !== undefined && now.getTime() - Date.parse(ended.endedAt) <= dayMs;
  // Confirmed by its sightings in a day and not by those in a row: it comes and goes already.
  const intermittent = sighting.transient && inARow < confirmations;
  return {
    ...lookOf(sighting),
    openedAt: (sighting.transient ? firstOf(sightings, inARow, intermittent) : undefined) ?? now.toISOString(),
    lastSeen: now.toISOString(),
    lastTold: null,
    tellings: 0,
    toldEffect: sighting.effect,
    toldStage: sighting.stage,
    returns: (cameBack ? ended.returns + 1 : 0) + (intermittent ? 2 : 0),
    clearSince: null,
  };
}

/** The first of the sightings that made the incident: of the last row, or of the day. */
function firstOf(sightings: readonly string[], inARow: number, intermittent: boolean): string | undefined {
  return intermittent ? sightings[0] : sightings.at(-Math.min(inARow, sightings.length));
}

/** A sighting without what only decides whether it is told. */
function lookOf(sighting: Sighting): Look {
  const { transient: _, ...look } = sighting;
  return look;
}
