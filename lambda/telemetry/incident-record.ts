import type { IncidentUpdate } from "../incidents/incident-update.ts";
import { printable } from "../text/printable.ts";
import { joinedIds, originName } from "./origin-record.ts";

/**
 * An incident in a run, for a line of the log: in every run while it is open, and once when it has ended. Flat for
 * queries.
 */
export type IncidentRecord = {
  readonly status: IncidentUpdate["status"];
  readonly kind: IncidentUpdate["incident"]["kind"];
  /** `domain:port`; null for an incident of a distribution itself. */
  readonly origin: string | null;
  readonly code: string;
  /** `502`, `504`, or `may` for a risk; `5xx` where CloudFront does not count errors by status. */
  readonly effect: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly openedAt: string;
  /** How many messages reported it; 0 for one that is muted. */
  readonly tellings: number;
  /** The mute that held it back in this run, as the state names it; null where none did. */
  readonly mutedBy: string | null;
  readonly distributions: number;
  /** Separated by spaces; the first ones where there are many. */
  readonly distributionIds: string;
  /** The vantages that saw it, separated by spaces; absent where runs look from one. */
  readonly seenFrom?: string;
  /** With `code` the identity of the incident. */
  readonly key: string;
};

export function incidentRecord({ status, incident }: IncidentUpdate): IncidentRecord {
  const { kind, code, effect, title, openedAt, tellings, mutedBy, key } = incident;
  return {
    status,
    kind,
    origin: kind === "connection" ? originName(incident) : null,
    code,
    effect,
    title: printable(title, 300),
    openedAt,
    tellings,
    mutedBy: mutedBy === undefined ? null : printable(mutedBy, 500),
    distributions: kind === "connection" ? incident.distributionCount : 1,
    distributionIds: joinedIds(kind === "connection" ? incident.distributions : [incident.distributionId]),
    ...(kind === "connection" && incident.seenFrom !== undefined ? { seenFrom: joinedIds(incident.seenFrom) } : {}),
    key: printable(key, 1_000),
  };
}
