import type { Board } from "../board/board.ts";
import type { Verdict } from "../judge/finding.ts";
import { worstFirst } from "../judge/verdict.ts";
import { nextExpiries } from "../report/expiries.ts";
import { originId } from "../report/origins.ts";
import { dayMs } from "../text/instant.ts";
import { counted } from "../text/phrase.ts";
import { causeGroup, foldedEvidence, originsByCause } from "./cause-group.ts";
import { countedCards } from "./counted-section.ts";
import { accountHeading, distributionTable, type OriginName, originTable } from "./distribution-table.ts";
import { byAccount, type DistributionView, distributionViews } from "./distribution-view.ts";
import { expiryTimeline, timelineDays } from "./expiry-timeline.ts";
import { html, type Markup, styleElement } from "./markup.ts";
import { mutedItems } from "./muted-list.ts";
import { memoryOf } from "./open-since.ts";
import { originCard } from "./origin-card.ts";
import { originDetail } from "./origin-detail.ts";
import { needsAttention, type OriginView, originViews } from "./origin-view.ts";
import { badge, time } from "./pieces.ts";
import { reportStyle } from "./report-style.ts";
import { routeMap } from "./route-map.ts";
import { accountTitle, expiryList, placeLine, problemNotices, runLine, totalOf } from "./run-lines.ts";
import { causeLine, expiryWords, headline, verdictWords } from "./words.ts";

export type ReportContent = {
  readonly board: Board;
  /** When each incident opened, by its identity; null where nothing is remembered, as in a terminal by itself. */
  readonly openedAt: ReadonlyMap<string, string> | null;
  /** It shows a check in a terminal, which opens no incident: what no state knows is not new by that. */
  readonly inTerminal?: true;
  /** What is muted, a line each; absent where nothing is known of mutes. */
  readonly muted?: readonly string[];
  /** As of when ages and days left are counted, in ms since the epoch. */
  readonly now: number;
};

const mostMuted = 300;

/** Below so many, all is laid out at once, so that a capture of the whole page shows all of it. */
const fewOrigins = 200;

/**
 * A run as one HTML file that needs nothing else: no script, no request. Its policy allows the one style sheet in it.
 *
 * @param sha256 of a text in UTF-8, in Base64
 */
