import { dayMs } from "../text/instant.ts";
import { counted, enumerated } from "../text/phrase.ts";
import { html, type Markup } from "./markup.ts";

/** How far the timeline looks ahead. */
export const timelineDays = 91;
const weeks = timelineDays / 7;
const [columnWidth, barWidth, highest, baseline] = [30, 22, 72, 90];

/**
 * How many certificates expire in each of the next 13 weeks, as a picture; the same in words for whoever does not see it.
 * Null where none does.
 *
 * @param ends when certificates expire, in ms since the epoch
 */
export function expiryTimeline(ends: readonly number[], now: number): Markup | null {
  const counts = Array.from({ length: weeks }, () => 0);
  for (const end of ends) {
    const week = Math.floor((end - now) / (7 * dayMs));
    if (week >= 0 && week < weeks) counts[week] = (counts[week] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  if (most === 0) return null;
  const bars = counts.flatMap((count, week) => (count === 0 ? [] : [bar(count, week, most)]));
  const marks = [0, 30, 60, 90].map((day) => {
    const x = Math.round((day / 7) * columnWidth);
    return html`<text x="${x}" y="106">${day === 0 ? "today" : `${day} d`}</text>`;
  });
  return html`
    <svg class="ow-timeline" viewBox="-2 0 432 112" role="img" aria-labelledby="timeline">
      <title id="timeline">${inWords(counts)}</title>
      ${bars}
      <path class="ow-axis" d="M0 90H400"></path>
      ${marks}
    </svg>`;
}

function bar(count: number, week: number, most: number): Markup {
  // One of many is still to be seen.
  const height = Math.max(3, Math.round((count / most) * highest));
  const x = week * columnWidth + 2;
  const tone = week === 0 ? "failing" : week < 3 ? "at-risk" : "healthy";
  return html`
    <rect class="ow-${tone}" x="${x}" y="${baseline - height}" width="${barWidth}" height="${height}" rx="2"></rect>
    <text class="ow-count" x="${x + barWidth / 2}" y="${baseline - height - 4}">${count}</text>`;
}

function inWords(counts: readonly number[]): string {
  const parts = counts.flatMap((count, week) =>
    count === 0 ? [] : [`${count} ${week === 0 ? "within 7 days" : `after ${week * 7} to ${week * 7 + 7} days`}`],
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  return `${counted(total, "certificate")} to expire in ${timelineDays} days: ${enumerated(parts, weeks)}`;
}
