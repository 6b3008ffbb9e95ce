import type { Change, Draft } from "../incidents/change.ts";
import type { Incident } from "../incidents/state.ts";
import { worstEffect } from "../judge/effect-order.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import { nextExpiries } from "../report/expiries.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { withoutLinks } from "../text/links.ts";
import { asClauseOf, counted } from "../text/phrase.ts";
import { between } from "../text/span.ts";
import { lasted } from "./lasted.ts";
import { problemTitle } from "./problems.ts";
import { type EndedOrigin, isReached, type OpenOrigin, type Summary } from "./summary.ts";

/** SNS takes fewer than 100 characters. */
const maxSubject = 99;

/**
 * The subject of a message: the state first, then the origin, then what it is. ASCII without control characters, at
 * most 99 characters: SNS refuses the whole message otherwise (Publish, parameter Subject).
 */
export function subjectOf(summary: Summary, { event, change, notChecked, muted }: Draft, report: RunReport): string {
  const { problems } = change;
  switch (event) {
    case "opened":
    case "worsened":
    case "resolved":
    case "digest":
      return ofOrigins(summary, problems, report);
    case "reminder":
      return stillSubject(summary, report);
    case "run-problem":
      return ofProblems(problems, summary);
    case "unseen":
      return listing(`[NOT CHECKED] ${counted(notChecked.length, "origin")}: `, notChecked, "");
    case "weekly":
      return weeklySubject(summary, report, leavesGaps(problems), muted.length);
  }
}

function ofOrigins(summary: Summary, problems: Change["problems"], report: RunReport): string {
  const { fresh, fixed, improved, closed } = summary;
  const [only] = fresh;
  if (only !== undefined)
    return fresh.length === 1 ? oneFresh(only, summary, problems) : severalFresh(summary, problems);
  if (fixed.length > 0) return ended("[FIXED]", fixed, stillOpen(summary), report);
  if (improved.length > 0) return partlyEnded(improved, summary);
  return ended("[CLOSED]", closed, stillOpen(summary), report);
}

function ofProblems({ opened, still, resolved }: Change["problems"], summary: Summary): string {
  const codes = [...new Map([...opened, ...still].map((problem) => [problem.code, problemTitle(problem)])).values()];
  const [first] = codes;
  if (first !== undefined) {
    return fitted("[RUN PROBLEM] ", first, codes.length > 1 ? ` and ${codes.length - 1} more` : "");
  }
  const over = resolved.length === 1 ? "the run checks everything again" : "the runs check everything again";
  return fitted("[FIXED] ", over, stillOpen(summary));
}

/** Everything in a reminder was told before; how long it has lasted is the news. */
function stillSubject({ still }: Summary, { finishedAt }: RunReport): string {
  const [only] = still;
  if (only === undefined || still.length > 1) {
    const worst = worstEffect(still.map(({ effect }) => effect));
    const failing = still.filter(({ effect }) => effect !== "may").length;
    const counts = [
      ...(failing > 0 ? [`${counted(failing, "origin")} failing`] : []),
      ...(still.length > failing
        ? [`${counted(still.length - failing, failing > 0 ? "more" : "origin").replace(/mores$/, "more")} at risk`]
        : []),
    ];
    return listing(`${tag(worst, "STILL ")} ${counts.join(", ")}: `, still, "");
  }
  const since = only.findings.map(({ openedAt }) => openedAt).sort()[0] ?? finishedAt;
  const title = asClauseOf(only.domain, only.findings[0]?.title ?? "");
  return fitted(`${tag(only.effect, "STILL ")} ${host(only)}: `, title, ` (for ${between(since, finishedAt)})`);
}

function weeklySubject({ open }: Summary, report: RunReport, incomplete: boolean, muted: number): string {
  const [next] = nextExpiries(report, 1);
  const expiry = next === undefined ? "" : `; next expiry in ${between(report.finishedAt, next.notAfter)}`;
  const gaps = incomplete ? ", run incomplete" : "";
  return fitted("[WEEKLY] ", `${howClear(open, incomplete, muted)}${gaps}`, expiry);
}

/** Nothing is all clear that was not looked at. */
function howClear({ failing, atRisk }: Summary["open"], incomplete: boolean, muted: number): string {
  if (failing + atRisk > 0) return `${counted(failing, "origin")} failing, ${atRisk} at risk`;
  if (incomplete) return "nothing open";
  return muted === 0 ? "all clear" : `all clear but ${counted(muted, "muted finding")}`;
}

function oneFresh(origin: OpenOrigin, summary: Summary, problems: Change["problems"]): string {
  const [worst] = origin.fresh;
  // The same on every server name of an origin is one thing to repair.
  const more = new Set(origin.fresh.map(({ code, title }) => `${code} ${title}`)).size - 1;
  const rest = summary.open.failing - (origin.effect === "may" ? 0 : 1);
  const needed = [distributions(origin.fresh), ...(leavesGaps(problems) ? ["run incomplete"] : [])];
  const welcome = [
    ...(more > 0 ? [counted(more, "more finding")] : []),
    ...(rest > 0 ? [`${counted(rest, "other origin")} failing`] : []),
  ];
  const head = `${tag(origin.freshEffect)} ${host(origin)}: `;
  const title = asClauseOf(origin.domain, worst?.title ?? "");
  const inFull = ` (${[...needed, ...welcome].join(", ")})`;
  const fits = head.length + title.length + inFull.length <= maxSubject;
  return fitted(head, title, fits ? inFull : ` (${needed.join(", ")})`);
}

