import type { Scope } from "../configuration/scope.ts";
import type { SkipReason } from "../plan/connection.ts";
import type { RunProblem } from "../report/record.ts";
import type { NonEmpty } from "../text/non-empty.ts";
import type { Audience } from "./audiences.ts";
import type { MuteInForce } from "./mute-claim.ts";
import type { AnnouncedMute, DistributionIncident, Incident, NotChecked, OpenProblem } from "./state.ts";

/** What a notice is about. Every incident of an origin that it tells of is in one of the lists. */
export type Change = {
  readonly opened: readonly Incident[];
  /** Told before as something less bad: a risk that became an error, an expiry that came near. */
  readonly worsened: readonly Incident[];
  /** Told before, with an effect that the rules of this version have changed to another one that is not worse. */
  readonly rejudged: readonly Incident[];
  /** Told before and seen again. */
  readonly still: readonly Incident[];
  /** Told before and neither seen nor refuted, because this run could not look far enough. */
  readonly frozen: readonly Incident[];
  /** The connection was observed without it. */
  readonly resolved: readonly Incident[];
  /** CloudFront no longer makes the connection, the rules of this version see no fault, or nobody looks from where it was seen. */
  readonly gone: readonly GoneIncident[];
  readonly problems: {
    readonly opened: readonly RunProblem[];
    readonly still: readonly RunProblem[];
    readonly resolved: readonly OpenProblem[];
  };
};

/** What a notice about distributions themselves is about. */
export type DistributionChange = {
  readonly opened: readonly DistributionIncident[];
  /** Told before, and half of the requests get an error since then. */
  readonly worsened: readonly DistributionIncident[];
  /** Told before as errors of a status that was not known, and is now. */
  readonly rejudged: readonly DistributionIncident[];
  /** Told before and seen again. */
  readonly still: readonly DistributionIncident[];
  /** Told before; this run neither saw it nor knows that it is over. */
  readonly frozen: readonly DistributionIncident[];
  /** CloudFront's count says that it is over. */
  readonly resolved: readonly DistributionIncident[];
  /** The distribution is not there any more. */
  readonly gone: readonly DistributionIncident[];
};

export type GoneIncident = {
  readonly finding: Incident;
  /**
   * `account-not-watched`: nobody looks into its account any more, whatever has become of it. `vantage-removed`: nobody looks
   * from where it was seen.
   */
  readonly reason: SkipReason | "not-configured" | "account-not-watched" | "rules-changed" | "vantage-removed";
};

export type Event =
  /** The first message after deployment: what is checked, and what comes next. */
  | "started"
  /** One origin, by the worst that happened to it. */
  | "opened"
  | "worsened"
  | "rejudged"
  | "resolved"
  /** Several origins at once. */
  | "digest"
  /** Nothing new, but still open. */
  | "reminder"
  | "run-problem"
  | "unseen"
  /** Of what was `unseen`: these have been checked again for a while. */
  | "checked-again"
  /** Mutes began to hold something back. */
  | "muted"
  | "weekly";

/** An origin that could not be checked, with the accounts of which this is said; none where they are not known. */
export type NotCheckedOrigin = Pick<NotChecked, "domain" | "port" | "reason" | "since" | "lastUnseen"> & {
  readonly scopes: readonly Scope[];
};

/** What is to be told in one message. */
export type Draft = {
  readonly event: Event;
  readonly change: Change;
  /** What could not be checked, or can be again, where the message is about that. */
  readonly notChecked: readonly NotCheckedOrigin[];
  /** All open incidents that people know of, those of `change` included. */
  readonly open: readonly Incident[];
  readonly muted: readonly MutedIncident[];
  /** What changed about distributions themselves, where the message is about that and nothing else; else null. */
  readonly distributions: DistributionChange | null;
  /** All open incidents of distributions that people know of, those of `distributions` included. */
  readonly openDistributions: readonly DistributionIncident[];
  readonly mutedDistributions: readonly MutedDistribution[];
  /** The mutes that began to hold something back, where the message is about them. */
  readonly begunMutes?: readonly BegunMute[];
  /** The mutes that held back incidents of the message until now. */
  readonly endedMutes?: readonly AnnouncedMute[];
  /** Milliseconds until the incidents of the message are told again if they stay open; null when nothing stays open. */
  readonly remindAfter: number | null;
  /** Whom it is for, where that is not everybody: what is open elsewhere is none of theirs. */
  readonly audience?: Audience;
};

/** An incident with the mutes that hold it back together, of which the first one ends first. */
export type Muted<I> = { readonly incident: I; readonly mutes: NonEmpty<MuteInForce> };
export type MutedIncident = Muted<Incident>;
export type MutedDistribution = Muted<DistributionIncident>;

/** A mute that people have not been told of, and what it holds back. */
export type BegunMute = {
  readonly mute: MuteInForce;
  readonly incidents: readonly Incident[];
  readonly distributions: readonly DistributionIncident[];
  readonly notChecked: readonly NotCheckedOrigin[];
  readonly problems: readonly RunProblem[];
};

export const noChange: Change = {
  opened: [],
  worsened: [],
  rejudged: [],
  still: [],
  frozen: [],
  resolved: [],
  gone: [],
  problems: { opened: [], still: [], resolved: [] },
};

export const noDistributionChange: DistributionChange = {
  opened: [],
  worsened: [],
  rejudged: [],
  still: [],
  frozen: [],
  resolved: [],
  gone: [],
};

/** The incidents of a change that stay open. */
export function openIn({ opened, worsened, rejudged, still, frozen }: Change): readonly Incident[] {
  return [...opened, ...worsened, ...rejudged, ...still, ...frozen];
}

/** All incidents of a change, ended ones included. */
export function incidentsOf(change: Change): readonly Incident[] {
  return [...openIn(change), ...change.resolved, ...change.gone.map(({ finding }) => finding)];
}

/** The incidents of a change of distributions that stay open. */
export function openDistributionsIn(change: DistributionChange): readonly DistributionIncident[] {
  const { opened, worsened, rejudged, still, frozen } = change;
  return [...opened, ...worsened, ...rejudged, ...still, ...frozen];
}

/** All incidents of a change of distributions, ended ones included. */
export function distributionIncidentsOf(change: DistributionChange | null): readonly DistributionIncident[] {
  return change === null ? [] : [...openDistributionsIn(change), ...change.resolved, ...change.gone];
}
