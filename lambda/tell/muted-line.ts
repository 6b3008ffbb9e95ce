import type { MutedIncident } from "../incidents/change.ts";
import { instant } from "../text/instant.ts";
import { hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/** A muted incident in a list. */
export function mutedLine({ incident, until, reason }: MutedIncident): string {
  return `- ${hostAndPort(incident)}: ${printable(incident.title, 250)}, until ${instant(until)}: ${printable(reason, 200)}`;
}
