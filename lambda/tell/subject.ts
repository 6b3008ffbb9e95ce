import type { Scope } from "../configuration/scope.ts";
import type { Change, Draft, NotCheckedOrigin } from "../incidents/change.ts";
import type { Incident } from "../incidents/state.ts";
import { nextExpiries } from "../report/expiries.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { areSeveral } from "../report/run-accounts.ts";
import { instant } from "../text/instant.ts";
import { counted } from "../text/phrase.ts";
import { between } from "../text/span.ts";
import { accountExtent, accountsOf } from "./accounts.ts";
import { shownByCloudFront } from "./count-lines.ts";
import { distributionSubject } from "./distribution-subject.ts";
import { countsOf as countsOfRun, type OriginCounts, originCounts } from "./footer.ts";
import { lasted } from "./lasted.ts";
import { heldNames, heldTitle } from "./muted-parts.ts";
import { problemTitle } from "./problems.ts";
import { composed, type SubjectParts, shortName } from "./subject-parts.ts";
import { type EndedOrigin, isByRules, isByVantages, isReached, type OpenOrigin, type Summary } from "./summary.ts";
import { seenIn, type Tagged, tagged } from "./tag.ts";

/**
 * The subject of a message: `[TAG] WHERE: WHAT (EXTENT, ACCOUNT)`. ASCII without control characters, at most 99
 * characters: SNS refuses the whole message otherwise (Publish, parameter Subject). Tag, place and account stay; of the
 * rest what is said is cut first, then the extent goes.
 *
 * @param scope the account of the function
 */
export function subjectOf(summary: Summary, draft: Draft, report: RunReport, scope: Scope): string {
  const { account, many } = accountExtent(accountsOf(draft, report, scope), areSeveral(report));
  const { event, distributions } = draft;
  const parts =
    distributions === null
      ? partsOf(summary, draft, report)
      : distributionSubject(event, distributions, report, leavesGaps(draft.change.problems));
  return composed({ ...parts, extent: many === null ? parts.extent : [...parts.extent.slice(0, 1), many] }, account);
}

function partsOf(summary: Summary, draft: Draft, report: RunReport): SubjectParts {
  const { change, notChecked } = draft;
  switch (draft.event) {
    case "opened":
    case "worsened":
    case "rejudged":
    case "resolved":
    case "digest":
      return ofOrigins(summary, change, report);
    case "reminder":
      return reminder(summary, report);
    case "run-problem":
      return ofProblems(change.problems, report);
    case "started":
      return started(draft, report);
    case "checked-again":
      return checkedAgain(notChecked);
    case "muted":
      return muted(draft);
    case "unseen": {
      const names = notChecked.map(host);
      const [only = "", ...others] = names;
      return others.length === 0
        ? { tag: "NOT CHECKED", where: only, between: ": ", what: notChecked[0]?.reason ?? "", extent: [] }
        : { tag: "NOT CHECKED", where: counted(names.length, "origin"), between: ": ", what: names, extent: [] };
    }
    case "weekly":
      return weekly(draft, report);
  }
}

/** What the first run found, counted as in the message. */
function started(draft: Draft, report: RunReport): SubjectParts {
  const counts = countsOfRun(draft, report);
  return {
    tag: "STARTED",
    where: "Origin Watch",
    between: ": ",
    what: counts,
    extent: [
      ...(leavesGaps(draft.change.problems) ? ["run incomplete"] : []),
      ...(draft.openDistributions.length > 0
        ? [`errors at ${counted(draft.openDistributions.length, "distribution")}`]
        : []),
    ],
  };
}

/** What began to be held back, and until when: the first of the ends where there are several. */
function muted(draft: Draft): SubjectParts {
  const names = heldNames(draft);
  const title = heldTitle(draft);
  const [only = ""] = names;
  const [first] = draft.begunMutes ?? [];
  const until = first === undefined ? [] : [`until ${instant(first.mute.until)}`];
  const facts = { tag: "MUTED", between: ": ", extent: until } as const;
  if (names.length === 1) return { ...facts, where: title === null ? "" : shortName(only), what: title ?? only };
  return { ...facts, where: counted(names.length, "origin"), what: names };
}

function checkedAgain(origins: readonly NotCheckedOrigin[]): SubjectParts {
  const [only, ...others] = origins;
  const facts = { tag: "FIXED", extent: [] };
  return only !== undefined && others.length === 0
    ? { ...facts, where: host(only), between: ", was: ", what: `not checked, ${only.reason}` }
    : { ...facts, where: `${counted(origins.length, "origin")} checked again`, between: ": ", what: origins.map(host) };
}

