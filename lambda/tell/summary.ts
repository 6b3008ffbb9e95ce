import type { Change, GoneFinding } from "../incidents/change.ts";
import type { OpenEffect, OpenFinding } from "../incidents/state.ts";
import { originId, originsOf, type WatchedOrigin } from "./origins.ts";
import type { ConnectionRecord, RunReport } from "./record.ts";

/** A change sorted by origin, the way it is told. */
export type Summary = {
  /** Origins with something new, the worst first. */
  readonly fresh: readonly FreshOrigin[];
  /** Nothing is left of what was told about these. */
  readonly fixed: readonly EndedOrigin[];
  /** CloudFront no longer connects there, or not in a way that could be checked. */
  readonly closed: readonly EndedOrigin[];
  /** Something ended, something else is still open. */
  readonly improved: readonly EndedOrigin[];
  /** Origins whose open findings were all told before. */
  readonly still: readonly OpenOrigin[];
  /** All origins with an open finding, by the worst one. */
  readonly open: { readonly failing: number; readonly atRisk: number };
};

export type OpenOrigin = {
  readonly domain: string;
  readonly port: number;
  readonly findings: readonly OpenFinding[];
  readonly effect: OpenEffect;
  /** Some of the findings were not looked at in this run. */
  readonly frozen: boolean;
};

export type FreshOrigin = OpenOrigin & {
  /** What is new, the worst first. */
  readonly fresh: readonly OpenFinding[];
  /** The worst effect among what is new. */
  readonly freshEffect: OpenEffect;
  readonly records: readonly ConnectionRecord[];
};

export type EndedOrigin = {
  readonly domain: string;
  readonly port: number;
  readonly ended: readonly (OpenFinding & { readonly gone: GoneFinding["reason"] | null })[];
  /** The worst effect of what is still open, null when nothing is. */
  readonly left: OpenEffect | null;
  readonly watched: WatchedOrigin | null;
};

export function summarize(change: Change, report: RunReport): Summary {
  const { opened, worsened, still, frozen, resolved, gone } = change;
  const watched = new Map(originsOf(report.records).map((origin) => [originId(origin), origin]));
  const fresh = new Set([...opened, ...worsened]);
  const notSeen = new Set(frozen);

  const open = [...Map.groupBy([...fresh, ...still, ...frozen], originId)].map(([id, findings]) => {
    const own = [...findings].sort(worstFirst);
    const news = own.filter((finding) => fresh.has(finding));
    const { domain, port } = own[0] as OpenFinding;
    return {
      domain,
      port,
      findings: own,
      effect: worstOf(own),
      frozen: own.some((finding) => notSeen.has(finding)),
      fresh: news,
      freshEffect: worstOf(news),
      records: recordsOf(watched.get(id), own),
    };
  });

  const endings = [
    ...resolved.map((finding) => ({ ...finding, gone: null })),
    ...gone.map(({ finding, reason }) => ({ ...finding, gone: reason })),
  ];
  const left = new Map(open.map((origin) => [originId(origin), origin.effect]));
  const ended = [...Map.groupBy(endings, originId)].map(([id, findings]) => ({
    domain: (findings[0] as OpenFinding).domain,
    port: (findings[0] as OpenFinding).port,
    ended: [...findings].sort(worstFirst),
    left: left.get(id) ?? null,
    watched: watched.get(id) ?? null,
  }));

  return {
    fresh: open
      .filter((origin) => origin.fresh.length > 0)
      .sort((a, b) => severity(b.freshEffect) - severity(a.freshEffect) || reach(b) - reach(a) || compare(a, b)),
    fixed: ended.filter((origin) => origin.left === null && isFixed(origin)),
    closed: ended.filter((origin) => origin.left === null && !isFixed(origin)),
    improved: ended.filter((origin) => origin.left !== null),
    still: open
      .filter((origin) => origin.fresh.length === 0)
      .sort((a, b) => severity(b.effect) - severity(a.effect) || compare(a, b)),
    open: {
      failing: open.filter((origin) => origin.effect !== "may").length,
      atRisk: open.filter((origin) => origin.effect === "may").length,
    },
  };
}

/** The connections that have the findings; the origin's other connections are not affected. */
function recordsOf(origin: WatchedOrigin | undefined, findings: readonly OpenFinding[]): readonly ConnectionRecord[] {
  const keys = new Set(findings.map((finding) => finding.key));
  return (origin?.records ?? []).filter((record) => keys.has(record.connection.key));
}

/**
 * Observed without the finding, or reached in another way now and healthy that way: changing OriginSslProtocols, for
 * example, makes it another connection.
 */
function isFixed({ ended, watched }: EndedOrigin): boolean {
  return ended.some((finding) => finding.gone === null) || watched?.verdict === "healthy";
}

function worstOf(findings: readonly OpenFinding[]): OpenEffect {
  const effects = findings.map((finding) => finding.effect);
  return effects.includes("502") ? "502" : effects.includes("504") ? "504" : "may";
}

function worstFirst(a: OpenFinding, b: OpenFinding): number {
  return severity(b.effect) - severity(a.effect);
}

function severity(effect: OpenEffect): number {
  return effect === "502" ? 2 : effect === "504" ? 1 : 0;
}

/** How many distributions it concerns, as far as one connection tells. */
function reach({ fresh }: { readonly fresh: readonly OpenFinding[] }): number {
  return Math.max(...fresh.map((finding) => finding.distributionCount));
}

function compare(a: OpenOrigin, b: OpenOrigin): number {
  return alphabet.compare(originId(a), originId(b));
}

const alphabet = new Intl.Collator("en", { numeric: true });
