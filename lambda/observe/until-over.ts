/**
 * Passes on what a stream yields, and ends it if it has not ended a while after the signal: what hangs elsewhere must
 * not use up the time for alerts. What has come by then is still passed on.
 *
 * @param graceMs from the signal on
 */
export async function* untilOver<T>(
  stream: AsyncIterable<T>,
  signal: AbortSignal,
  graceMs: number,
): AsyncGenerator<T, void> {
  const iterator = stream[Symbol.asyncIterator]();
  let isOver = false;
  let giveUp = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => {
      isOver = true;
      giveUp();
    }, graceMs);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      // One promise a step: a race with one that lives as long as the stream would hold everything that won.
      const step = Promise.withResolvers<IteratorResult<T, unknown>>();
      giveUp = () => void setImmediate(() => step.resolve({ done: true, value: undefined }));
      if (isOver) giveUp();
      iterator.next().then(step.resolve, step.reject);
      const next = await step.promise;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
}