function ofOrigins(summary: Summary, { problems }: Change, report: RunReport): SubjectParts {
  const { fresh, fixed, improved, closed } = summary;
  const at = report.finishedAt;
  const incomplete = leavesGaps(problems) ? ["run incomplete"] : [];
  const [only] = fresh;
  if (only !== undefined) {
    return fresh.length === 1 ? oneFresh(only, summary, incomplete, at) : several(fresh, summary, incomplete, at);
  }
  const others = stillOpen(summary);
  if (fixed.length > 0) return over("FIXED", fixed, (origins) => [lasted(origins, at), ...others]);
  if (improved.length > 0) return partlyFixed(improved, summary, at);
  const why = closed.every(isByRules)
    ? "rules changed"
    : closed.every(isByVantages)
      ? "not checked from there now"
      : closed.every(isReached)
        ? "reached in another way"
        : "no longer used";
  return over("CLOSED", closed, () => [why, ...others]);
}

function oneFresh(origin: OpenOrigin, summary: Summary, incomplete: readonly string[], at: string): SubjectParts {
  const about = tagged(origin.fresh, origin.records, at);
  const { tag, what } = about;
  const addresses = about.kind === "some" ? `${about.failing.length} of ${counted(about.total, "address")}` : null;
  // The same on every server name of an origin is one thing to fix.
  const more = new Set(origin.fresh.map(({ code, title }) => `${code} ${title}`)).size - (addresses === null ? 1 : 2);
  const rest = summary.open.failing - (origin.effect === "may" ? 0 : 1);
  const byRules = origin.fresh.every(({ rejudgedFrom }) => rejudgedFrom !== undefined);
  const decides = about.incident === undefined ? undefined : seenIn(origin.records, about.incident);
  const shown = decides === undefined ? null : shownByCloudFront(decides);
  const extent = [
    ...(byRules ? ["rules changed"] : []),
    ...(shown === null ? [] : [shown]),
    addresses ?? distributions(origin.fresh),
    ...incomplete,
    ...(more > 0 ? [counted(more, "more finding")] : []),
    ...(rest > 0 ? [`${rest} other${rest === 1 ? "" : "s"} failing`] : []),
  ];
  return { tag, where: host(origin), between: ": ", what, extent };
}

function several(
  origins: readonly OpenOrigin[],
  summary: Summary,
  incomplete: readonly string[],
  at: string,
): SubjectParts {
  const all = origins.map((origin) => tagged(origin.fresh, origin.records, at));
  const rest = summary.open.failing - origins.filter(({ effect }) => effect !== "may").length;
  const extent = [...countsOf(origins), ...incomplete, ...(rest > 0 ? [`${rest} more failing`] : [])];
  return { ...ofMany(origins, all), extent };
}

/** What several origins share, or their names. */
function ofMany(origins: readonly OpenOrigin[], all: readonly Tagged[]): Omit<SubjectParts, "extent"> {
  const [first] = all.toSorted((a, b) => a.rank - b.rank);
  const titles = new Set(all.map(({ what }) => what));
  return {
    tag: first?.tag ?? "AT RISK",
    where: counted(origins.length, "origin"),
    between: ": ",
    what: titles.size === 1 ? [...titles].join("") : origins.map(host),
  };
}

/** `2 failing`, `1 at risk`; how many distributions where all are alike. */
function countsOf(origins: readonly OpenOrigin[]): readonly string[] {
  const failing = origins.filter(({ effect }) => effect !== "may").length;
  const atRisk = origins.length - failing;
  return failing > 0 && atRisk > 0
    ? [`${failing} failing, ${atRisk} at risk`]
    : [distributions(origins.flatMap(({ findings }) => findings))];
}

/** Everything in a reminder was told before; how long it has lasted is new. */
function reminder({ still }: Summary, { finishedAt }: RunReport): SubjectParts {
  const [only] = still;
  const all = still.map((origin) => tagged(origin.findings, origin.records, finishedAt));
  const [first] = all.toSorted((a, b) => a.rank - b.rank);
  const tag = stillTag(first);
  if (only === undefined || still.length > 1) return { ...ofMany(still, all), tag, extent: countsOf(still) };
  const since = only.findings.map(({ openedAt }) => openedAt).sort()[0] ?? finishedAt;
  const extent = [between(since, finishedAt)];
  return { tag, where: host(only), between: ": ", what: first?.what ?? "", extent };
}

function stillTag(first: Tagged | undefined): string {
  return first?.kind === "expires" ? first.tag : `STILL ${first?.tag ?? "AT RISK"}`;
}

