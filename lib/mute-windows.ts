import { type MuteWindow, readMuteWindows } from "../lambda/contract/mute-windows.ts";
import { PropError } from "./prop-error.ts";

/** When an origin or a distribution is worked on again and again, and kept quiet about. */
export type MuteWindowConfig = {
  /** Either a distribution id */
  readonly distribution?: string;
  /** or a domain name. */
  readonly origin?: string;
  /** When windows start: the six fields of EventBridge Scheduler, such as `0 2 ? * SUN *`. */
  readonly cron: string;
  /** How long each lasts, from 1 to 24, and less than from one start to the next. */
  readonly hours: number;
  /** The time zone of `cron`, by its name in the IANA database, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly reason: string;
};

/**
 * Reads a list of maintenance windows as the function will.
 *
 * @throws PropError
 */
export function resolveMuteWindows(value: unknown): readonly MuteWindowConfig[] {
  const reading = readMuteWindows(value);
  if (reading.kind === "wrong") throw new PropError("muteWindows", reading.problem);
  return reading.windows.map(({ distribution, origin, cron, hours, timeZone, reason }: MuteWindow) => ({
    ...(distribution === null ? {} : { distribution }),
    ...(origin === null ? {} : { origin }),
    cron,
    hours,
    timeZone,
    reason,
  }));
}
