import { type Channel, channel } from "./channel.ts";
import type { ConnectionToObserve, Observed, Observer } from "./observer.ts";

/**
 * Several observers as one: all observe the same batch at the same time, as far as they look at it, and each observation is
 * passed on as it comes.
 */
export function observersTogether(first: Observer, ...others: readonly Observer[]): Observer {
  if (others.length === 0) return first;
  const all = [first, ...others];
  const [vantage] = first.vantages;
  return {
    vantages: [vantage, ...all.flatMap(({ vantages }) => vantages).slice(1)],
    ...(all.some(({ vantagesFor }) => vantagesFor !== undefined)
      ? { vantagesFor: (connection) => all.flatMap((each) => each.vantagesFor?.(connection) ?? each.vantages) }
      : {}),
    observe(batch, signal) {
      const results = channel<Observed>();
      whenAllHaveEnded(
        all.map((observer) => passOn(observer.observe(batch, signal), results)),
        results,
      );
      return results;
    },
    failures: () => all.flatMap(({ failures }) => failures?.() ?? []),
  };
}

/** On its own, so that nothing that waits for the end holds the batch meanwhile. */
function whenAllHaveEnded(streams: readonly Promise<void>[], results: Channel<Observed>): void {
  Promise.allSettled(streams).then(
    (outcomes) => {
      // A fault in one of them is a fault of ours, and told once the others have ended.
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      results.end(failed === undefined ? undefined : { error: failed.reason as unknown });
    },
    () => undefined,
  );
}

/** The observer, but for other connections than these as if it were not there. */
export function lookingOnlyAt(observer: Observer, isTheirs: (connection: ConnectionToObserve) => boolean): Observer {
  return {
    ...observer,
    vantagesFor: (connection) =>
      isTheirs(connection) ? (observer.vantagesFor?.(connection) ?? observer.vantages) : [],
    observe: (batch, signal) => observer.observe(batch.filter(isTheirs), signal),
  };
}

async function passOn(stream: AsyncIterable<Observed>, results: Channel<Observed>): Promise<void> {
  for await (const each of stream) await results.push([each]);
}
