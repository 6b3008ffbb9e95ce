import type { Scope } from "../configuration/scope.ts";
import { concernsAll, usedBy } from "../incidents/audiences.ts";
import type { Draft, GoneIncident } from "../incidents/change.ts";
import type { AlertPolicy } from "../incidents/policy.ts";
import type { Incident } from "../incidents/state.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { byEffect, worstEffect } from "../judge/effect-order.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import { originId, originsOf, originsWith, type WatchedOrigin } from "../report/origins.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { alphabetically } from "../text/alphabet.ts";
import { groupedBy, type NonEmpty } from "../text/non-empty.ts";

export type MessageContext = {
  /** The account of the function, whose partition decides the console links. */
  readonly scope: Scope;
  /** The Region of the function. */
  readonly region: string;
  /** Where the run's log records are, null when unknown. */
  readonly logGroup: string | null;
  /** The dashboard with the status board, null where there is none. */
  readonly dashboard: string | null;
  /** Of this program. */
  readonly version: string;
  /** Tags of distributions may mute. */
  readonly muteTags: boolean;
  /** How often people hear of what stays as it is. */
  readonly reminders: Pick<AlertPolicy, "remindFailingAfter" | "remindAtRiskAfter" | "weeklyDigest">;
};

/** A draft sorted by origin, the way it is told. */
export type Summary = {
  /** Origins with something new, the worst first. */
  readonly fresh: readonly OpenOrigin[];
  /** Nothing is left of what was told about these. */
  readonly fixed: readonly EndedOrigin[];
  /** CloudFront no longer connects there, or not in a way that could be checked. */
  readonly closed: readonly EndedOrigin[];
  /** Something ended, something else is still open. */
  readonly improved: readonly EndedOrigin[];
  /** Origins of which nothing is new: those of a reminder. */
  readonly still: readonly OpenOrigin[];
  /** All open origins that people know of and that the message is not about. */
  readonly others: readonly OpenOrigin[];
  /** All origins with an open finding, by the worst one. */
  readonly open: { readonly failing: number; readonly atRisk: number };
};

export type OpenOrigin = {
  readonly domain: string;
  readonly port: number;
  readonly findings: readonly Incident[];
  readonly effect: OpenEffect;
  /** Some of the findings were not looked at in this run. */
  readonly frozen: boolean;
  /** What is new, the worst first. */
  readonly fresh: readonly Incident[];
  /** The worst effect among what is new. */
  readonly freshEffect: OpenEffect;
  readonly records: readonly ConnectionRecord[];
};

export type EndedOrigin = {
  readonly domain: string;
  readonly port: number;
  readonly ended: readonly (Incident & { readonly gone: GoneIncident["reason"] | null })[];
  /** The worst effect of what is still open, null when nothing is. */
  readonly left: OpenEffect | null;
  readonly watched: WatchedOrigin | null;
};

export function summarize(
  { change, open: everything, audience }: Pick<Draft, "change" | "open" | "audience">,
  report: RunReport,
): Summary {
  const known = everything.filter((incident) => concernsAll(audience, incident));
  const { opened, worsened, rejudged, still, frozen, resolved, gone } = change;
  // How another account reaches the same origin neither repairs nor spoils anything for this one.
  const own = usedBy(audience ?? null, report.records);
  const endings = [
    ...resolved.map((finding) => ({ ...finding, gone: null })),
    ...gone.map(({ finding, reason }) => ({ ...finding, gone: reason })),
  ];
  const named = [...known, ...opened, ...worsened, ...rejudged, ...still, ...frozen, ...endings];
  const watched = originsWith(own, new Set(named.map(originId)));
  const fresh = new Set([...opened, ...worsened, ...rejudged]);
  const notSeen = new Set(frozen);
  const origin = (findings: NonEmpty<Incident>): OpenOrigin => {
    const own = findings.toSorted(worstFirst);
    const newFindings = own.filter((finding) => fresh.has(finding));
    const [{ domain, port }] = findings;
    return {
      domain,
      port,
      findings: own,
      effect: worstOf(own),
      frozen: own.some((finding) => notSeen.has(finding)),
      fresh: newFindings,
      freshEffect: worstOf(newFindings),
      records: recordsOf(watched.get(originId({ domain, port })), own),
    };
  };
  const open = [...groupedBy([...fresh, ...still, ...frozen], originId).values()].map(origin);

  const elsewhere = originsOfDomains(own, new Set(endings.map(({ domain }) => domain.toLowerCase())));
  const left = new Map(open.map((each) => [originId(each), each.effect]));
  const ended = [...groupedBy(endings, originId)]
    .map(([id, findings]) => ({
      domain: findings[0].domain,
      port: findings[0].port,
      ended: [...findings].sort(worstFirst),
      left: left.get(id) ?? null,
      // CloudFront may connect to another port of it now.
      watched: watched.get(id) ?? elsewhere.get(findings[0].domain.toLowerCase())?.[0] ?? null,
    }))
    .sort(compare);
  const others = [...groupedBy(known, originId)].filter(([id]) => !left.has(id)).map(([, own]) => origin(own));
  const everywhere = [...open, ...others];

  return {
    fresh: open
      .filter((each) => each.fresh.length > 0)
      .sort((a, b) => byEffect(a.freshEffect, b.freshEffect) || reach(b) - reach(a) || compare(a, b)),
    fixed: ended.filter((each) => each.left === null && isFixed(each)),
    closed: ended.filter((each) => each.left === null && !isFixed(each)),
    improved: ended.filter((each) => each.left !== null),
    still: open.filter((each) => each.fresh.length === 0).sort((a, b) => byEffect(a.effect, b.effect) || compare(a, b)),
    others: others.sort((a, b) => byEffect(a.effect, b.effect) || compare(a, b)),
    open: {
      failing: everywhere.filter((each) => each.effect !== "may").length,
      atRisk: everywhere.filter((each) => each.effect === "may").length,
    },
  };
}

