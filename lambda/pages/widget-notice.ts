import { instant } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { html } from "./markup.ts";
import { type Theme, widgetFrame } from "./widget-style.ts";

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
  | { readonly kind: "ages-unknown"; readonly problem: string }
  /** The board below is older than runs that could not list the distributions. */
  | { readonly kind: "not-listed"; readonly since: string; readonly problem: string };

/** What the widget shows in the place of a board, or above it. */
export function widgetNotice(notice: WidgetNotice, theme: Theme, width: number): string {
  const { what, detail, next } = wordsOf(notice);
  const content = html`
    <div class="ow-notice" role="status">
      <p><b>${what}</b>${detail === "" ? null : html` ${printable(detail, 400)}.`}</p>
      ${next === "" ? null : html`<p>${next}</p>`}
    </div>`;
  return widgetFrame(theme, width, content);
}

/** What is the matter, what is known of it, and what to do. */
function wordsOf(notice: WidgetNotice): { readonly what: string; readonly detail: string; readonly next: string } {
  switch (notice.kind) {
    case "no-run":
      return {
        what: "No run has completed yet.",
        detail: "",
        next:
          "The first one follows within the interval of the schedule. " +
          "If this stays, look at the alarm NoCompletedRun and at the log of the function.",
      };
    case "unreadable":
      return {
        what: "The result of the last run cannot be read:",
        detail: notice.problem,
        next:
          "The next run writes a new one. If this stays, something else writes to the bucket, " +
          "or widget and function are of different versions.",
      };
    case "denied":
      return {
        what: "Access denied: the widget's function may not read the result of the last run.",
        detail: notice.action,
        next: "Look at the policies of the function's role, of the bucket, and of its key if there is one.",
      };
    case "failed":
      return {
        what: "The result of the last run could not be fetched:",
        detail: notice.problem,
        next: "Refresh the widget to try again.",
      };
    case "ages-unknown":
      return { what: "Since when something is open is not known:", detail: notice.problem, next: "" };
    case "not-listed":
      return {
        what: `Since ${instant(notice.since)} no run could list the distributions:`,
        detail: notice.problem.replace(/\.$/, ""),
        next: "What follows is what the last run saw that could. It may be out of date.",
      };
  }
}

/** What the widget is, for who places it on a dashboard; it takes no parameters. In Markdown, as CloudWatch wants it. */
export const widgetDescription = `## Origin Watch

The status board of the last run: for each CloudFront distribution its origins, with verdict, cause, age and the end of
the certificate; the worst come first. Choose an origin for the evidence, the steps and the command that shows it.

The widget reads what the last run has left in the state bucket. It checks nothing itself, changes nothing, and takes no
parameters.

\`\`\` yaml
{}
\`\`\`
`;
