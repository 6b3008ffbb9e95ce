import type { Board } from "../board/board.ts";
import { accountIdFirst, accountInFull } from "../report/account-name.ts";
import { accountsOf, placesOf } from "../report/checked-where.ts";
import type { Expiry } from "../report/expiries.ts";
import type { RunProblem } from "../report/record.ts";
import { accountsReadInWords } from "../report/run-accounts.ts";
import { hourMs } from "../text/instant.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { span } from "../text/span.ts";
import { html, type Markup } from "./markup.ts";
import { time } from "./pieces.ts";
import { capitalised, expiryWords } from "./words.ts";

/** A run that is older is shown as stale where nobody says how old it may be. */
export const usualStaleAfterMs = 3 * hourMs;

/** When the run ended and what it covered. Its age is shown by whoever has a clock; a file on a disk has none. */
export function runLine(board: Board, age: { readonly now: number; readonly staleAfterMs: number } | null): Markup {
  const at = Date.parse(board.finishedAt);
  const of = board.distributions > 0 ? ` of ${counted(board.distributions, "distribution")}` : "";
  const covered = `${counted(totalOf(board), "origin")}${of}`;
  if (age === null) return html`<p class="ow-run">${covered}, checked ${time(at)}</p>`;
  const old = age.now - at;
  const ago = `${span(old)} ago`;
  if (old <= age.staleAfterMs) return html`<p class="ow-run">${covered}, checked ${ago}, ${time(at)}</p>`;
  const doubt = `What follows may be out of date: no newer run has completed. ${covered}`;
  return html`<p class="ow-notice ow-stale"><b>The last run ended ${ago}.</b> ${doubt}, checked ${time(at)}</p>`;
}

/** Whose origins they are, and from where they were checked, as far as the board tells; null where it tells neither. */
export function placeLine(board: Board): Markup | null {
  const account = accountsInWords(board);
  const places = placesOf(board.records);
  const parts = [
    ...(account === null ? [] : [account]),
    ...(board.accounts === undefined ? [] : [accountsReadInWords(board.accounts)]),
    ...(places.length === 0 ? [] : [`checked from ${enumerated(places, 5)}`]),
  ];
  return parts.length === 0 ? null : html`<p class="ow-run">${capitalised(parts.join(", "))}</p>`;
}

/** `account prod (111122223333)`, or the first ones of several. */
function accountsInWords({ records }: Board): string | null {
  const accounts = accountsOf(records).flatMap((scope) => accountInFull(scope) ?? []);
  return accounts.length === 0 ? null : `${accounts.length === 1 ? "account" : "accounts"} ${enumerated(accounts, 3)}`;
}

/** What tells pages of several accounts apart in a title: the account; null where none or several are known. */
export function accountTitle({ records }: Board): string | null {
  const [only, ...others] = accountsOf(records);
  return only === undefined || others.length > 0 ? null : accountIdFirst(only);
}

export function totalOf({ origins }: Board): number {
  return Object.values(origins).reduce((sum, count) => sum + count, 0);
}

/** What made the run incomplete, and what had no room. */
export function problemNotices({ problems, problemsLeftOut = 0, recordsLeftOut }: Board): Markup | null {
  const shown = problems.slice(0, 10).map(problemNotice);
  const more = problems.length - shown.length + problemsLeftOut;
  const missing = `${counted(recordsLeftOut, "connection")} had no room here, the least bad ones. The counts are of all.`;
  const notices = [
    ...shown,
    ...(more > 0 ? [notice(`and ${counted(more, "more problem")} in the log`)] : []),
    ...(recordsLeftOut > 0 ? [notice(missing)] : []),
  ];
  if (notices.length === 0) return null;
  return html`<div class="ow-notices" role="group" aria-label="Problems">${notices}</div>`;
}

function notice(text: string): Markup {
  return html`<p class="ow-notice">${text}</p>`;
}

function problemNotice({ message, remedy }: Pick<RunProblem, "message" | "remedy">): Markup {
  return html`<p class="ow-notice"><b>Problem:</b> ${printable(message, 600)} ${printable(remedy, 400)}</p>`;
}

/** Certificates with when they expire. */
export function expiryList(expiries: readonly Expiry[], now: number): Markup {
  const items = expiries.map((each) => {
    const end = Date.parse(each.notAfter);
    return html`<li><b>${hostAndPort(each)}</b> ${expiryWords(end, now)}, ${time(end)}</li>`;
  });
  return html`<ol class="ow-expiries">${items}</ol>`;
}
