import type { Theme } from "./widget-style.ts";

/** Why there is no board to show, or not all of it. */
export type WidgetNotice =
  /** There is no object: no run has completed since the board came to be. */
  | { readonly kind: "no-run" }
  /** There is an object, and it is no board. */
  | { readonly kind: "unreadable"; readonly problem: string }
  /** AWS refused the reading. @param action such as `s3:GetObject` */
  | { readonly kind: "denied"; readonly action: string }
  /** The reading failed in another way. */
  | { readonly kind: "failed"; readonly problem: string }
  /** The board is shown below, without saying since when incidents are open: the state cannot be read. */
  | { readonly kind: "ages-unknown"; readonly problem: string };

/** What the console shows of the widget's parameters, in Markdown. */
export const widgetDescription = `## Origin Watch

The status board of the last run. It takes no parameters.
`;

export function widgetNotice(notice: WidgetNotice, _theme: Theme, _width: number): string {
  return `<p>${escaped(textOf(notice))}</p>`;
}

function textOf(notice: WidgetNotice): string {
  switch (notice.kind) {
    case "no-run":
      return "No run has completed yet.";
    case "unreadable":
      return `The result of the last run cannot be read: ${notice.problem}.`;
    case "denied":
      return `Access denied: the widget's function may not read the result of the last run (${notice.action}).`;
    case "failed":
      return `The result of the last run could not be fetched: ${notice.problem}.`;
    case "ages-unknown":
      return `Since when incidents are open is not known: ${notice.problem}.`;
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
