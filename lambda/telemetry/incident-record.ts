import type { IncidentUpdate } from "../incidents/incident-update.ts";
import { printable } from "../text/printable.ts";
import { joinedIds, originName } from "./origin-record.ts";

/**
 * An incident in a run, for a line of the log: in every run while it is open, and once when it has ended. Flat for
 * queries.
 */
export type IncidentRecord = {
  readonly status: IncidentUpdate["status"];
  /** `domain:port` */
  readonly origin: string;
  readonly code: string;
  /** `502`, `504`, or `may` for a risk. */
  readonly effect: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly openedAt: string;
  /** How many messages reported it; 0 for one that is muted. */
  readonly tellings: number;
  readonly distributions: number;
  /** Separated by spaces; the first ones where there are many. */
  readonly distributionIds: string;
  /** With `code` the identity of the incident. */
  readonly key: string;
};

export function incidentRecord({ status, incident }: IncidentUpdate): IncidentRecord {
  const { code, effect, title, openedAt, tellings, distributions, distributionCount, key } = incident;
  return {
    status,
    origin: originName(incident),
    code,
    effect,
    title: printable(title, 300),
    openedAt,
    tellings,
    distributions: distributionCount,
    distributionIds: joinedIds(distributions),
    key: printable(key, 1_000),
  };
}
