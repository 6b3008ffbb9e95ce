import type { HowFar } from "../judge/how-far.ts";
import { isEgress } from "../probe/observation.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import type { Incident } from "./state.ts";

type SeenFrom = Pick<Incident, "seenFrom">;
type Vantages = RunReport["vantages"];

/**
 * The vantages without which nobody knows that a finding is over: those that saw it and that still look at the connection;
 * all that look at it where none did, or where that is not known. Of these the fixed addresses of a VPC are asked for only
 * where nobody else saw it: there may be connections at which they never get to look. Where one vantage looks, it is asked
 * for as ever: none.
 *
 * @param isFarEnough whether a vantage that got so far would have seen it
 */
export function unheardVantages(
  { seenFrom }: SeenFrom,
  record: ConnectionRecord,
  isFarEnough: (got: HowFar) => boolean,
): readonly string[] {
  const looking = record.observed.vantages;
  if (looking === undefined) return [];
  const own = looking.filter(({ vantage }) => seenFrom?.includes(vantage) === true);
  const asked = own.length > 0 ? own : looking;
  const outside = asked.filter(({ vantage }) => !isEgress(vantage));
  return (outside.length > 0 ? outside : asked).filter(({ got }) => !isFarEnough(got)).map(({ vantage }) => vantage);
}

/**
 * Whether none of the vantages that saw a finding looks at the connection any more: they were taken out of the settings, or
 * the account whose connection it is.
 *
 * @param vantages where the run observes from
 */
export function isFromElsewhere({ seenFrom }: SeenFrom, { observed }: ConnectionRecord, vantages: Vantages): boolean {
  if (seenFrom === undefined || vantages === undefined) return false;
  const named = observed.vantages?.map(({ vantage }) => vantage) ?? observed.addresses.map((each) => each.seenFrom);
  const looking = named.length > 0 ? named : vantages;
  return !seenFrom.some((vantage) => looking.includes(vantage));
}

/** Whether a Region still meets what most of them met before: then it is a risk now, and not over. */
export function isLeftInSomeRegion({ code }: Pick<Incident, "code">, { findings }: ConnectionRecord): boolean {
  return findings.some(({ facts }) => facts?.regions?.failing.some(({ codes }) => codes.includes(code)) === true);
}
