import { printable } from "../../../lambda/text/printable.ts";

const mostShown = 8;

/** Goes on after a name that leads nowhere, for which a slip of the pen is enough: what there is. */
export function availableNames(names: readonly string[]): string {
  const known = [...new Set(names)];
  const shown = known.slice(0, mostShown).map((name) => printable(name, 253));
  const more = known.length > shown.length ? ` and ${known.length - shown.length} more` : "";
  return known.length === 0 ? "there is none" : `there ${known.length === 1 ? "is" : "are"} ${shown.join(", ")}${more}`;
}
