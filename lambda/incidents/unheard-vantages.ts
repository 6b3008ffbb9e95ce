import type { HowFar } from "../judge/how-far.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import type { Incident } from "./state.ts";

type SeenFrom = Pick<Incident, "seenFrom">;
type Vantages = RunReport["vantages"];

/**
 * The vantages without which nobody knows that a finding is over: those that saw it and that the run still observes
 * from; all of the run where none did, or where that is not known. Where the run has one, it is asked for as ever: none.
 *
 * @param vantages where the run observes from
 * @param isFarEnough whether a vantage that got so far would have seen it
 */
export function unheardVantages(
  { seenFrom }: SeenFrom,
  record: ConnectionRecord,
  vantages: Vantages,
  isFarEnough: (got: HowFar) => boolean,
): readonly string[] {
  const seen = record.observed.vantages;
  if (seen === undefined) return [];
  const configured = vantages ?? seen.map(({ vantage }) => vantage);
  const own = configured.filter((vantage) => seenFrom?.includes(vantage) === true);
  const got = new Map(seen.map((each) => [each.vantage, each.got]));
  return (own.length > 0 ? own : configured).filter((vantage) => !isFarEnough(got.get(vantage) ?? "nothing"));
}

/** Whether the run observes from none of the vantages that saw a finding: they were taken out of the settings. */
export function isFromElsewhere({ seenFrom }: SeenFrom, vantages: Vantages): boolean {
  if (seenFrom === undefined || vantages === undefined) return false;
  return !seenFrom.some((vantage) => vantages.includes(vantage));
}

/** Whether a Region still meets what most of them met before: then it is a risk now, and not over. */
export function isLeftInSomeRegion({ code }: Pick<Incident, "code">, { findings }: ConnectionRecord): boolean {
  return findings.some(({ facts }) => facts?.regions?.failing.some(({ codes }) => codes.includes(code)) === true);
}
