import type { Board } from "../board/board.ts";
import { worstFirst } from "../judge/verdict.ts";
import { nextExpiries } from "../report/expiries.ts";
import { originId } from "../report/origins.ts";
import { fitting } from "../text/fitting.ts";
import { counted } from "../text/phrase.ts";
import { countedCards } from "./counted-section.ts";
import { accountHeading, distributionTable, type OriginName, originTable } from "./distribution-table.ts";
import { byAccount, type DistributionView, distributionViews } from "./distribution-view.ts";
import { html, type Markup, sizeOf } from "./markup.ts";
import { muteButtons } from "./mute-buttons.ts";
import { mutedList } from "./muted-list.ts";
import { memoryOf } from "./open-since.ts";
import { originCard } from "./origin-card.ts";
import { originDetail } from "./origin-detail.ts";
import { needsAttention, type OriginView, originViews } from "./origin-view.ts";
import { badge } from "./pieces.ts";
import { expiryList, placeLine, problemNotices, runLine, usualStaleAfterMs } from "./run-lines.ts";
import { weekStrip } from "./week-strip.ts";
import { button, pageOfOrigin, plainButton } from "./widget-controls.ts";
import type { WidgetPage } from "./widget-page.ts";
import { type Theme, widgetFrame } from "./widget-style.ts";
import { headline, impact, sinceWords, verdictWords } from "./words.ts";

export type WidgetView = {
  readonly board: Board;
  /** When each incident opened, by its identity (`openedAtOf`); null where that is not known. */
  readonly openedAt: ReadonlyMap<string, string> | null;
  /** In ms since the epoch. */
  readonly now: number;
  readonly theme: Theme;
  /** Who is called when something in the widget is chosen: the function that answers this call. */
  readonly functionArn: string;
  /** Who is called to mute an origin; null where nobody mutes here. */
  readonly muteFunctionArn?: string | null;
  /** Pixels, from the context of the widget. */
  readonly width: number;
  /** A run that is older is shown as stale; 3 hours unless given. */
  readonly staleAfterMs?: number;
  /** What is muted, a line each. */
  readonly muted?: readonly string[];
};

/**
 * The status board as a custom widget of a CloudWatch dashboard: HTML without scripts, of some 200 KB at most, however
 * many origins there are.
 *
 * What can be chosen is a button with a `cwdb-action` after it, which calls the function again with other parameters
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html).
 */
export function widgetHtml(view: WidgetView, page: WidgetPage): string {
  return widgetFrame(view.theme, view.width, contentOf(view, page));
}

function contentOf(view: WidgetView, page: WidgetPage): Markup {
  const { board, openedAt } = view;
  const memory = memoryOf(openedAt);
  switch (page.kind) {
    case "overview":
      return overview(view, originViews(board.records, memory), distributionViews(board.records, memory));
    case "more":
      return html`${back(view)}${rows(view, distributionViews(board.records, memory), page.from)}`;
    case "healthy":
      return html`${back(view)}${healthy(view, originViews(board.records, memory), page.from)}`;
    case "origin": {
      const wanted = originId(page);
      const origin = originViews(board.records, memory).find((each) => originId(each) === wanted);
      return origin === undefined ? html`<p class="ow-notice">${notThere}</p>` : originPage(view, origin);
    }
  }
}

const notThere =
  "This origin is not on the board: no watched distribution uses it any more, or there was no room for it.";

function overview(
  view: WidgetView,
  origins: readonly OriginView[],
  distributions: readonly DistributionView[],
): Markup {
  const { board, now, functionArn, staleAfterMs = usualStaleAfterMs } = view;
  const counts = worstFirst
    .map((verdict) => [verdict, board.origins[verdict]] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => {
      const text = `${count} ${verdictWords[verdict].toLowerCase()}`;
      return html`<li class="ow-badge ow-${verdict}">${text}</li>`;
    });
  const [worst] = origins.filter(needsAttention);
  const well = origins.filter((origin) => !needsAttention(origin)).length;
  const wellButton = button(functionArn, html`${counted(well, "origin")} healthy or skipped`, {
    kind: "healthy",
    from: 0,
  });
  const next = nextExpiries({ records: board.records, finishedAt: new Date(now).toISOString() }, 3);
  return html`
    <div>
      <h2>${headline(board)}</h2>
      ${runLine(board, { now, staleAfterMs })}
      ${placeLine(board)}
      <ul class="ow-counts">${counts}</ul>
    </div>
    ${problemNotices(board)}
    ${countedCards(board, view.openedAt, now) ?? null}
    ${worst === undefined ? null : worstCard(view, worst)}
    ${rows(view, distributions, 0)}
    ${mutedList(view.muted ?? [])}
    ${well === 0 ? null : html`<div class="ow-buttons">${wellButton}</div>`}
    ${next.length === 0 ? null : html`<div><h3>Certificates expiring next</h3>${expiryList(next, now)}</div>`}`;
}

