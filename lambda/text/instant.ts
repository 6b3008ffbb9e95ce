export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** An instant for people: `2026-11-23 20:36 UTC`. */
export function instant(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15
    ? `${isoInstant(ms).slice(0, 16).replace("T", " ")} UTC`
    : "an unreadable time";
}

/** An instant for machines: ISO 8601 in UTC, to the second. Years beyond 9999 and before 0 keep ISO's signed form. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** A span of time in its largest fitting unit: `3 days`, `1 hour`, `less than a minute`. */
export function span(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return count(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return count(hours, "hour");
  return count(Math.floor(hours / 24), "day");
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}
