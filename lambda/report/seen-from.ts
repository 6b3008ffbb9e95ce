import { vantageInWords } from "../probe/observation.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { Occurrence } from "./causes.ts";

const mostNamed = 8;

/** Whether a vantage that could look did not see it. What says by itself which Regions differ is not meant. */
export function isSeenFromSome(occurrences: readonly Occurrence[]): boolean {
  return occurrences.some(
    ({ finding: { seenFrom, facts }, record }) =>
      seenFrom !== undefined &&
      facts?.regions === undefined &&
      record.observed.vantages?.some(({ vantage, got }) => got !== "nothing" && !seenFrom.includes(vantage)) === true,
  );
}

/**
 * From where a finding was seen, and from where it was not: `us-east-1, not from eu-west-1 and sa-east-1`. Null where the run
 * looked from one place. Who could not look is named as such, because it says nothing.
 */
export function seenFromWords(occurrences: readonly Occurrence[]): string | null {
  const from = new Set(occurrences.flatMap(({ finding }) => finding.seenFrom ?? []));
  if (from.size === 0) return null;
  const vantages = occurrences.flatMap(({ record }) => record.observed.vantages ?? []);
  const others = vantages.filter(({ vantage }) => !from.has(vantage));
  const not = distinct(others.filter(({ got }) => got !== "nothing"));
  const unable = distinct(others).filter((name) => !not.includes(name));
  const deciding = distinct(vantages.filter(({ decides }) => decides === true));
  return [
    named([...from]),
    ...(not.length === 0 ? [] : [`not from ${named(not)}`]),
    ...(unable.length === 0 ? [] : [`could not be checked from ${named(unable)}`]),
    ...(deciding.length === 0 ? [] : [`CloudFront connects from ${named(deciding)} (Origin Shield)`]),
  ].join(", ");
}

function distinct(vantages: readonly { readonly vantage: string }[]): readonly string[] {
  return [...new Set(vantages.map(({ vantage }) => vantage))];
}

/** A vantage as people read it, safe to show: a Region, or the fixed addresses of a VPC. */
export function placeName(vantage: string): string {
  return printable(vantageInWords(vantage), 60);
}

function named(vantages: readonly string[]): string {
  return enumerated(
    vantages.map((vantage) => placeName(vantage)),
    mostNamed,
  );
}
