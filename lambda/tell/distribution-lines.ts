import type { Draft, MutedDistribution } from "../incidents/change.ts";
import type { DistributionIncident } from "../incidents/state.ts";
import { percent, shareOf } from "../report/counted.ts";
import type { RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { heldDistributionLine, saysSo } from "./mute-words.ts";
import { distributionTag, namesOf, type ToldDistribution, toldDistributions } from "./told-distribution.ts";

/** A distribution with something open, in a line: `- [502] www.example.com (E1): requests get 502, 31.1%`. */
export function distributionLine(distribution: ToldDistribution): string {
  const { incident, count } = distribution;
  const share = count === null ? "" : `, ${percent(shareOf(count, incident.effect))} of them`;
  return `- [${distributionTag(incident.effect)}] ${namesOf(distribution)}: ${printable(incident.title, 250)}${share}`;
}

/** The same with since when, for what was told before. */
export function stillDistributionLines(
  incidents: readonly DistributionIncident[],
  report: RunReport,
): readonly string[] {
  return toldDistributions(incidents, report).map(
    (distribution) => `${distributionLine(distribution)}, since ${instant(distribution.incident.openedAt)}`,
  );
}

export function mutedDistributionLine({ incident, mutes: [mute] }: MutedDistribution): string {
  return `- ${heldDistributionLine(incident)}, until ${instant(mute.until)} by ${saysSo(mute)}`;
}

/** What to do about distributions in a message that is about everything, where there is nothing else to do. */
export function countedSteps({ openDistributions: [first] }: Pick<Draft, "openDistributions">): readonly string[] {
  if (first === undefined) return [];
  return [`Find out why ${printable(first.distributionId, 64)} answers errors: its alert has the steps.`];
}