export function reportPage(content: ReportContent, sha256: (text: string) => string): string {
  const { board } = content;
  const policy = `default-src 'none'; style-src 'sha256-${sha256(reportStyle)}'; base-uri 'none'; form-action 'none'`;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <title>${titleOf(board)}</title>
        ${styleElement(reportStyle)}
      </head>
      <body class="${totalOf(board) < fewOrigins ? "ow" : "ow ow-long"}">
        <div class="ow-report">
          ${pageHead(content)}
          ${pageBody(content)}
          <footer><p>Run ${board.runId}</p></footer>
        </div>
      </body>
    </html>`.toString();
}

function titleOf(board: Board): string {
  const account = accountTitle(board);
  return `Origin Watch: ${headline(board)}${account === null ? "" : ` (${account})`}`;
}

function pageHead({ board, now }: ReportContent): Markup {
  // Only who asks for another time than that of the run is told of it.
  const isAnother = Math.abs(now - Date.parse(board.finishedAt)) > 60_000;
  return html`
    <header>
      <p class="ow-product">Origin Watch</p>
      <h1>${headline(board)}</h1>
      ${runLine(board, null)}
      ${placeLine(board)}
      ${isAnother ? html`<p class="ow-run">Judged as of ${time(now)}</p>` : null}
      <fieldset class="ow-filter">
        <legend class="ow-hidden">Show origins</legend>
        <label class="ow-tile">
          <input type="radio" name="show" id="show-all" checked>
          <b>${totalOf(board)}</b> <span>All</span>
        </label>
        ${worstFirst.map((verdict) => tile(verdict, board.origins[verdict]))}
      </fieldset>
      ${problemNotices(board)}
    </header>`;
}

function tile(verdict: Verdict, count: number): Markup {
  const input =
    count === 0
      ? html`<input type="radio" name="show" id="show-${verdict}" disabled>`
      : html`<input type="radio" name="show" id="show-${verdict}">`;
  return html`
    <label class="ow-tile ow-${verdict}">
      ${input}
      <b>${count}</b> <span class="ow-shape ow-${verdict}">${verdictWords[verdict]}</span>
    </label>`;
}

function pageBody({ board, openedAt, inTerminal, muted = [], now }: ReportContent): Markup {
  const memory = memoryOf(openedAt, inTerminal ? "nothing" : "new");
  const origins = originViews(board.records, memory);
  const places = new Map(origins.map((origin, index) => [originId(origin), `origin-${index + 1}`]));
  const placeOf = (origin: OriginView) => places.get(originId(origin)) ?? "";
  const detail = (origin: OriginView) =>
    html`<div id="${placeOf(origin)}">${originDetail(origin, board.records)}</div>`;
  const name: OriginName = (origin) => html`<a href="#${placeOf(origin)}">${origin.name}</a>`;
  const folded = (["healthy", "skipped"] as const).map((verdict) =>
    foldedOrigins(
      verdict,
      origins.filter((origin) => origin.verdict === verdict),
      now,
      detail,
    ),
  );
  return html`
    <main>
      ${countedErrors(board, openedAt, now)}
      ${attention(origins.filter(needsAttention), now, detail)}
      ${mutedSection(muted)}
      ${expiries(board, now)}
      ${byDistribution(distributionViews(board.records, memory), now, name)}
      ${folded.filter((section) => section !== null)}
    </main>`;
}

function countedErrors(board: Board, openedAt: ReportContent["openedAt"], now: number): Markup | null {
  const cards = countedCards(board, openedAt, now);
  if (cards === null) return null;
  return html`
    <section aria-labelledby="counted">
      <h2 id="counted">Errors that CloudFront counts</h2>
      <div class="ow-cards">${cards}</div>
    </section>`;
}

/** So that silence is not taken for health. */
function mutedSection(muted: readonly string[]): Markup | null {
  const list = mutedItems(muted, mostMuted);
  if (list === null) return null;
  return html`
    <section aria-labelledby="muted">
      <h2 id="muted">Muted now</h2>
      <div class="ow-panel">${list}</div>
    </section>`;
}

type Detail = (origin: OriginView) => Markup;

function attention(origins: readonly OriginView[], now: number, detail: Detail): Markup | null {
  if (origins.length === 0) return null;
  const verdicts = [...new Set(origins.map(({ verdict }) => verdict))].join(" ");
  const cards = originsByCause(origins).map((group) => {
    const [origin, ...others] = group;
    if (others.length > 0) return causeGroup(group, now, detail);
    return originCard(origin, now, foldedEvidence(origin, detail));
  });
  return html`
    <section class="ow-some" data-verdicts="${verdicts}" aria-labelledby="attention">
      <h2 id="attention">What needs attention</h2>
      <div class="ow-cards">${cards}</div>
    </section>`;
}

const shownExpiries = 5;
/** Of those that can be unfolded. */
const mostExpiries = 300;

function expiries(board: Board, now: number): Markup | null {
  const all = nextExpiries({ records: board.records, finishedAt: new Date(now).toISOString() }, board.records.length);
  if (all.length === 0) return null;
  const ends = all.map(({ notAfter }) => Date.parse(notAfter));
  const soon = all.slice(shownExpiries).filter(({ notAfter }) => Date.parse(notAfter) < now + timelineDays * dayMs);
  const more = soon.slice(0, mostExpiries);
  const left = soon.length - more.length;
  const rest = html`
    <details>
      <summary>${counted(soon.length, "more certificate")} within ${timelineDays} days</summary>
      ${expiryList(more, now)}
      ${left === 0 ? null : html`<p class="ow-quiet">and ${left} more</p>`}
    </details>`;
  return html`
    <section aria-labelledby="expiries">
      <h2 id="expiries">Certificates expiring next</h2>
      <div class="ow-panel">
        ${expiryTimeline(ends, now)}
        ${expiryList(all.slice(0, shownExpiries), now)}
        ${soon.length === 0 ? null : rest}
      </div>
    </section>`;
}

function byDistribution(views: readonly DistributionView[], now: number, name: OriginName): Markup | null {
  if (views.length === 0) return null;
  const table = (view: DistributionView) => {
    const others = foldedRows(
      view.about.distributionId,
      view.origins.filter((origin) => !needsAttention(origin)),
      now,
      name,
    );
    return distributionTable(view, view.origins.filter(needsAttention), now, name, others);
  };
  const tables = (some: readonly DistributionView[]) =>
    byAccount(some).map(({ account, views: own }) => html`${accountHeading(account)}${own.map(table)}`);
  const well = views.findIndex(({ verdict }) => verdict === "healthy" || verdict === "skipped");
  // Where all are well there is nothing that they would have to make room for.
  const end = well <= 0 ? views.length : well;
  const rest = views.slice(end);
  const summary = html`<summary>${counted(rest.length, "distribution")} with nothing to do</summary>`;
  const map = routeMap(views, name);
  return html`
    <section aria-labelledby="distributions">
      <h2 id="distributions">By distribution</h2>
      ${tables(views.slice(0, end))}
      ${rest.length === 0 ? null : html`<details class="ow-fold ow-more">${summary}${tables(rest)}</details>`}
      ${map === null ? null : html`<details class="ow-more"><summary>Map: which behavior leads to which origin</summary>${map}</details>`}
    </section>`;
}

function foldedRows(
  distribution: string,
  origins: readonly OriginView[],
  now: number,
  name: OriginName,
): Markup | null {
  const counts = (["healthy", "skipped"] as const)
    .map((verdict) => [origins.filter((origin) => origin.verdict === verdict).length, verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`);
  if (counts.length === 0) return null;
  return html`
    <details class="ow-fold">
      <summary>${counts.join(", ")}<span class="ow-hidden"> in ${distribution}</span></summary>
      ${originTable(`Other origins of ${distribution}`, origins, now, name)}
    </details>`;
}

function foldedOrigins(
  verdict: "healthy" | "skipped",
  origins: readonly OriginView[],
  now: number,
  detail: Detail,
): Markup | null {
  if (origins.length === 0) return null;
  const rows = origins.map((origin) => {
    const remark = origin.expiry === null ? causeLine(origin) : `certificate ${expiryWords(origin.expiry, now)}`;
    return html`
      <details class="ow-origin">
        <summary>${badge(verdict)} <h3>${origin.name}</h3><span class="ow-quiet">${remark}</span></summary>
        ${detail(origin)}
      </details>`;
  });
  return html`
    <section class="ow-some" data-verdicts="${verdict}" aria-labelledby="${verdict}">
      <h2 id="${verdict}">${verdictWords[verdict]}</h2>
      <div class="ow-panel">
        <details class="ow-fold"><summary>${counted(origins.length, "origin")}</summary>${rows}</details>
      </div>
    </section>`;
}
