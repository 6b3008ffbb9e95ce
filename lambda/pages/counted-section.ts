import type { Board } from "../board/board.ts";
import type { CountedDistribution } from "../board/counted-distributions.ts";
import { accountInFull } from "../report/account-name.ts";
import { affectedBy } from "../report/affected.ts";
import { accountsOf } from "../report/checked-where.ts";
import { countWords, percent, shareOf, windowWords } from "../report/counted.ts";
import { identity } from "../report/identity.ts";
import { likeliestCause } from "../report/possible-cause.ts";
import { counted, enumerated } from "../text/phrase.ts";
import { span } from "../text/span.ts";
import { html, type Markup } from "./markup.ts";
import { time } from "./pieces.ts";

/** Distributions that have a card; the others are counted. */
const mostCards = 5;
const mostOthers = 10;

/** The cards of distributions for which CloudFront counts errors, and a line for errors of another kind; null where none. */
export function countedCards(
  board: Board,
  openedAt: ReadonlyMap<string, string> | null,
  now: number,
): readonly Markup[] | null {
  if (board.counted.length === 0) return null;
  const accounts = accountsIn(board);
  const found = board.counted.filter(({ code }) => code !== null);
  // Those of an account together, the account with the worst one first.
  const incidents = [...Map.groupBy(found, ({ distributionId }) => accounts.get(distributionId)).values()].flat();
  const others = board.counted.filter(({ code }) => code === null);
  const cards = incidents
    .slice(0, mostCards)
    .map((each) => card(each, { board, openedAt, now, account: accounts.get(each.distributionId) }));
  const left = incidents.length - cards.length + board.countedLeftOut;
  return [
    ...cards,
    ...(left > 0 ? [html`<p class="ow-quiet">and ${counted(left, "more distribution")} in the log</p>`] : []),
    ...others.slice(0, mostOthers).map((each) => otherErrors(each, board)),
  ];
}

/** Whose each distribution is, by its id, with name and id; empty where the board has one account, of which its head tells. */
function accountsIn({ records }: Board): ReadonlyMap<string, string> {
  if (accountsOf(records).length < 2) return new Map();
  const uses = records.flatMap((record) => record.uses);
  return new Map(uses.map(({ distributionId, scope }) => [distributionId, accountInFull(scope) ?? "not known"]));
}

type CardView = {
  readonly board: Board;
  readonly openedAt: ReadonlyMap<string, string> | null;
  readonly now: number;
  readonly account: string | undefined;
};

function card(distribution: CountedDistribution, { board, openedAt, now, account }: CardView): Markup {
  const { distributionId, code, effect, count } = distribution;
  const opened = openedAt?.get(identity({ key: `distribution ${distributionId}`, code: code ?? "" }));
  const since =
    opened === undefined
      ? null
      : html`<p class="ow-since"><b>for ${span(now - Date.parse(opened))}</b> <span>since ${time(Date.parse(opened))}</span></p>`;
  const cause = likeliestCause(distribution) ?? "Cause: not known. The alert has the steps.";
  return html`
    <article class="ow-card ow-failing">
      <div class="ow-card-head">
        <h3>${nameOf(distributionId, board)}</h3>
        ${since}
      </div>
      ${account === undefined ? null : html`<p class="ow-names">Account ${account}</p>`}
      <p class="ow-cause">${percent(shareOf(count, effect))} of requests get ${effect}</p>
      <p>CloudFront counted ${countWords(count)}, ${windowWords(count)}.</p>
      <p>${cause}</p>
    </article>`;
}

/** No incident: the origin answers it, or a function. */
function otherErrors({ distributionId, count }: CountedDistribution, board: Board): Markup {
  return html`<p class="ow-run">Errors of another kind than 502 and 504 at ${nameOf(distributionId, board)}: CloudFront counted ${countWords(count)}, ${windowWords(count)}.</p>`;
}

/** `www.example.com (E1EXAMPLE)`. */
function nameOf(distributionId: string, { records }: Board): string {
  const own = records.flatMap((record) => {
    const uses = record.uses.filter((use) => use.distributionId === distributionId);
    return uses.length > 0 ? [{ ...record, uses }] : [];
  });
  const names = affectedBy(own)[0]?.names ?? [];
  return names.length === 0 ? `distribution ${distributionId}` : `${enumerated(names, 2)} (${distributionId})`;
}
