import { readMutes } from "../lambda/contract/mutes.ts";
import { PropError } from "./prop-error.ts";

/** What is kept quiet about: all incidents that match every selector that is given. */
export type MuteConfig = {
  readonly distribution?: string;
  /** A domain name. */
  readonly origin?: string;
  /** A finding's code. */
  readonly code?: string;
  /** ISO 8601: a day, to its end in UTC, or the moment at which it ends, with its zone. */
  readonly until: string;
  readonly reason: string;
};

/**
 * Reads a list of mutes as the function will, and has a moment in the place of each day.
 *
 * @throws PropError
 */
export function resolveMutes(value: unknown): readonly MuteConfig[] {
  const reading = readMutes(value);
  if (reading.kind === "wrong") throw new PropError("mutes", reading.problem);
  return reading.mutes.map(({ distribution, origin, code, ...rest }) => ({
    ...(distribution === null ? {} : { distribution }),
    ...(origin === null ? {} : { origin }),
    ...(code === null ? {} : { code }),
    ...rest,
  }));
}
