import type { State } from "../incidents/state.ts";
import { instant } from "../text/instant.ts";
import { heldDistributionLine, heldLine, saysSo } from "./mute-words.ts";

/** What the last run held back because it is muted: until when, where that was asked for, and why. A line each. */
export function mutedNow({
  incidents,
  distributionIncidents,
  mutes,
}: Pick<State, "incidents" | "distributionIncidents" | "mutes">): readonly string[] {
  const known = new Map(mutes.map((mute) => [mute.id, mute]));
  const lineOf = (held: string, mutedBy: string | undefined) => {
    const mute = mutedBy === undefined ? undefined : known.get(mutedBy);
    return mute === undefined ? [] : [`${held}, until ${instant(mute.until)} by ${saysSo(mute)}`];
  };
  return [
    ...incidents.flatMap((incident) => lineOf(heldLine(incident), incident.mutedBy)),
    ...distributionIncidents.flatMap((incident) => lineOf(heldDistributionLine(incident), incident.mutedBy)),
  ];
}
