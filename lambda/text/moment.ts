import { dayMs } from "./instant.ts";

/** A day or a moment, as a person writes one. */
export type Moment = {
  /** Milliseconds since the epoch; of a day its beginning in UTC. */
  readonly at: number;
  readonly isDay: boolean;
};

/** What to write where a moment is expected, for error messages. */
export const expectedMoment = "a day such as 2026-12-31, or a time with its zone such as 2026-12-31T18:00:00Z";

/**
 * Reads a day or a time with its zone: RFC 3339's full-date or date-time, whose seconds may be left out. Null for
 * everything else that `Date.parse` accepts: it reads a time without a zone in that of the machine, and 31 February as
 * 3 March.
 */
export function readMoment(text: string): Moment | null {
  const form = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(text);
  const at = form === null ? Number.NaN : Date.parse(text);
  const day = form?.[1] ?? "";
  if (Number.isNaN(at) || !new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)) return null;
  return { at, isDay: text === day };
}

/** The end of the moment, in milliseconds since the epoch: a day lasts until its end. */
export function endOf({ at, isDay }: Moment): number {
  return isDay ? at + dayMs : at;
}
