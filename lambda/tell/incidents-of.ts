import type { Change } from "../incidents/change.ts";
import type { Incident } from "../incidents/state.ts";

/** All incidents that a message is about, ended ones included. */
export function incidentsOf({
  opened,
  worsened,
  rejudged,
  still,
  frozen,
  resolved,
  gone,
}: Change): readonly Incident[] {
  return [...opened, ...worsened, ...rejudged, ...still, ...frozen, ...resolved, ...gone.map(({ finding }) => finding)];
}
