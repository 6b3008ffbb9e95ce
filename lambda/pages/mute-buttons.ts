import { type BoardWish, boardTimes, timeWords } from "../incidents/board-mutes.ts";
import { html, jsonContent, type Markup } from "./markup.ts";
import { isMutableOrigin, muteParameters } from "./mute-call.ts";
import type { OriginView } from "./origin-view.ts";

/** Of an origin that more accounts use, mutes are asked for in a terminal. */
const mostAccounts = 3;

/**
 * What mutes an origin from its page on the board, for each account that uses it: an origin is silent only if all are
 * muted. Null where it cannot be muted here.
 *
 * @param functionArn the function that mutes; it asks first whether somebody means it
 */
export function muteButtons({ domain, records }: OriginView, functionArn: string): Markup | null {
  const accounts = [...new Set(records.flatMap(({ uses }) => uses.map(({ scope }) => scope.accountId)))];
  const known = accounts.filter((account) => account !== null && /^\d{12}$/.test(account));
  if (known.length !== accounts.length || known.length === 0 || known.length > mostAccounts) return null;
  if (!isMutableOrigin(domain)) return null;
  const groups = known.map((account) => {
    const where = known.length === 1 ? null : html` in account ${account}`;
    return html`
      <div class="ow-buttons">
        ${boardTimes.map((time) => {
          const label = time === "end" ? html`End a mute made here` : html`Mute for ${timeWords[time]}`;
          return muteButton(
            functionArn,
            html`${label}${where}`,
            { origin: domain, account: account ?? "", time },
            null,
          );
        })}
      </div>`;
  });
  return html`<section><h4>Mute</h4>${groups}</section>`;
}

/** A place that calls the function that mutes, which answers above the widget. */
export function muteButton(functionArn: string, label: Markup, wish: BoardWish, nonce: string | null): Markup {
  const parameters = jsonContent(muteParameters(wish, nonce));
  return html`
    <button type="button" class="ow-button">${label}</button>
    <cwdb-action action="call" display="popup" endpoint="${functionArn}">${parameters}</cwdb-action>`;
}
