import type { Incident } from "../incidents/state.ts";

/** When each incident of a state opened, by its identity. */
export function openedAtOf(incidents: readonly Incident[]): ReadonlyMap<string, string> {
  return new Map(incidents.map(({ code, key, openedAt }) => [`${code} ${key}`, openedAt]));
}
