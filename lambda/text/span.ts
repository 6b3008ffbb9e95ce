import { dayMs, hourMs } from "./instant.ts";
import { counted } from "./phrase.ts";

const minuteMs = 60_000;

/** A span of time that passed or is left, rounded down: below an hour minutes, below 48 hours hours, then days. */
export function span(ms: number): string {
  const length = Math.abs(ms);
  // NaN is not a span.
  if (!(length >= minuteMs)) return "less than a minute";
  if (length < hourMs) return counted(Math.floor(length / minuteMs), "minute");
  return length < 2 * dayMs ? counted(Math.floor(length / hourMs), "hour") : counted(Math.floor(length / dayMs), "day");
}

/**
 * The days of a span as a number, for programs: rounded toward zero as spans in words are, so that both say the same of
 * the same moment. Negative for what passed a day ago or longer.
 */
export function wholeDays(ms: number): number {
  // Adding zero makes 0 of -0, which JSON does not know.
  return Math.trunc(ms / dayMs) + 0;
}

/** A configured span of whole hours, which is not rounded: `24 hours`, `60 hours`, `7 days`. */
export function exactSpan(ms: number): string {
  return ms % dayMs === 0 ? span(ms) : counted(Math.round(ms / hourMs), "hour");
}

/** The time between two moments in ISO 8601, as a span. */
export function between(from: string, to: string): string {
  return span(Date.parse(to) - Date.parse(from));
}
