import { counted } from "../text/phrase.ts";
import { html, type Markup } from "./markup.ts";

/** In the widget. More is counted: who wants all of it reads the state. */
const mostShown = 10;

/** What is muted now, so that silence is not taken for health; nothing where nothing is. */
export function mutedList(lines: readonly string[]): Markup | null {
  const items = mutedItems(lines, mostShown);
  return items === null ? null : html`<div><h3>Muted now</h3>${items}</div>`;
}

/** The same without a heading. */
export function mutedItems(lines: readonly string[], most: number): Markup | null {
  if (lines.length === 0) return null;
  const shown = lines.slice(0, most).map((line) => html`<li>${line}</li>`);
  const more = lines.length - shown.length;
  return html`<ul class="ow-muted">${shown}${more === 0 ? null : html`<li>and ${counted(more, "more finding")}</li>`}</ul>`;
}
