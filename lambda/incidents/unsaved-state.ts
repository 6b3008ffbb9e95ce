import { identity, problemIdentity } from "../report/identity.ts";
import { emptyState, type State } from "./state.ts";

/**
 * The stored state with what this process told while it could not read it. Only right where nobody wrote meanwhile: what
 * another run ended must not be open again, or its return would stay untold.
 */
export function withUnsaved(stored: State | null, unsaved: State): State {
  const state = stored ?? { ...emptyState, firstMessageDue: true };
  const wasTold = ({ lastTold }: { readonly lastTold: string | null }) => lastTold !== null;
  const known = new Set([...state.incidents, ...state.distributionIncidents].map(identity));
  const added = new Map(unsaved.problems.filter(wasTold).map((problem) => [problemIdentity(problem), problem]));
  const isOpen = (problem: State["problems"][number]) =>
    problem.lastTold !== null || !added.has(problemIdentity(problem));
  const problems = state.problems.filter(isOpen);
  for (const problem of problems) added.delete(problemIdentity(problem));
  const isNew = (incident: State["incidents" | "distributionIncidents"][number]) =>
    wasTold(incident) && !known.has(identity(incident));
  const incidents = [...state.incidents, ...unsaved.incidents.filter(isNew)];
  const distributionIncidents = [...state.distributionIncidents, ...unsaved.distributionIncidents.filter(isNew)];
  const open = new Set([...incidents, ...distributionIncidents].map(identity));
  // What people heard of anew is not over.
  const isOver = (ended: { readonly key: string; readonly code: string }) => !open.has(identity(ended));
  return {
    ...state,
    incidents,
    distributionIncidents,
    suspicions: state.suspicions.filter(isOver),
    ended: state.ended.filter(isOver),
    endedDistributionIncidents: state.endedDistributionIncidents.filter(isOver),
    problems: [...problems, ...added.values()],
  };
}
