import type { Scope } from "../configuration/scope.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import type { DistributionEffect } from "../report/distribution-record.ts";
import type { MuteClaim } from "./mute-claim.ts";
import type { Message } from "./ports.ts";

/**
 * What a run remembers for the next one: what is open, what people were told of it, and what is still to be sent.
 *
 * A later version may add fields, to the state and to its entries. They are no part of these types, but of the objects:
 * whoever makes one entry of another does so by spreading, so that they survive a program that does not know them.
 */
export type State = {
  readonly schemaVersion: 3;
  readonly incidents: readonly Incident[];
  /** The object has them among its `incidents`, told apart by `kind`. */
  readonly distributionIncidents: readonly DistributionIncident[];
  /** Seen, and not often enough to be told: one lost packet is no outage. */
  readonly suspicions: readonly UnconfirmedFinding[];
  /** Over for less than a day: what was fixed and comes back in that time comes and goes. */
  readonly ended: readonly Ended[];
  /** The object has them among its `ended`. */
  readonly endedDistributionIncidents: readonly EndedDistributionIncident[];
  readonly problems: readonly OpenProblem[];
  readonly blindSpots: readonly NotChecked[];
  /** When people were last told what could not be checked, and when they last got the weekly digest. */
  readonly blindSpotsTold: string | null;
  readonly digestTold: string | null;
  /** Nobody would have got the first message after deployment yet. */
  readonly firstMessageDue: boolean;
  /** The mutes that runs have met, and whether people were told of each. */
  readonly mutes: readonly AnnouncedMute[];
  /** What a later version wrote and this one cannot follow: it goes back into the object as it was. */
  readonly foreign: Foreign;
  /** Notices that are not known to have been sent, in the order in which they must be. */
  readonly outbox: readonly Notice[];
  /** Who sends them. */
  readonly lease: Lease | null;
};

/**
 * A finding over time. Its identity is the connection's key and the finding's code, never a certificate fingerprint:
 * a certificate replaced by an equally bad one is the same problem. All times are ISO 8601 in UTC.
 */
export type Incident = FindingSnapshot & IncidentHistory;

/** What a finding looked like when it was last seen. */
export type FindingSnapshot = {
  readonly kind: "connection";
  readonly key: string;
  readonly code: string;
  readonly effect: OpenEffect;
  readonly title: string;
  readonly domain: string;
  readonly port: number;
  /** The first ones of the distributions that use the connection; `distributionCount` counts all. */
  readonly distributions: readonly string[];
  readonly distributionCount: number;
  /** The first ones of the accounts that these are in; `scopeCount` counts all, and is 0 where none is known. */
  readonly scopes: readonly Scope[];
  readonly scopeCount: number;
  /** How near an expiry is: 0 in the window, 1 in its last half, 2 in its last quarter, 3 on the last day. */
  readonly stage: number;
  /** The server certificate that was seen with it, null when none was. */
  readonly leaf: Leaf | null;
  /** The revision of the rules that judged it; absent for the first one. */
  readonly rules?: number | undefined;
  /** The vantages that saw it and have not seen it to be over, where runs observe from several; else absent. */
  readonly seenFrom?: readonly string[] | undefined;
};

export type Leaf = { readonly sha256: string; readonly notAfter: string; readonly chainLength: number };

/**
 * Something that is wrong with a distribution itself, over time. Its identity is the distribution and the code. It is no
 * incident of an origin: no count of origins has it.
 */
export type DistributionIncident = DistributionSnapshot & IncidentHistory<DistributionEffect>;

/** What a finding about a distribution looked like when it was last seen. It has no connection, and so no certificate. */
export type DistributionSnapshot = {
  readonly kind: "distribution";
  /** `distribution ID`. */
  readonly key: string;
  readonly code: string;
  readonly effect: DistributionEffect;
  readonly title: string;
  readonly distributionId: string;
  readonly scope: Scope;
  /** How bad it is beyond its effect: 1 where half of the requests get an error, else 0. */
  readonly stage: number;
};