function worstCard({ board, now, functionArn }: WidgetView, worst: OriginView): Markup {
  const label = html`Evidence, steps and command<span class="ow-hidden"> for ${worst.name}</span>`;
  const more = button(functionArn, label, pageOfOrigin(worst));
  return originCard(worst, now, html`${weekStrip(board.badDays?.[originId(worst)], now)}${more}`);
}

/** What needs attention, by distribution. */
function rows(view: WidgetView, distributions: readonly DistributionView[], from: number): Markup {
  const pairs = byAccount(distributions.filter(({ origins }) => origins.some(needsAttention)))
    .flatMap(({ views }) => views)
    .flatMap((distribution) => distribution.origins.filter(needsAttention).map((origin) => ({ distribution, origin })));
  const table = (distribution: DistributionView, origins: readonly OriginView[]) =>
    distributionTable(distribution, origins, view.now, nameIn(view), null);
  const shown = pageOf(pairs, from, ({ distribution, origin }) => table(distribution, [origin]));
  const ofDistribution = Map.groupBy(shown, ({ distribution }) => distribution);
  const tables = byAccount([...ofDistribution.keys()]).map(({ account, views }) => {
    const own = views.map((each) =>
      table(
        each,
        (ofDistribution.get(each) ?? []).map(({ origin }) => origin),
      ),
    );
    return html`${accountHeading(account)}${own}`;
  });
  return html`${tables}${more(view, pairs.length, { kind: "more", from: from + shown.length })}`;
}

function healthy(view: WidgetView, origins: readonly OriginView[], from: number): Markup {
  const all = origins.filter((origin) => !needsAttention(origin));
  const title = "Healthy and skipped origins";
  const table = (some: readonly OriginView[]) => originTable(title, some, view.now, nameIn(view));
  const shown = pageOf(all, from, (origin) => table([origin]));
  return html`
    <h2>${title}</h2>
    ${table(shown)}
    ${more(view, all.length, { kind: "healthy", from: from + shown.length })}`;
}

function originPage({ board, now, muteFunctionArn = null }: WidgetView, origin: OriginView): Markup {
  const since = sinceWords(origin.open, now);
  return html`
    <div>
      <h3>${badge(origin.verdict)} ${origin.name} <span class="ow-quiet">${since}</span></h3>
      <p>${impact(origin)}</p>
      ${weekStrip(board.badDays?.[originId(origin)], now)}
    </div>
    ${muteFunctionArn === null || !needsAttention(origin) ? null : muteButtons(origin, muteFunctionArn)}
    ${originDetail(origin, board.records)}`;
}

const mostRows = 40;
const maxRowBytes = 100_000;

/** As many as there is room for, and one at least. */
function pageOf<T>(all: readonly T[], from: number, row: (each: T) => Markup | null): readonly T[] {
  const bytes = (each: T) => {
    const markup = row(each);
    return markup === null ? 0 : sizeOf(markup);
  };
  return fitting(all.slice(from, from + mostRows), maxRowBytes, bytes, 1);
}

type LaterPage = Extract<WidgetPage, { readonly from: number }>;

function more({ functionArn }: WidgetView, all: number, next: LaterPage): Markup | null {
  const left = all - next.from;
  if (left <= 0) return null;
  return html`<div class="ow-buttons">${button(functionArn, html`and ${left} more`, next)}</div>`;
}

function back({ functionArn }: WidgetView): Markup {
  return html`<div class="ow-buttons">${button(functionArn, html`Back to the overview`, { kind: "overview" })}</div>`;
}

function nameIn({ functionArn }: WidgetView): OriginName {
  return (origin) => plainButton(functionArn, origin.name, pageOfOrigin(origin));
}
