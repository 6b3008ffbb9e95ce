import type { IncidentHistory, State } from "./state.ts";

/**
 * The state without times that lie ahead: those of a run whose clock was wrong, or before the clock was set back. They
 * count as now, or nothing would be due, confirmed or over until the clock is there.
 */
export function withoutFuture(state: State, now: Date): State {
  const latest = now.toISOString();
  const past = (time: string) => (Date.parse(time) > now.getTime() ? latest : time);
  const pastOrNull = (time: string | null) => (time === null ? null : past(time));
  const ofIncident = ({ openedAt, lastSeen, lastTold, clearSince }: IncidentHistory<string>) => ({
    openedAt: past(openedAt),
    lastSeen: past(lastSeen),
    lastTold: pastOrNull(lastTold),
    clearSince: pastOrNull(clearSince),
  });
  return {
    ...state,
    incidents: state.incidents.map((incident) => ({ ...incident, ...ofIncident(incident) })),
    distributionIncidents: state.distributionIncidents.map((incident) => ({ ...incident, ...ofIncident(incident) })),
    endedDistributionIncidents: state.endedDistributionIncidents.map((ended) => ({
      ...ended,
      openedAt: past(ended.openedAt),
      endedAt: past(ended.endedAt),
    })),
    suspicions: state.suspicions.map((candidate) => ({ ...candidate, sightings: candidate.sightings.map(past) })),
    ended: state.ended.map((ended) => ({
      ...ended,
      openedAt: pastOrNull(ended.openedAt),
      endedAt: past(ended.endedAt),
    })),
    problems: state.problems.map((problem) => ({
      ...problem,
      openedAt: past(problem.openedAt),
      lastTold: pastOrNull(problem.lastTold),
      clearSince: pastOrNull(problem.clearSince),
    })),
    blindSpots: state.blindSpots.map((entry) => ({
      ...entry,
      since: past(entry.since),
      lastUnseen: past(entry.lastUnseen),
      ...(entry.lastTold === undefined ? {} : { lastTold: past(entry.lastTold) }),
    })),
    blindSpotsTold: pastOrNull(state.blindSpotsTold),
    digestTold: pastOrNull(state.digestTold),
    mutes: state.mutes.map((mute) => ({
      ...mute,
      firstSeen: past(mute.firstSeen),
      announced: pastOrNull(mute.announced),
    })),
  };
}
