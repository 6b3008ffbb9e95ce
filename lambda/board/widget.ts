import { span } from "../text/instant.ts";
import type { Board } from "./board.ts";

/** Which part of the board is wanted. */
export type WidgetPage = { readonly kind: "overview" };

export type WidgetView = {
  readonly board: Board;
  /** Since when incidents are open, ISO 8601, by their identity. */
  readonly openedAt: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly theme: "light" | "dark";
  readonly functionArn: string;
  /** Pixels. */
  readonly width: number;
};

/** Why there is no board to show, or not all of it. */
export type WidgetNotice =
  /** No run has stored one yet. */
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly problem: string }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "ages-unknown"; readonly error: string };

/** What the console shows of the widget's parameters, in Markdown. */
export const widgetDescription = `## Origin Watch: status board

What the last run saw at every origin. It takes no parameters.
`;

export function readWidgetPage(_event: unknown): WidgetPage {
  return { kind: "overview" };
}

export function widgetHtml({ board, openedAt, now, theme, functionArn, width }: WidgetView, _page: WidgetPage): string {
  const rows = board.records.map(({ connection, verdict, findings }) => {
    const since = findings.flatMap(({ code }) => openedAt.get(`${code} ${connection.key}`) ?? []).toSorted()[0];
    const cells = [verdict, `${connection.domain}:${connection.port}`, since ?? ""];
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
  });
  const age = span(now - Date.parse(board.finishedAt));
  const style = `color-scheme: ${theme}; max-width: ${Math.round(width)}px`;
  return `<div style="${style}" data-function="${escaped(functionArn)}"><p>${escaped(age)} ago</p><table>${rows.join("")}</table></div>`;
}

export function noticeHtml(notice: WidgetNotice): string {
  switch (notice.kind) {
    case "missing":
      return "<p>No run has completed yet.";
    case "unreadable":
      return `<p>The board cannot be read: ${escaped(notice.problem)}`;
    case "failed":
      return `<p>The board cannot be read: ${escaped(notice.error)}`;
    case "ages-unknown":
      return `<p>Since when incidents are open is not known: ${escaped(notice.error)}`;
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
