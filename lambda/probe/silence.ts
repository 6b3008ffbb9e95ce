/**
 * Calls back after that many milliseconds, once everything that has arrived by then was read: a peer whose answer waits
 * in the system's buffers because this process was busy has not been silent.
 *
 * @returns stops it
 */
export function afterSilence(ms: number, giveUp: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  // Between its timers and its immediates the event loop takes in all that sockets have
  // (https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick).
  const timer = setTimeout(() => {
    immediate = setImmediate(giveUp);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