function ofProblems({ opened, still, resolved }: Change["problems"], report: RunReport): SubjectParts {
  const place = { where: "Origin Watch", between: ": " } as const;
  const open = [...new Set([...opened, ...still].map(problemTitle))];
  const [first] = open;
  if (first !== undefined) {
    return { ...place, tag: "PROBLEM", what: first, extent: open.length > 1 ? [`${open.length - 1} more`] : [] };
  }
  const since = resolved.map(({ openedAt }) => openedAt).sort()[0] ?? report.finishedAt;
  const what = [...new Set(resolved.map(problemTitle))];
  const extent = [between(since, report.finishedAt), ...(what.length > 1 ? [`${what.length - 1} more`] : [])];
  return { ...place, between: ", was: ", tag: "FIXED", what: what[0] ?? "", extent };
}

/** What is gone: `api.example.com, was: port 443 refuses connections`. */
function over(
  tag: "FIXED" | "CLOSED",
  origins: readonly EndedOrigin[],
  extent: (ended: EndedOrigin["ended"]) => readonly string[],
): SubjectParts {
  const titles = new Set(origins.map(({ ended }) => ended[0]?.title ?? ""));
  const [only] = origins;
  const where = only === undefined || origins.length > 1 ? counted(origins.length, "origin") : host(only);
  const facts = { tag, where, extent: extent(origins.flatMap(({ ended }) => ended)) };
  return titles.size === 1
    ? { ...facts, between: ", was: ", what: [...titles].join("") }
    : { ...facts, between: ": ", what: origins.map(host) };
}

function partlyFixed(improved: readonly EndedOrigin[], summary: Summary, at: string): SubjectParts {
  const ids = new Set(improved.map(originId));
  const left = summary.still.filter((origin) => ids.has(originId(origin)));
  const all = left.map((origin) => tagged(origin.findings, origin.records, at));
  const [first] = all.toSorted((a, b) => a.rank - b.rank);
  const others = summary.open.failing + summary.open.atRisk - improved.length;
  const facts = { tag: stillTag(first), between: ": ", extent: others > 0 ? [`${others} more open`] : [] } as const;
  const how = improved.every(isByRules)
    ? "rules changed"
    : improved.every(isByVantages)
      ? "not checked from there now"
      : "partly fixed";
  const [only] = improved;
  return only === undefined || improved.length > 1
    ? { ...facts, where: `${counted(improved.length, "origin")}, ${how}`, what: improved.map(host) }
    : { ...facts, where: host(only), what: `${how}, left: ${first?.what ?? ""}` };
}

function weekly(draft: Draft, report: RunReport): SubjectParts {
  const counts = originCounts(draft, report);
  const [next] = nextExpiries(report, 1);
  const expiry = next === undefined ? [] : [`next expiry in ${between(report.finishedAt, next.notAfter)}`];
  const incomplete = leavesGaps(draft.change.problems);
  const muted = counts.muted + draft.mutedDistributions.length;
  const facts = [
    howClear(counts, draft.openDistributions.length, incomplete),
    ...(muted > 0 ? [`${muted} muted`] : []),
  ];
  const gaps = incomplete ? ["run incomplete"] : [];
  return { tag: "WEEKLY", where: "", between: ": ", what: facts.join(", "), extent: [...gaps, ...expiry] };
}

/** Nothing is all clear that was not looked at. */
function howClear({ failing, "at risk": atRisk }: OriginCounts, counting: number, incomplete: boolean): string {
  const errors = counting > 0 ? [`${counted(counting, "distribution")} with errors`] : [];
  const origins =
    failing > 0
      ? [`${counted(failing, "origin")} failing`, ...(atRisk > 0 ? [`${atRisk} at risk`] : [])]
      : atRisk > 0
        ? [`${counted(atRisk, "origin")} at risk`]
        : [];
  if (origins.length + errors.length > 0) return [...origins, ...errors].join(", ");
  return incomplete ? "nothing open" : "all clear";
}

/** An unreadable state concerns what was told, not what was checked. */
function leavesGaps({ opened, still }: Change["problems"]): boolean {
  return [...opened, ...still].some((problem) => problem.code !== "state-unreadable");
}

function stillOpen({ open }: Summary): readonly string[] {
  if (open.failing > 0) return [`${open.failing} other${open.failing === 1 ? "" : "s"} failing`];
  return open.atRisk > 0 ? [`${open.atRisk} other${open.atRisk === 1 ? "" : "s"} at risk`] : [];
}

function distributions(findings: readonly Incident[]): string {
  const named = new Set(findings.flatMap((finding) => finding.distributions)).size;
  const most = findings.reduce((count, { distributionCount }) => Math.max(count, distributionCount), named);
  return counted(most, "distribution");
}

function host({ domain, port }: { readonly domain: string; readonly port: number }): string {
  const name = shortName(domain);
  return port === 443 ? name : `${name}:${port}`;
}
