import type { ReadWindow } from "../contract/mute-windows.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import { instantAt } from "../text/local-time.ts";
import type { MuteClaim } from "./mute-claim.ts";

/** What the maintenance windows in which a moment lies ask for: a mute for each, to the end of the window. */
export function windowClaims(windows: readonly ReadWindow[], now: Date): readonly MuteClaim[] {
  return windows.flatMap((window) => {
    const end = endOfWindow(window, now.getTime());
    if (end === null) return [];
    const { distribution, origin, reason } = window;
    const until = new Date(end).toISOString();
    return [{ source: "window", account: null, distribution, origin, code: null, until, reason }];
  });
}

/** When the window ends in which a moment lies; null where it lies in none. */
function endOfWindow({ startsOn, hours, timeZone }: ReadWindow, now: number): number | null {
  // Somewhere it is yesterday, somewhere tomorrow, and a window may have begun on the day before.
  const ends = [-2, -1, 0, 1].flatMap((days) => {
    const at = new Date(now + days * dayMs);
    const day = { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, date: at.getUTCDate() };
    return startsOn(day)
      .map((minutes) => instantAt({ ...day, minutes }, timeZone))
      .filter((start) => start <= now && now < start + hours * hourMs)
      .map((start) => start + hours * hourMs);
  });
  return ends.length === 0 ? null : Math.max(...ends);
}
