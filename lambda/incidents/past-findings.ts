import { identity } from "../report/identity.ts";
import type { Session } from "./session.ts";

/** What is known of findings from earlier runs, by their identity. */
export type PastFindings = {
  /** When a run first saw it, ISO 8601; null where none did. */
  readonly firstSeen: (id: string) => string | null;
  /** Since when people are told of it, ISO 8601; null where they are not. */
  readonly toldSince: (id: string) => string | null;
  readonly isOpen: (id: string) => boolean;
  /** Whether it is open that viewers of the distribution get errors. */
  readonly viewersGetErrors: (distributionId: string) => boolean;
};

/** What the state says of findings, and what this process knows that it could not store. */
export function pastFindings({ state, processMemory }: Session): PastFindings {
  const states = [state, processMemory.unsaved?.state].flatMap((each) => each ?? []);
  const open = new Map(states.flatMap(({ incidents }) => incidents.map((each) => [identity(each), each] as const)));
  const candidates = new Map(
    states.flatMap(({ suspicions }) => suspicions.map((each) => [identity(each), each] as const)),
  );
  const ofDistributions = new Set(
    states.flatMap(({ distributionIncidents }) => distributionIncidents.map(({ distributionId }) => distributionId)),
  );
  return {
    firstSeen: (id) => open.get(id)?.openedAt ?? candidates.get(id)?.sightings[0] ?? null,
    toldSince: (id) => {
      const incident = open.get(id);
      return incident === undefined || incident.tellings === 0 ? null : incident.openedAt;
    },
    isOpen: (id) => open.has(id),
    viewersGetErrors: (distributionId) => ofDistributions.has(distributionId),
  };
}
