import type { Scope } from "../configuration/scope.ts";
import type { Event, GoneIncident } from "../incidents/change.ts";
import type { MuteSource } from "../incidents/mute-claim.ts";
import type { Severity } from "../judge/effect.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import type { DistributionEffect, FunctionErrors, PossibleCause } from "../report/distribution-record.ts";
import type { DistributionTraffic } from "../report/record.ts";

/** What programs get of a message: version 1 of a public contract (docs/alerts.md). All times are ISO 8601 in UTC. */
export type EventData = {
  readonly schemaVersion: 1;
  readonly source: "origin-watch";
  readonly event: Event;
  readonly severity: Severity;
  readonly subject: string;
  readonly runId: string;
  readonly at: string;
  /** The account and the Region of the function that sent it. */
  readonly scope: Scope | null;
  readonly region: string | null;
  /** A link to the dashboard with the status board, null where there is none. */
  readonly board: string | null;
  /** Where the log records of the run are, null when unknown. */
  readonly logGroup: string | null;
  /** How many origins are failing and at risk after this run, and for how many distributions CloudFront counts errors. */
  readonly open: { readonly failing: number; readonly atRisk: number; readonly distributions: number };
  readonly incidents: readonly EventIncident[];
  /** How many incidents are missing here for size; all are in the log. */
  readonly leftOut: number;
  readonly problems: readonly EventProblem[];
  readonly notChecked: readonly EventNotChecked[];
  /** `notChecked` has the first ones only. */
  readonly notCheckedCount: number;
  /** Mutes that began to hold something back, in a `muted` message only; the first ones. */
  readonly mutes?: readonly EventMute[];
};

export type EventMute = {
  /** Where it was asked for. */
  readonly source: MuteSource;
  /** The account in which it holds, null for every one. */
  readonly account: string | null;
  readonly distribution: string | null;
  readonly origin: string | null;
  readonly code: string | null;
  readonly until: string;
  /** Until when it was asked for, which may be later than it may hold. */
  readonly asked: string;
  /** What whoever asked for it says. */
  readonly reason: string;
  /** What it holds back; the first ones. */
  readonly held: readonly {
    readonly origin: string | null;
    /** Where it is a distribution itself, which has no origin. */
    readonly distribution: string | null;
    readonly code: string;
  }[];
};

export type EventIncident = {
  readonly status: "opened" | "worsened" | "open" | "not-seen" | "resolved" | "gone";
  /** A finding on the connections to an origin, or one of a distribution itself, which CloudFront counts. */
  readonly kind: "connection" | "distribution";
  readonly code: string;
  /** `5xx` only for a distribution of which CloudFront does not count errors by status. */
  readonly effect: OpenEffect | DistributionEffect;
  /** Where the rules of this version, or a count by status, changed the effect: what it was told as before. */
  readonly effectBefore?: OpenEffect | DistributionEffect;
  /** Domain and port; null for one of a distribution. */
  readonly origin: string | null;
  readonly title: string;
  /** The accounts of the distributions that use it; the first ones. */
  readonly scopes: readonly Scope[];
  readonly openedAt: string;
  /** How many messages told of it. */
  readonly tellings: number;
  /** The first ones; `distributionCount` counts all. */
  readonly distributions: readonly string[];
  readonly distributionCount: number;
  /** The vantages that saw it, where runs look from several; else absent. */
  readonly seenFrom?: readonly string[];
  readonly remedy: readonly string[];
  /** A command that shows the finding. */
  readonly reproduce: string | null;
  /** A link to the first distribution in the console of AWS. */
  readonly console: string | null;
  /** Where it is `resolved` or `gone`. */
  readonly endedAt?: string;
  /** Why it is `gone`. */
  readonly reason?: GoneIncident["reason"];
  /** Where it is `not-seen`: since when. */
  readonly clearSince?: string | null;
  /** What CloudFront itself says of it, where that is known. */
  readonly witness?: EventWitness;
  /** Of a distribution: what may be behind it, the worst first. */
  readonly possibleCauses?: readonly PossibleCause[];
  /** Of a distribution: its edge functions of which CloudFront counted errors in that time. */
  readonly functionErrors?: readonly FunctionErrors[];
};

export type EventWitness = {
  /**
   * What CloudFront counted for the distributions, answers from caches included; for the first ones where they are many. Of
   * a distribution: the counts that decided it, the older one first. Empty where nothing is known.
   */
  readonly traffic: readonly DistributionTraffic[];
  /** Of an origin: what makes a risk the error that it may be, or shows an error. */
  readonly confirmedBy?: "count" | "answer";
};

export type EventProblem = {
  readonly status: "opened" | "open" | "resolved";
  readonly code: string;
  /** The account that it concerns, null where that is the run as a whole. */
  readonly scope: Scope | null;
  readonly message: string;
  readonly remedy?: string;
};

export type EventNotChecked = {
  readonly domain: string;
  readonly port: number;
  readonly reason: string;
  readonly since: string;
};
