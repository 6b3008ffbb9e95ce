import { scopeId } from "../configuration/scope.ts";
import { identity } from "../report/identity.ts";
import { dayMs } from "../text/instant.ts";
import { emptyState, type State } from "./state.ts";

/**
 * The stored state with what this process told and could not record there. It is added only where the stored state says
 * nothing of it: an incident that it has ended since is over. That it remembers for a day, and so nothing older is added.
 *
 * @returns `stored` itself where there is nothing to add
 */
export function withUnsaved(stored: State | null, unsaved: State, now: Date): State | null {
  const state = stored ?? emptyState;
  const lately = ({ lastTold }: { readonly lastTold: string | null }) =>
    lastTold !== null && now.getTime() - Date.parse(lastTold) < dayMs;
  const known = new Set([...state.incidents, ...state.ended].map(identity));
  const incidents = unsaved.incidents.filter((incident) => lately(incident) && !known.has(identity(incident)));
  const problemId = ({ code, scope }: State["problems"][number]) => `${code} ${scopeId(scope)}`;
  const knownProblems = new Set(state.problems.map(problemId));
  const problems = unsaved.problems.filter((problem) => lately(problem) && !knownProblems.has(problemId(problem)));
  if (incidents.length + problems.length === 0) return stored;
  return {
    ...state,
    incidents: [...state.incidents, ...incidents],
    problems: [...state.problems, ...problems],
  };
}
