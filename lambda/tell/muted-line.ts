import type { MutedIncident } from "../incidents/change.ts";
import { instant } from "../text/instant.ts";
import { heldLine, saysSo } from "./mute-words.ts";

/** A muted incident in a list: until when, who asked for it, and why. */
export function mutedLine({ incident, mutes: [mute] }: MutedIncident): string {
  return `- ${heldLine(incident)}, until ${instant(mute.until)} by ${saysSo(mute)}`;
}