/** What has become of an incident, and what people know of it. */
export type IncidentHistory<Effect extends string = OpenEffect> = {
  readonly openedAt: string;
  /** Right to the hour; a state that changes with every run would have to be stored with every run. */
  readonly lastSeen: string;
  /** Null as long as nobody was told, because it is muted. */
  readonly lastTold: string | null;
  readonly tellings: number;
  /** What the last message about it said; only what is worse than that is news. */
  readonly toldEffect: Effect;
  readonly toldStage: number;
  /** How often it came back within a day of its end. */
  readonly returns: number;
  /** Since when it has not been seen although its connection was; null while it is. */
  readonly clearSince: string | null;
  /** What people were told that its effect is, where other rules have changed that and nobody was told yet. */
  readonly rejudgedFrom?: OpenEffect | undefined;
  /** The mute (`AnnouncedMute.id`) that held it back in the last run, where one did. */
  readonly mutedBy?: string | undefined;
};

export type UnconfirmedFinding = {
  readonly key: string;
  readonly code: string;
  /** The last ones, oldest first. */
  readonly sightings: readonly string[];
  /** How many runs in a row saw it, up to the last one that looked. */
  readonly inARow: number;
};

export type Ended = Pick<FindingSnapshot, "kind" | "key" | "code" | "domain" | "port"> & {
  /** Null where the version of the function that wrote it did not keep it. */
  readonly openedAt: string | null;
  readonly endedAt: string;
  readonly returns: number;
  /** Whether it was seen to be fixed, or CloudFront no longer makes the connection. */
  readonly as: "resolved" | "gone";
};

export type EndedDistributionIncident = Pick<DistributionSnapshot, "kind" | "key" | "code" | "distributionId"> &
  Pick<Ended, "endedAt" | "returns" | "as"> & { readonly openedAt: string };

/** Something that hampers the runs as a whole. */
export type OpenProblem = {
  readonly code: string;
  /** The account that it concerns, null where that is the run as a whole. */
  readonly scope: Scope | null;
  readonly message: string;
} & Pick<IncidentHistory, "openedAt" | "lastTold" | "returns" | "clearSince">;

/** An origin of which nothing can be said from here, as the distributions of one account use it. */
export type NotChecked = {
  readonly domain: string;
  readonly port: number;
  readonly reason: string;
  readonly since: string;
  /** Right to the hour, like `lastSeen`. */
  readonly lastUnseen: string;
  /** Counted up to as many as it takes to tell. */
  readonly runs: number;
  readonly told: boolean;
  /** When it was last told; absent where an earlier version told it, which is `blindSpotsTold` then. */
  readonly lastTold?: string | undefined;
  /** The account; absent where an earlier version wrote it, for all that use the origin. */
  readonly scope?: Scope | undefined;
};

/** A mute that a run has met. */
export type AnnouncedMute = Omit<MuteClaim, "until"> & {
  /** Who asked for it and what it selects: its identity (`muteId`). */
  readonly id: string;
  /** When a run first met it, by which the longest time that it may last is measured. */
  readonly firstSeen: string;
  /** Until when it holds, which may be less than was asked for. */
  readonly until: string;
  /** When people were told that it holds something back; null as long as it does not. */
  readonly announced: string | null;
  /** The ids of the accounts that were told of it; absent where all were, or there was one alone. */
  readonly toldTo?: readonly string[] | undefined;
};

export type Foreign = {
  readonly incidents: readonly ForeignEntry[];
  readonly ended: readonly ForeignEntry[];
};

/** An entry of another kind, or with an effect of its own. */
export type ForeignEntry = { readonly key: string; readonly code: string };

export type Notice = Message & {
  readonly id: string;
  readonly createdAt: string;
};

export type Lease = {
  readonly holder: string;
  readonly until: string;
};

export const emptyState: State = {
  schemaVersion: 3,
  incidents: [],
  distributionIncidents: [],
  suspicions: [],
  ended: [],
  endedDistributionIncidents: [],
  problems: [],
  blindSpots: [],
  blindSpotsTold: null,
  digestTold: null,
  firstMessageDue: false,
  mutes: [],
  foreign: { incidents: [], ended: [] },
  outbox: [],
  lease: null,
};

/** How many distributions a finding names in the state. */
export const maxDistributionsKept = 50;
/** And how many accounts. */
export const maxScopesKept = 50;
/** And how many vantages: more than AWS has Regions. */
export const maxVantagesKept = 100;
/** Distributions with something wrong with themselves: as many as an API lists in a few minutes. */
export const mostDistributionIncidents = 20_000;
/** Mutes of hundreds of distributions, and those of them that are over. */
export const mostMutesKept = 1000;
/** Two of each account of the largest organization. */
export const mostProblemsKept = 20_000;
