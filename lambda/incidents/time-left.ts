/** When a run takes place. */
export type Timing = {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** When the process is ended from outside, by the same clock. */
  readonly deadline: number;
};

/** Milliseconds kept for the log and the metrics: without them nobody would know what became of the run. */
export const timeToLog = 5_000;
/** No message is begun with less: a call that is cut off may or may not have been heard. */
const leastTimeToPublish = 3_000;
const longestCall = 20_000;

/**
 * How long a call may take, in milliseconds: at most a third of what is left before the log, so that after one that hangs
 * there is time for what must follow it.
 */
export function timeForCall(timing: Timing, least = 1_000): number {
  return Math.round(Math.min(Math.max(beforeTheLog(timing) / 3, least), longestCall));
}

/** How long publishing a message may take, null when it is too late to begin. */
export function timeToPublish(timing: Timing): number | null {
  return beforeTheLog(timing) < leastTimeToPublish ? null : timeForCall(timing, leastTimeToPublish);
}

function beforeTheLog({ clock, deadline }: Timing): number {
  return deadline - timeToLog - clock();
}
