import type { Ended, Incident } from "../../lambda/incidents/state.ts";
import type { RelayedIncident } from "../../lambda/relay/notice.ts";
import { incident } from "../tell/records.ts";

/** What the relay gets and reads, for tests of it: incidents of origins `NAME.example.com`, and the notices of them. */

export const at = "2026-11-24T03:00:00.000Z";
export const openedAt = "2026-11-24T02:00:00.000Z";

/** An incident that people were told of once. */
export function toldIncident(name: string, changes: Partial<Incident> = {}): Incident {
  return incident({
    key: `tls ${name}`,
    domain: `${name}.example.com`,
    distributions: ["E1"],
    openedAt,
    lastSeen: at,
    lastTold: at,
    tellings: 1,
    ...changes,
  });
}

/** The same incident when it is over. */
export function ended(name: string, changes: Partial<Ended> = {}): Ended {
  const { kind, key, code, domain, port } = toldIncident(name);
  return { kind, key, code, domain, port, openedAt, endedAt: at, returns: 0, as: "resolved", ...changes };
}

/** The incident as a notice names it. */
export function noticeRow(name: string, status = "opened", changes: Partial<RelayedIncident> = {}): RelayedIncident {
  return {
    status,
    code: "chain-incomplete",
    effect: "502",
    origin: `${name}.example.com:443`,
    title: "intermediate certificate missing",
    openedAt,
    distributions: ["E1"],
    ...changes,
  };
}

/** A notice as the topic's subscribers get it. */
export function noticeText(incidents: readonly RelayedIncident[]): string {
  return JSON.stringify({ schemaVersion: 1, source: "origin-watch", event: "opened", at, incidents, leftOut: 0 });
}