/** By their domains in lower case. */
function originsOfDomains(records: readonly ConnectionRecord[], domains: ReadonlySet<string>) {
  const all = domains.size === 0 ? [] : originsOf(records);
  return Map.groupBy(
    all.filter(({ domain }) => domains.has(domain.toLowerCase())),
    ({ domain }) => domain.toLowerCase(),
  );
}

/** The connections that have the findings; the origin's other connections are not affected. */
function recordsOf(origin: WatchedOrigin | undefined, findings: readonly Incident[]): readonly ConnectionRecord[] {
  const keys = new Set(findings.map((finding) => finding.key));
  return (origin?.records ?? []).filter((record) => keys.has(record.connection.key));
}

/**
 * Observed without the finding, or reached in another way now and well that way: changing OriginSslProtocols, for
 * example, makes it another connection, and so does plain HTTP.
 */
function isFixed(origin: EndedOrigin): boolean {
  const { ended, watched } = origin;
  if (isByRules(origin) || isByVantages(origin)) return false;
  if (ended.some((finding) => finding.gone === null)) return true;
  return watched !== null && (watched.verdict === "healthy" || isPlainHttp(watched));
}

/** Nothing else ended than what the rules of this version see no fault in. */
export function isByRules({ ended }: EndedOrigin): boolean {
  return ended.every(({ gone }) => gone === "rules-changed");
}

/** Nothing else ended than what only vantages saw from which nobody looks any more. */
export function isByVantages({ ended }: EndedOrigin): boolean {
  return ended.every(({ gone }) => gone === "vantage-removed");
}

/** CloudFront still connects to it, in another way than the one that failed. */
export function isReached({ watched }: EndedOrigin): boolean {
  return watched !== null && (watched.verdict !== "skipped" || isPlainHttp(watched));
}

/** All that is left of it are ports that accept connections, without TLS. */
export function isPlainHttp({ verdict, records }: WatchedOrigin): boolean {
  return verdict === "skipped" && records.some(({ skipped }) => skipped === "http-only");
}

function worstOf(findings: readonly Incident[]): OpenEffect {
  return worstEffect(findings.map(({ effect }) => effect));
}

/** Of equals, what says how many addresses fail before why they do, so that beginning and end have the same name. */
function worstFirst(a: Incident, b: Incident): number {
  return byEffect(a.effect, b.effect) || Number(isOverview(b)) - Number(isOverview(a));
}

function isOverview({ code }: Incident): boolean {
  return ruleOf(code)?.sumsUp !== undefined;
}

/** How many distributions it concerns, as far as one connection tells. */
function reach({ fresh }: OpenOrigin): number {
  return fresh.reduce((most, { distributionCount }) => Math.max(most, distributionCount), 0);
}

function compare(a: DomainAndPort, b: DomainAndPort): number {
  return alphabetically(originId(a), originId(b));
}

type DomainAndPort = { readonly domain: string; readonly port: number };
