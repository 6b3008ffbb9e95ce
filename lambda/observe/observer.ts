import type { Connection } from "../plan/connection.ts";
import type { ObservationFrom, Vantage } from "../probe/observation.ts";

/** What must be known of a connection to observe it. */
export type ConnectionToObserve = Omit<Connection, "uses"> & {
  /** On whose account, outermost first: places are shared evenly among accounts, and in each among distributions. */
  readonly share: readonly string[];
  /** The last run had no time for it, so it comes first. */
  readonly leftOut: boolean;
};

/** What was seen of one connection from one vantage. */
export type Observed = ObservationFrom & { readonly key: string };

/** The port through which connections are observed: in this process, or elsewhere. */
export type Observer = {
  /** From where it looks; the first one stands for them where none of them answers. */
  readonly vantages: readonly [Vantage, ...Vantage[]];
  /**
   * Looks at every connection of the batch from every vantage, and yields what was seen as soon as it is, in any order.
   * What keeps it from seeing is part of an observation and not thrown. It ends with the last one, or soon after the
   * signal; what it has not yielded by then has not been looked at.
   */
  readonly observe: (batch: readonly ConnectionToObserve[], signal: AbortSignal) => AsyncIterable<Observed>;
};
