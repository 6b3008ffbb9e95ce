import { enumerated } from "../text/phrase.ts";
import { html, type Markup } from "./markup.ts";
import type { OriginView } from "./origin-view.ts";
import { badge, prose, time } from "./pieces.ts";
import { causeLine, impact, sinceWords, verdictWords } from "./words.ts";

/**
 * What somebody who is woken needs to know of an origin: the cause, what is affected, since when, and what to do first.
 *
 * @param more leads to everything else
 */
export function originCard(origin: OriginView, now: number, more: Markup): Markup {
  const { verdict, causes } = origin;
  const [step] = causes[0]?.finding.remedy ?? [];
  const first = step === undefined ? null : html`<p class="ow-first"><b>Do first:</b> ${prose(step, 500)}</p>`;
  return html`
    <article class="ow-card ow-some ow-${verdict}" data-verdicts="${verdict}">
      <div class="ow-card-head">
        <span aria-hidden="true">${badge(verdict)}</span>
        <h3>${origin.name}<span class="ow-hidden">: ${verdictWords[verdict]}</span></h3>
        ${since(origin, now)}
      </div>
      <p class="ow-cause">${causeLine(origin)}</p>
      ${accountsLine(origin)}
      <p>${impact(origin)}</p>
      ${first}
      ${more}
    </article>`;
}

/** Null where the board has one account, of which its head tells. */
function accountsLine({ accounts }: OriginView): Markup | null {
  if (accounts.length === 0) return null;
  return html`<p class="ow-names">${accounts.length === 1 ? "Account" : "Accounts"} ${enumerated(accounts, 5)}</p>`;
}

function since({ open }: OriginView, now: number): Markup | null {
  const words = sinceWords(open, now);
  if (words === null) return null;
  const start = open.kind === "since" ? html` <span>since ${time(Date.parse(open.openedAt))}</span>` : null;
  return html`<p class="ow-since"><b>${words}</b>${start}</p>`;
}
