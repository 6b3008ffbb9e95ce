import type { Affected } from "../report/affected.ts";
import { distributionLink } from "../report/console-links.ts";
import { percent, shareOf, windowWords } from "../report/counted.ts";
import { counted, grouped } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { DistributionView } from "./distribution-view.ts";
import { html, link, type Markup } from "./markup.ts";
import type { OriginView } from "./origin-view.ts";
import { badge, words } from "./pieces.ts";
import { causeLine, expiryWords, sinceWords } from "./words.ts";

/** How the name of an origin is written, which leads to everything about it. */
export type OriginName = (origin: OriginView) => Markup;

/**
 * One distribution with a row for each of the origins given, which need not be all it has.
 *
 * @param rest what is said of its other origins
 */
export function distributionTable(
  { about, account, origins: all }: DistributionView,
  origins: readonly OriginView[],
  now: number,
  name: OriginName,
  rest: Markup | null,
): Markup {
  const verdicts = [...new Set(all.map(({ verdict }) => verdict))].join(" ");
  const facts = [
    ...(about.comment === "" ? [] : [about.comment]),
    ...(about.staging ? ["staging"] : []),
    ...(about.tenants === null ? [] : [counted(about.tenants, "tenant")]),
  ];
  const quiet = facts.length === 0 ? null : html` <span class="ow-quiet">${facts.join(", ")}</span>`;
  const title = html`${consoleLink(about)}${quiet}`;
  // Below the name of an account it is one level deeper.
  return html`
    <section class="ow-distribution ow-some" data-verdicts="${verdicts}">
      ${account === null ? html`<h3>${title}</h3>` : html`<h4>${title}</h4>`}
      <p class="ow-names">${words(about.names, 6)}</p>
      ${countedShare(about.distributionId, all)}
      ${originTable(`Origins of ${about.distributionId}`, origins, now, name)}
      ${rest}
    </section>`;
}

/** What stands above the distributions of an account; null where there is one account. */
export function accountHeading(account: string | null): Markup | null {
  return account === null ? null : html`<h3 class="ow-account">Account ${account}</h3>`;
}

/** The id of a distribution, which leads to it in the console of its partition where that is known. */
export function consoleLink({ distributionId, scope }: Affected): Markup {
  return link(distributionLink(scope, distributionId) ?? "", distributionId);
}

/** The share of requests for which CloudFront counts errors; null where it counts none, which clears nothing, or did not count. */
function countedShare(id: string, origins: readonly OriginView[]): Markup | null {
  const counts = origins.flatMap(({ records }) => records.flatMap(({ witness }) => witness?.traffic ?? []));
  const count = counts.find(({ distributionId }) => distributionId === id);
  if (count === undefined || count.errors === 0) return null;
  const share = percent(shareOf(count, "5xx"));
  return html`<p>CloudFront counted 5xx on ${share} of ${grouped(count.requests)} requests, ${windowWords(count)}.</p>`;
}

/**
 * Origins in a table of three columns: state, origin, certificate. Where there is little width a row is laid out in two
 * lines; the roles keep it a row of a table for screen readers.
 */
export function originTable(
  caption: string,
  origins: readonly OriginView[],
  now: number,
  name: OriginName,
): Markup | null {
  if (origins.length === 0) return null;
  const head = ["State", "Origin", "Certificate"].map(
    (column) => html`<th scope="col" role="columnheader"><span class="ow-hidden">${column}</span></th>`,
  );
  return html`
    <table role="table">
      <caption class="ow-hidden">${caption}</caption>
      <colgroup><col class="ow-state"><col><col class="ow-end"></colgroup>
      <thead role="rowgroup"><tr role="row">${head}</tr></thead>
      <tbody role="rowgroup">${origins.map((origin) => originRow(origin, now, name))}</tbody>
    </table>`;
}

function originRow(origin: OriginView, now: number, name: OriginName): Markup {
  const { verdict, expiry, affected } = origin;
  const since = sinceWords(origin.open, now);
  const cause = causeLine(origin);
  const paths = [...new Set(affected.flatMap(({ pathPatterns }) => pathPatterns))].map((path) =>
    path === "*" ? "default (*)" : printable(path, 100),
  );
  return html`
    <tr role="row" class="ow-some" data-verdicts="${verdict}">
      <td role="cell">${badge(verdict)}${since === null ? null : html`<span class="ow-age">${since}</span>`}</td>
      <th scope="row" role="rowheader">
        ${name(origin)}
        ${cause === "" ? null : html`<span class="ow-cause">${printable(cause, 200)}</span>`}
        <span class="ow-paths">${words(paths, 3)}</span>
      </th>
      <td role="cell">${expiry === null ? null : `certificate ${expiryWords(expiry, now)}`}</td>
    </tr>`;
}