function severalFresh({ fresh, open }: Summary, problems: Change["problems"]): string {
  const worst = worstEffect(fresh.map((origin) => origin.freshEffect));
  const counts: string[] = [];
  if (open.failing > 0) counts.push(`${counted(open.failing, "origin")} failing`);
  if (open.atRisk > 0)
    counts.push(open.failing > 0 ? `${open.atRisk} at risk` : `${counted(open.atRisk, "origin")} at risk`);
  if (fresh.length < open.failing + open.atRisk) counts.push(`${fresh.length} new`);
  if (leavesGaps(problems)) counts.push("run incomplete");
  return listing(`${tag(worst)} ${counts.join(", ")}: `, fresh, "");
}

/** An unreadable state concerns what was told, not what was checked. */
function leavesGaps({ opened, still }: Change["problems"]): boolean {
  return [...opened, ...still].some((problem) => problem.code !== "state-unreadable");
}

function ended(state: string, origins: readonly EndedOrigin[], rest: string, { finishedAt }: RunReport): string {
  const [only] = origins;
  if (only === undefined || origins.length > 1) {
    return listing(`${state} ${counted(origins.length, "origin")}: `, origins, rest);
  }
  const what = asClauseOf(only.domain, only.ended[0]?.title ?? "");
  const reason = isReached(only) ? "reached in another way now" : "no longer used";
  return state === "[CLOSED]"
    ? fitted(`${state} ${host(only)}: `, `${reason}, had: ${what}`, rest)
    : fitted(`${state} ${host(only)} after ${lasted(only.ended, finishedAt)}: `, what, rest);
}

function partlyEnded(improved: readonly EndedOrigin[], summary: Summary): string {
  const worst = worstEffect(improved.flatMap((origin) => origin.left ?? []));
  const [only] = improved;
  if (only === undefined || improved.length > 1) {
    return listing(`${tag(worst, "STILL ")} ${counted(improved.length, "origin")} partly fixed: `, improved, "");
  }
  const others = summary.open.failing + summary.open.atRisk - 1;
  const left = summary.still.find((origin) => originId(origin) === originId(only));
  return fitted(
    `${tag(worst, "STILL ")} ${host(only)}: partly fixed, left: `,
    asClauseOf(only.domain, left?.findings[0]?.title ?? ""),
    others > 0 ? `; ${counted(others, "more origin")} open` : "",
  );
}

function stillOpen({ open }: Summary): string {
  if (open.failing > 0) return `; ${counted(open.failing, "origin")} still failing`;
  return open.atRisk > 0 ? `; ${counted(open.atRisk, "origin")} still at risk` : "";
}

function tag(effect: OpenEffect, still = ""): string {
  return effect === "may" ? `[${still}502 RISK]` : `[${still}${effect}]`;
}

function host({ domain, port }: { readonly domain: string; readonly port: number }): string {
  const name = cut(ascii(domain), 50);
  return port === 443 ? name : `${name}:${port}`;
}

function distributions(findings: readonly Incident[]): string {
  const named = new Set(findings.flatMap((finding) => finding.distributions)).size;
  const most = findings.reduce((count, { distributionCount }) => Math.max(count, distributionCount), named);
  return counted(most, "distribution");
}

/** As many whole names as there is room for. */
function listing(
  head: string,
  origins: readonly { readonly domain: string; readonly port: number }[],
  tail: string,
): string {
  const names = origins.slice(0, maxSubject / 2).map(host);
  const room = maxSubject - head.length - tail.length;
  for (let count = names.length; count > 0; count -= 1) {
    const shown = names.slice(0, count).join(", ") + (count < origins.length ? ", ..." : "");
    if (shown.length <= room) return fitted(head, shown, tail);
  }
  return fitted(head, names[0] ?? "", tail);
}

/** Shortens the middle, so that the state in front and the extent at the end stay readable. */
function fitted(head: string, middle: string, tail: string): string {
  const [start, end] = [ascii(head), ascii(tail)];
  const room = Math.max(maxSubject - start.length - end.length, 3);
  return cut(start + cut(ascii(middle), room) + end, maxSubject).trim();
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}

function ascii(text: string): string {
  return withoutLinks(text)
    .replaceAll(/[\u2018\u2019]/g, "'")
    .replaceAll(/[\u201c\u201d]/g, '"')
    .replaceAll(/[\u2010-\u2015]/g, "-")
    .replaceAll("\u2026", "...")
    .replaceAll(/[^\x20-\x7e]+/g, "?");
}
