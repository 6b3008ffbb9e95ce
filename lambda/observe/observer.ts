import type { Connection } from "../plan/connection.ts";
import type { ObservationFrom, Vantage } from "../probe/observation.ts";

/** What must be known of a connection to observe it. */
export type ConnectionToObserve = Pick<
  Connection,
  | "key"
  | "scheme"
  | "domain"
  | "port"
  | "httpPort"
  | "serverName"
  | "originSslProtocols"
  | "ipAddressType"
  | "connectTimeoutMs"
  | "connectAttempts"
  | "alpn"
> & {
  /**
   * Whose share it counts against, outermost first: places are shared evenly among accounts, and in each among
   * distributions.
   */
  readonly share: readonly string[];
  /** An alias by which viewers ask for it, where Host is not forwarded; absent where there is none. */
  readonly alias?: string;
  /** The last run had no time for it, so it comes first. */
  readonly leftOut: boolean;
  /** Where to connect, without asking DNS: of a VPC origin, for a vantage inside its VPC. Absent for every other connection. */
  readonly addresses?: readonly string[];
};

/** What was seen of one connection from one vantage. */
export type Observed = ObservationFrom & { readonly key: string };

/** The port through which connections are observed: in this process, or elsewhere. */
export type Observer = {
  /** Where it observes from; the first one is named where none of them answers. */
  readonly vantages: readonly [Vantage, ...Vantage[]];
  /** Which of them look at a connection; all of them where it is absent. */
  readonly vantagesFor?: (connection: ConnectionToObserve) => readonly Vantage[];
  /**
   * Observes every connection of the batch from every vantage that looks at it, and yields each observation as soon as it is made, in
   * any order. A failure is part of an observation and not thrown. The iterable ends with the last one, or soon after
   * the signal; what it has not yielded by then was not observed.
   */
  readonly observe: (batch: readonly ConnectionToObserve[], signal: AbortSignal) => AsyncIterable<Observed>;
  /** Once all has been observed: the vantages that did not do all that was asked. Absent where none can fail. */
  readonly failures?: () => readonly VantageFailure[];
};

/** What a vantage did not observe. It says nothing of any origin. */
export type VantageFailure = {
  readonly vantage: Vantage;
  /** How many connections it did not observe, of how many. */
  readonly connections: number;
  readonly of: number;
  readonly kind: VantageFailureKind;
  /** In a few words, safe to show. */
  readonly why: string;
};

/** `other-release`: what is deployed there is older or newer than the function that watches. */
export type VantageFailureKind = "other-release" | "not-invoked" | "no-answer";
