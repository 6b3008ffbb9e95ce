import type { DistributionChange, Event } from "../incidents/change.ts";
import type { DistributionIncident } from "../incidents/state.ts";
import { percent, shareOf } from "../report/counted.ts";
import type { RunReport } from "../report/record.ts";
import { counted } from "../text/phrase.ts";
import { between } from "../text/span.ts";
import { lasted } from "./lasted.ts";
import { type SubjectParts, shortName } from "./subject-parts.ts";
import { answersOf, distributionTag, type ToldDistribution, toldDistributions } from "./told-distribution.ts";

/** What the subject of a message about distributions says: `[502] www.example.com: 31.1% of requests get 502`. */
export function distributionSubject(
  event: Event,
  change: DistributionChange,
  report: RunReport,
  isIncomplete: boolean,
): SubjectParts {
  const { opened, worsened, rejudged, still, frozen, resolved, gone } = change;
  const told = (incidents: readonly DistributionIncident[]) => toldDistributions(incidents, report);
  const incomplete = isIncomplete ? ["run incomplete"] : [];
  if (event === "reminder") return reminder(told([...still, ...frozen]), report.finishedAt);
  const fresh = told([...opened, ...worsened, ...rejudged]);
  const [only] = fresh;
  if (only !== undefined && fresh.length === 1) return oneFresh(only, incomplete);
  if (fresh.length > 1) return { ...several(fresh), tag: tagOf(fresh), extent: incomplete };
  return resolved.length > 0
    ? ended("FIXED", told(resolved), lasted(resolved, report.finishedAt))
    : ended("CLOSED", told(gone), "no longer checked");
}

function oneFresh(distribution: ToldDistribution, incomplete: readonly string[]): SubjectParts {
  const { incident, finding, count } = distribution;
  const share = count === null ? null : percent(shareOf(count, incident.effect));
  const isExplained = (finding?.possibleCauses.length ?? 0) + (finding?.functionErrors.length ?? 0) > 0;
  const what = share === null ? incident.title : `${share} of requests get ${answersOf(distribution)}`;
  const was = incident.tellings > 0 && incident.toldEffect === "5xx" && incident.effect !== "5xx";
  return {
    ...placeOf(distribution),
    tag: distributionTag(incident.effect),
    between: ": ",
    what,
    extent: [
      ...placeOf(distribution).extent,
      ...(was ? ["was 5XX"] : []),
      ...incomplete,
      ...(isExplained ? [] : ["no cause found"]),
    ],
  };
}

/** A name of viewers, with the id in brackets; or the id. */
function placeOf({ incident: { distributionId }, about }: ToldDistribution) {
  const [name] = about?.names ?? [];
  const id = shortName(distributionId);
  return name === undefined ? { where: id, extent: [] } : { where: shortName(name), extent: [id] };
}

/** What several share, or their ids. */
function several(distributions: readonly ToldDistribution[]): Omit<SubjectParts, "tag" | "extent"> {
  const titles = new Set(distributions.map(({ incident }) => incident.title));
  return {
    where: counted(distributions.length, "distribution"),
    between: ": ",
    what:
      titles.size === 1
        ? [...titles].join("")
        : distributions.map(({ incident }) => shortName(incident.distributionId)),
  };
}

function tagOf(distributions: readonly ToldDistribution[]): string {
  const effects = new Set(distributions.map(({ incident }) => incident.effect));
  return distributionTag((["502", "504", "5xx"] as const).find((effect) => effects.has(effect)) ?? "5xx");
}

function reminder(distributions: readonly ToldDistribution[], at: string): SubjectParts {
  const [only] = distributions;
  const tag = `STILL ${tagOf(distributions)}`;
  if (only === undefined || distributions.length > 1) return { ...several(distributions), tag, extent: [] };
  const { where, extent } = placeOf(only);
  const since = between(only.incident.openedAt, at);
  return { tag, where, between: ": ", what: only.incident.title, extent: [since, ...extent] };
}

function ended(tag: "FIXED" | "CLOSED", distributions: readonly ToldDistribution[], how: string): SubjectParts {
  const [only] = distributions;
  if (only === undefined || distributions.length > 1) {
    const about = several(distributions);
    return { ...about, tag, between: typeof about.what === "string" ? ", was: " : ": ", extent: [how] };
  }
  const { where, extent } = placeOf(only);
  return { tag, where, between: ", was: ", what: only.incident.title, extent: [how, ...extent] };
}
