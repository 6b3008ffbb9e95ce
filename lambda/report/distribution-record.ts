import type { Scope } from "../configuration/scope.ts";
import type { Effect } from "../judge/effect.ts";
import type { Traffic } from "../witness/traffic.ts";

/**
 * What a run found about a distribution itself, whatever its connections are like. It is no connection and no origin: no
 * record of a connection says it, and no count of origins has it.
 */
export type DistributionRecord = {
  readonly distributionId: string;
  readonly scope: Scope;
  /** What CloudFront counted for it. */
  readonly traffic: TrafficReading;
  /**
   * Enough errors to be told, but neither 502 nor 504: the origin's or a function's own. A fact for people who look, no
   * finding.
   */
  readonly otherErrors: boolean;
  readonly findings: readonly DistributionFinding[];
  /** Codes of what this run knows to be over. What is neither found nor over stays as it was. */
  readonly over: readonly string[];
};

/** What is known of CloudFront's own count. Absence of errors clears nothing: answers from caches count too. */
export type TrafficReading =
  | {
      readonly kind: "counted";
      /** The last asking; of this run or of an earlier one, as its times say. */
      readonly current: Traffic;
      /** The one before, where it ended when this one begins. */
      readonly previous: Traffic | null;
    }
  /** The reason goes on after "CloudFront's count is not known:". */
  | { readonly kind: "unknown"; readonly reason: string };

/** More errors reach viewers than is normal, by CloudFront's own count. */
export type DistributionFinding = {
  readonly code: string;
  readonly effect: DistributionEffect;
  /** One line without the distribution, such as `requests get 502` (`countedTitle`). */
  readonly title: string;
  /** The counts that decided it, the older one first: one, or two that adjoin. */
  readonly counted: readonly Traffic[];
  /** What is open on connections of the distribution and may be the cause, the worst first. */
  readonly possibleCauses: readonly PossibleCause[];
  /** Origins of the distribution of which all connections were checked and are in order. */
  readonly inOrder: readonly { readonly domain: string; readonly port: number }[];
  /** Its edge functions of which CloudFront counted errors meanwhile. */
  readonly functionErrors: readonly FunctionErrors[];
};

/** A finding on a connection of the distribution. */
export type PossibleCause = {
  readonly domain: string;
  readonly port: number;
  readonly code: string;
  /** Never `note`; `unseen` is an origin that could not be checked. */
  readonly effect: Exclude<Effect, "note">;
  readonly title: string;
  /** Since when people are told of it, ISO 8601; null where it is new, muted from its beginning, or only a suspicion. */
  readonly openSince: string | null;
};

export type FunctionErrors = {
  readonly kind: "cloudfront-function" | "lambda-at-edge";
  /** The name of the function. */
  readonly name: string;
  readonly errors: number;
};

/** What viewers get by CloudFront's own count; `5xx` where it does not count by status. */
export type DistributionEffect = "502" | "504" | "5xx";
