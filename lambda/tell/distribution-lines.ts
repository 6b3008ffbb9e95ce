import type { MutedDistribution } from "../incidents/change.ts";
import type { DistributionIncident } from "../incidents/state.ts";
import { percent, shareOf } from "../report/counted.ts";
import type { FunctionErrors, PossibleCause } from "../report/distribution-record.ts";
import type { RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { grouped, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
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

export function mutedDistributionLine({ incident, until, reason }: MutedDistribution): string {
  return `- ${printable(incident.distributionId, 64)}: ${printable(incident.title, 250)}, until ${instant(until)}: ${printable(reason, 200)}`;
}

/** What may be behind it, as a clause: `api.example.com, intermediate certificate missing (502)`. */
export function possibleCauseWords({ domain, port, title, effect }: PossibleCause): string {
  const name = hostAndPort({ domain, port });
  const what = printable(title, 250);
  return effect === "unseen" ? `${name} could not be checked (${what})` : `${name}, ${what} (${effectWord(effect)})`;
}

/** Since when people know of it, to stand after "Possible cause". */
export function sinceWhen({ openSince, effect }: PossibleCause): string {
  if (effect === "unseen") return "";
  return openSince === null ? ", no alert yet" : `, open since ${instant(openSince)}`;
}

export function functionWords({ kind, name, errors }: FunctionErrors): string {
  const what = kind === "lambda-at-edge" ? "Lambda@Edge function" : "CloudFront function";
  return `CloudFront counted ${grouped(errors)} ${errors === 1 ? "error" : "errors"} of the ${what} ${printable(name, 64)} in that time`;
}

function effectWord(effect: "502" | "504" | "may"): string {
  return effect === "may" ? "at risk" : effect;
}
