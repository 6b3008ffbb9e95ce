export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/**
 * An instant for people: `2026-11-23 20:36 UTC`.
 *
 * @param at in ms since the epoch, or in ISO 8601
 */
export function instant(at: number | string): string {
  const ms = typeof at === "string" ? Date.parse(at) : at;
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15
    ? `${isoInstant(ms).slice(0, 16).replace("T", " ")} UTC`
    : "an unreadable time";
}

/** An instant for machines: ISO 8601 in UTC, to the second. Years beyond 9999 and before 0 keep ISO's signed form. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
