import { type Channel, channel } from "./channel.ts";
import type { Observed, Observer } from "./observer.ts";

/** Several observers as one: all observe the same batch at the same time, and each observation is passed on as it comes. */
export function observersTogether(first: Observer, ...others: readonly Observer[]): Observer {
  if (others.length === 0) return first;
  const all = [first, ...others];
  const [vantage] = first.vantages;
  return {
    vantages: [vantage, ...all.flatMap(({ vantages }) => vantages).slice(1)],
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

async function passOn(stream: AsyncIterable<Observed>, results: Channel<Observed>): Promise<void> {
  for await (const each of stream) await results.push([each]);
}
