import { dayMs } from "../text/instant.ts";
import { enumerated } from "../text/phrase.ts";
import { html, type Markup } from "./markup.ts";
import { verdictWords } from "./words.ts";

const days = 7;

/**
 * The last seven days of an origin, today last: a square for each, and the same in words for whoever does not see it. Null
 * where nothing was wrong on any of them. Of days before the first bad one nothing is kept, and nothing is said.
 *
 * @param bad the days on which something was wrong, dates in UTC, with the worst of each
 */
export function weekStrip(
  bad: Readonly<Record<string, "failing" | "at-risk">> | undefined,
  now: number,
): Markup | null {
  const dates = Array.from({ length: days }, (_, index) => dateOf(now - (days - 1 - index) * dayMs));
  const first = dates.findIndex((date) => bad?.[date] !== undefined);
  if (bad === undefined || first < 0) return null;
  const squares = dates.map((date, index) => {
    const verdict = bad[date];
    const tone = verdict ?? (index < first ? "skipped" : "healthy");
    const words =
      verdict === undefined ? (index < first ? "not kept" : "nothing found") : verdictWords[verdict].toLowerCase();
    return html`<span class="ow-shape ow-${tone}" title="${date}: ${words}"></span>`;
  });
  const lines = (["failing", "at-risk"] as const).flatMap((verdict) => {
    const on = dates.filter((date) => bad[date] === verdict);
    return on.length === 0 ? [] : [`${verdictWords[verdict].toLowerCase()} on ${enumerated(on, days)}`];
  });
  return html`
    <p class="ow-week">
      <span class="ow-quiet">Last 7 days</span>
      <span class="ow-hidden">: ${lines.join("; ")} (UTC)</span>
      <span class="ow-squares" aria-hidden="true">${squares}</span>
    </p>`;
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
