import { type BoardWish, endOfWish, timeWords } from "../incidents/board-mutes.ts";
import { instant } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { html, type Markup } from "./markup.ts";
import { muteButton } from "./mute-buttons.ts";
import type { WidgetPlace } from "./widget-place.ts";
import { widgetFrame } from "./widget-style.ts";

/** What the function that mutes from the board answers. */
export type MuteAnswer =
  | { readonly kind: "question"; readonly wish: BoardWish; readonly nonce: string; readonly now: number }
  | { readonly kind: "muted"; readonly wish: BoardWish; readonly until: string }
  | { readonly kind: "ended"; readonly wish: BoardWish }
  /** There was no mute of the board to end. */
  | { readonly kind: "nothing-to-end"; readonly wish: BoardWish }
  /** Nobody was asked this, or too long ago, or it was answered already. */
  | { readonly kind: "not-asked" }
  /** Called for nothing. */
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly problem: string };

/** The answer as the console shows it. */
export function muteAnswerHtml(answer: MuteAnswer, { theme, width }: WidgetPlace, functionArn: string): string {
  return widgetFrame(theme, width, html`<div class="ow-notice" role="status">${wordsOf(answer, functionArn)}</div>`);
}

function wordsOf(answer: MuteAnswer, functionArn: string): Markup {
  switch (answer.kind) {
    case "question":
      return question(answer, functionArn);
    case "muted":
      return html`
        <p><b>No alerts about ${named(answer.wish)} until ${instant(answer.until)}.</b></p>
        <p>The next run reads this, and everybody who gets alerts is told once. It is checked and shown here as before.</p>`;
    case "ended":
      return html`<p><b>The mute of ${named(answer.wish)} is over.</b> The next run reports what is open.</p>`;
    case "nothing-to-end":
      return html`
        <p><b>${named(answer.wish)} is not muted here.</b></p>
        <p>What a tag, a setting or <code>origin-watch mute</code> asks for ends where it was asked for.</p>`;
    case "not-asked":
      return html`
        <p><b>Nothing was changed.</b></p>
        <p>A confirmation holds for ten minutes, once, and for what it was asked about. Choose again on the board.</p>`;
    case "nothing":
      return html`<p>This function mutes what is chosen on the status board. By itself it does nothing.</p>`;
    case "failed":
      return html`<p><b>Nothing was muted:</b> ${printable(answer.problem, 400)}.</p><p>Choose again on the board.</p>`;
  }
}

function question(
  { wish, nonce, now }: Extract<MuteAnswer, { readonly kind: "question" }>,
  functionArn: string,
): Markup {
  const until = endOfWish(wish, now);
  const buttons = (label: Markup) => html`<div class="ow-buttons">${muteButton(functionArn, label, wish, nonce)}</div>`;
  if (wish.time === "end" || until === null) {
    return html`
      <p><b>End the mute of ${named(wish)} that was made here?</b></p>
      ${buttons(html`Yes, end it`)}`;
  }
  const time = timeWords[wish.time];
  return html`
    <p><b>Hold back all alerts about ${named(wish)} for ${time}, until ${instant(until)}?</b></p>
    <p>Nothing is muted yet. If you did not ask for this, close it.</p>
    ${buttons(html`Yes, mute for ${time}`)}`;
}

function named({ origin, account }: BoardWish): string {
  return `${printable(origin, 253)} in account ${account}`;
}
