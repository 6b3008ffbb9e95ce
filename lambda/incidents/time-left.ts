/** When a run takes place. */
export type Timing = {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** When Lambda ends the process, by the same clock. */
  readonly deadline: number;
};

/** Milliseconds kept for the log and the metrics: without them nobody would know how the run ended. */
export const timeToLog = 5_000;
/** No message is started with less time: a call that is cut off may or may not have arrived. */
const leastTimeToPublish = 3_000;
const longestCall = 20_000;

/**
 * How long a call may take, in milliseconds: at most a third of the time before the log, so that a call that hangs
 * leaves time for those that must follow.
 */
export function timeForCall(timing: Timing, least = 1_000): number {
  return Math.round(Math.min(Math.max(beforeTheLog(timing) / 3, least), longestCall));
}

/** How long publishing a message may take, null when it is too late to start. */
export function timeToPublish(timing: Timing): number | null {
  return beforeTheLog(timing) < leastTimeToPublish ? null : timeForCall(timing, leastTimeToPublish);
}

function beforeTheLog({ clock, deadline }: Timing): number {
  return deadline - timeToLog - clock();
}
