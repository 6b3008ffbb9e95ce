import { span } from "../text/instant.ts";
import type { Board } from "./board.ts";
import type { WidgetPage } from "./widget-page.ts";
import type { Theme } from "./widget-style.ts";

export type WidgetView = {
  readonly board: Board;
  /** When each incident opened, by its identity; null where that is not known. */
  readonly openedAt: ReadonlyMap<string, string> | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly theme: Theme;
  /** Who is called when something in the widget is chosen: the function that answers this call. */
  readonly functionArn: string;
  /** Pixels. */
  readonly width: number;
  /** A run that is older is shown as stale. */
  readonly staleAfterMs: number;
};

export function widgetHtml(view: WidgetView, _page: WidgetPage): string {
  const { board, openedAt, now, theme, functionArn, width, staleAfterMs } = view;
  const rows = board.records.map(({ connection, verdict, findings }) => {
    const [since = ""] = findings.flatMap(({ code }) => openedAt?.get(`${code} ${connection.key}`) ?? []).toSorted();
    const cells = [verdict, `${connection.domain}:${connection.port}`, since];
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
  });
  const age = now - Date.parse(board.finishedAt);
  const style = `color-scheme: ${theme}; max-width: ${Math.round(width)}px`;
  const run = `${escaped(span(age))} ago${age > staleAfterMs ? ": no newer run has completed" : ""}`;
  return `<div style="${style}" data-function="${escaped(functionArn)}"><p>${run}</p><table>${rows.join("")}</table></div>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
