import { shareOf, type Traffic } from "../report/counted.ts";
import type {
  DistributionEffect,
  DistributionRecord,
  FunctionErrors,
  PossibleCause,
} from "../report/distribution-record.ts";
import type { RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";

/** A distribution of which CloudFront counts errors. */
export type CountedDistribution = {
  readonly distributionId: string;
  /** Of the finding; null where the errors are of another kind than 502 and 504, which is no finding. */
  readonly code: string | null;
  /** `5xx` where CloudFront does not count by status, and for errors of another kind. */
  readonly effect: DistributionEffect;
  readonly count: Traffic;
  /** The first ones of what may be behind it. */
  readonly possibleCauses: readonly PossibleCause[];
  readonly functionErrors: readonly FunctionErrors[];
};

/** Distributions on a board; the log has all. */
const mostCounted = 100;
const mostCauses = 3;

/** Those with a finding first, and of these those with the largest share of errors. */
export function countedDistributions({ distributionRecords = [] }: Pick<RunReport, "distributionRecords">): {
  readonly counted: readonly CountedDistribution[];
  readonly countedLeftOut: number;
} {
  const all = distributionRecords.flatMap(countedOf).toSorted(worstFirst);
  return { counted: all.slice(0, mostCounted), countedLeftOut: Math.max(all.length - mostCounted, 0) };
}

function countedOf(record: DistributionRecord): readonly CountedDistribution[] {
  const { findings, otherErrors, traffic } = record;
  const distributionId = printable(record.distributionId, 64);
  const found = findings.flatMap(({ code, effect, counted, possibleCauses, functionErrors }) => {
    const count = counted.at(-1);
    return count === undefined
      ? []
      : [
          {
            distributionId,
            code,
            effect,
            count,
            possibleCauses: possibleCauses.slice(0, mostCauses).map((cause) => ({
              ...cause,
              domain: printable(cause.domain, 253),
              title: printable(cause.title, 250),
            })),
            functionErrors: functionErrors
              .slice(0, mostCauses)
              .map((errors) => ({ ...errors, name: printable(errors.name, 64) })),
          },
        ];
  });
  if (found.length > 0 || !otherErrors || traffic.kind !== "counted") return found;
  const count = traffic.current;
  return [{ distributionId, code: null, effect: "5xx", count, possibleCauses: [], functionErrors: [] }];
}

function worstFirst(a: CountedDistribution, b: CountedDistribution): number {
  return Number(a.code === null) - Number(b.code === null) || shareOf(b.count, b.effect) - shareOf(a.count, a.effect);
}
