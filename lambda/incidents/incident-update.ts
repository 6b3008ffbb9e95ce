import type { OpenEffect } from "../judge/open-effect.ts";
import { identity } from "../report/identity.ts";
import { recordsWith } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { vanishedByRules } from "./rejudged.ts";
import type { DistributionIncident, Incident, State } from "./state.ts";
import { isFromElsewhere } from "./unheard-vantages.ts";

/** What a run did to an incident, whether people are told of it or not. */
export type IncidentUpdate = {
  readonly status: IncidentStatus;
  /** As it is now; as it last was where it is over. */
  readonly incident: Incident | DistributionIncident;
};

export type IncidentStatus =
  | "opened"
  /** A risk that became an error, an expiry that came near, or errors that half of the requests get now. */
  | "worsened"
  /** An error that became a risk. */
  | "eased"
  /** As before. */
  | "open"
  | "resolved"
  /**
   * CloudFront no longer makes the connection, the distribution is no longer there, the rules see no fault now, or nobody
   * looks from where it was seen.
   */
  | "gone";

/** What is open in a state. */
export type OpenIncidents = Pick<State, "incidents" | "distributionIncidents">;

/**
 * Every incident that was open before a run or is open after it.
 *
 * @param leftOut those for which the state has no room any more, by `identity`: that they are not in it is no end of them
 */
export function incidentUpdates(
  before: OpenIncidents,
  after: OpenIncidents,
  report: Pick<RunReport, "records" | "distributionRecords" | "vantages">,
  leftOut: ReadonlySet<string> = new Set(),
): readonly IncidentUpdate[] {
  const stays = (incident: Incident | DistributionIncident) => !leftOut.has(identity(incident));
  return [
    ...updatesOfOrigins(before.incidents.filter(stays), after.incidents, report),
    ...updatesOfDistributions(before.distributionIncidents.filter(stays), after.distributionIncidents, report),
  ];
}

function updatesOfDistributions(
  before: readonly DistributionIncident[],
  after: readonly DistributionIncident[],
  { distributionRecords = [] }: Pick<RunReport, "distributionRecords">,
): readonly IncidentUpdate[] {
  const earlier = new Map(before.map((incident) => [identity(incident), incident]));
  const open = after.map((incident): IncidentUpdate => {
    const known = earlier.get(identity(incident));
    if (known === undefined) return { status: "opened", incident };
    const [was, is] = [known.stage, incident.stage];
    return { status: is > was ? "worsened" : is < was ? "eased" : "open", incident };
  });
  const stillOpen = new Set(after.map(identity));
  const records = new Map(distributionRecords.map((record) => [record.distributionId, record]));
  const ended = before
    .filter((incident) => !stillOpen.has(identity(incident)))
    .map((incident): IncidentUpdate => {
      const isFixed = records.get(incident.distributionId)?.over.includes(incident.code) === true;
      return { status: isFixed ? "resolved" : "gone", incident };
    });
  return [...open, ...ended];
}

function updatesOfOrigins(
  before: readonly Incident[],
  after: readonly Incident[],
  { records, vantages }: Pick<RunReport, "records" | "vantages">,
): readonly IncidentUpdate[] {
  const earlier = new Map(before.map((incident) => [identity(incident), incident]));
  const open = after.map((incident) => ({ status: statusOf(incident, earlier.get(identity(incident))), incident }));
  const stillOpen = new Set(after.map(identity));
  const opened = new Set(after.filter((incident) => !earlier.has(identity(incident))).map(({ key }) => key));
  const over = before.filter((incident) => !stillOpen.has(identity(incident)));
  const connections = recordsWith(records, new Set(over.map(({ key }) => key)));
  const ended = over.map((incident): IncidentUpdate => {
    const record = connections.get(incident.key);
    // An http-only connection is skipped too, although its port is tried.
    const made = record !== undefined && (record.skipped === null || record.observed.addresses.length > 0);
    const fixed = made && !vanishedByRules(incident, record, opened) && !isFromElsewhere(incident, record, vantages);
    return { status: fixed ? "resolved" : "gone", incident };
  });
  return [...open, ...ended];
}

function statusOf(now: Incident, before: Incident | undefined): IncidentStatus {
  if (before === undefined) return "opened";
  if (isError(now.effect) !== isError(before.effect)) return isError(now.effect) ? "worsened" : "eased";
  return now.stage > before.stage ? "worsened" : "open";
}

function isError(effect: OpenEffect): boolean {
  return effect !== "may";
}
