import type { EdgeFunction } from "../configuration/distribution.ts";
import type { Scope } from "../configuration/scope.ts";
import { inTurns } from "../text/in-turns.ts";
import { nextWindow, type TimeWindow, type Traffic } from "./traffic.ts";

/** How often CloudFront's count is asked for of distributions of which nothing is found. */
export type AskingPace = "hourly" | "every-run";

/** A distribution as a run knows it before it asks. */
export type AskedDistribution = {
  readonly distributionId: string;
  /** Its account, which has an equal share where not all can be asked; absent where there is one. */
  readonly account?: string;
  /** It has a finding that CloudFront may witness: then it is asked in each run. */
  readonly isInDoubt: boolean;
  /** What the last asking counted, null where there was none or where it is lost. */
  readonly last: Traffic | null;
  /** The last one was over a threshold, so that this one decides. */
  readonly asksAgain: boolean;
};

/** Of `hourly`: runs do not begin to the second, so that an hour may be a little less. */
const leastHourMs = 55 * 60_000;

export type Asking = { readonly distributionId: string; readonly window: TimeWindow };

/** A distribution whose edge functions may be what fails. */
export type FunctionAsking = {
  readonly distributionId: string;
  readonly functions: readonly Pick<EdgeFunction, "arn" | "runtime">[];
  readonly window: TimeWindow;
};

export type TrafficAnswer = {
  /** By the id of the distribution. One of which CloudWatch said nothing is not in it, which is not the same as no errors. */
  readonly traffic: ReadonlyMap<string, Traffic>;
  /** Why some are not known, in words to follow a colon; null where all that were asked for are. */
  readonly problem: string | null;
  /** The right to ask is missing, which no further asking changes. */
  readonly denied: boolean;
};

/** What came of asking in one account. */
export type AccountTraffic = TrafficAnswer & { readonly scope: Scope };

/**
 * What a run asks, the most important first, because a run has an end: where an answer decides something, where
 * something is in doubt, and then those that have waited longest. What is left out has waited longer in the next run.
 *
 * @param now milliseconds since the epoch
 */
export function askings(
  distributions: readonly AskedDistribution[],
  pace: AskingPace,
  now: number,
  most: number,
): readonly Asking[] {
  const wanted = distributions
    .flatMap(({ distributionId, account = "", isInDoubt, asksAgain, last }) => {
      const askedUntil = last === null ? null : Date.parse(last.until);
      const window = nextWindow(askedUntil, now);
      if (window === null) return [];
      const isDue = pace === "every-run" || window.until - window.from >= leastHourMs;
      const rank = asksAgain ? 0 : isInDoubt ? 1 : 2;
      return rank < 2 || isDue ? [{ distributionId, account, window, rank }] : [];
    })
    .toSorted((a, b) => a.rank - b.rank || a.window.from - b.window.from);
  const asked = wanted.length <= most ? wanted : inTurns(wanted, ({ account }) => account).slice(0, most);
  return asked.map(({ distributionId, window }) => ({ distributionId, window }));
}
