import { identity } from "../report/identity.ts";
import type { Past } from "../report/past.ts";
import type { Session } from "./session.ts";

/** What the state says of findings, and what this process knows that it could not store. */
export function pastFindings({ state, processMemory }: Session): Past {
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
