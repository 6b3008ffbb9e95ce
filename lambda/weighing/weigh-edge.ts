import { ruleOf } from "../judge/catalogue.ts";
import { severityOf } from "../judge/effect.ts";
import type { Finding, Verdict } from "../judge/finding.ts";
import { findingOf } from "../judge/finding-of.ts";
import { cloudfrontAnswersError } from "../judge/findings/cloudfront-answers-error.ts";
import { seenThroughCloudfront } from "../judge/findings/seen-through-cloudfront.ts";
import type { ConnectionRecord, RecordedEdgeAnswer, RecordWitness } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import type { NotAsked, NotAskedReason } from "../witness/edge-askings.ts";
import {
  type EdgeAsked,
  type EdgeEntry,
  type EdgeError,
  isPaused,
  type Reached,
  reachedCountsFor,
} from "../witness/edge-history.ts";
import { isAbout } from "../witness/edge-wanted.ts";

/** What is known of asking through distributions, of this run and of those before it. */
export type EdgeWitness = {
  readonly asked: readonly EdgeAsked[];
  readonly notAsked: readonly NotAsked[];
  readonly entries: readonly EdgeEntry[];
};

/** What became of the requests through distributions that a run made, for the log. */
export type EdgeCounts = {
  readonly requests: number;
  /** Stopped at the edge, as by a firewall: these say nothing of an origin. */
  readonly refused: number;
  /** No answer came, or one that is not HTTP. */
  readonly failed: number;
};

export function edgeCounts({ asked }: Pick<EdgeWitness, "asked">): EdgeCounts {
  return {
    requests: asked.length,
    refused: asked.filter(({ answer }) => answer?.whose === "edge-refused").length,
    failed: asked.filter(({ answer }) => answer === null).length,
  };
}

/** Answers of one run in one record; a connection that many distributions use has as many. */
const mostAnswers = 10;

/**
 * Weighs what was found by what CloudFront itself answered. Two answers that agree on CloudFront's own 502 or 504 make the
 * finding that explains it an error, or are a finding of their own. An origin that was reached makes healthy what could
 * not be seen from here, and makes a risk of an error about its reachability. No incident ends by it, no certificate is
 * judged otherwise, and what a request through an origin group or an edge function reached is only mentioned.
 *
 * @param now milliseconds since the epoch
 */
export function weighedByEdge(
  records: readonly ConnectionRecord[],
  { asked, notAsked, entries }: EdgeWitness,
  now: number,
): readonly ConnectionRecord[] {
  const entriesOf = byOrigin(entries, (entry) => entry);
  const askedOf = byOrigin(asked, ({ asking }) => asking);
  const notAskedOf = byOrigin(notAsked, (each) => each);
  return records.map((record) => {
    if (record.skipped !== null && record.skipped !== "http-only") return record;
    const places = [...new Map(record.uses.map((use) => [originKey(use), use])).keys()];
    const own = places.flatMap((place) => entriesOf.get(place) ?? []).filter((entry) => isAbout(entry, record));
    const answers = places
      .flatMap((place) => askedOf.get(place) ?? [])
      .filter(({ asking }) => isAbout(asking, record))
      .flatMap(recorded);
    const reasons = places.flatMap((place) => notAskedOf.get(place) ?? []);
    return weighed(record, { own, answers, reasons }, now);
  });
}

type OfRecord = {
  readonly own: readonly EdgeEntry[];
  readonly answers: readonly RecordedEdgeAnswer[];
  readonly reasons: readonly NotAsked[];
};

function weighed(record: ConnectionRecord, { own, answers, reasons }: OfRecord, now: number): ConnectionRecord {
  const sure = own.filter(({ reaches }) => reaches === "the-origin");
  const isRecent = (time: string) => now - Date.parse(time) <= reachedCountsFor;
  const reached = latest(sure.flatMap((entry) => entry.reached ?? []).filter(({ at }) => isRecent(at)));
  const failed = latest(own.flatMap((entry) => (entry.error === undefined ? [] : [{ ...entry.error, entry }])));
  const recent = sure.filter(({ askedAt }) => isRecent(askedAt));
  const gotThrough = failed === undefined && recent.length > 0 && recent.every(({ last }) => last === "reached");
  const witness: RecordWitness = {
    ...record.witness,
    ...(answers.length === 0 ? {} : { edgeAnswers: answers.slice(0, mostAnswers) }),
    ...(reached === undefined ? {} : { reachedOn: reached.at }),
    ...(gotThrough ? { gotThrough } : {}),
  };
  const findings =
    failed !== undefined
      ? withError(record.findings, failed, failed.entry)
      : reached !== undefined
        ? withReached(record.findings, reached, gotThrough)
        : withRemark(record.findings, remarkOf(own, reasons, now));
  const isSeen = failed === undefined && reached !== undefined;
  const verdict = verdictAfter(record, findings, isSeen);
  if (findings === record.findings && Object.keys(witness).length === 0) return record;
  return { ...record, verdict, findings, ...(Object.keys(witness).length === 0 ? {} : { witness }) };
}

/** Whether CloudFront's answers say anything of a finding. */
function isWitnessed({ code }: Finding): boolean {
  const { about, witness } = ruleOf(code);
  return about === "reachability" && witness !== "none";
}

function isError({ effect }: Finding): boolean {
  return effect === "502" || effect === "504";
}

/** The finding that explains it becomes the error, or says that CloudFront confirms it; where none does, it is one itself. */
function withError(findings: readonly Finding[], error: EdgeError, entry: EdgeEntry): readonly Finding[] {
  const status = `${error.status}` as const;
  const sentence = `CloudFront itself answered ${status} at ${instant(error.at)}.`;
  const failing = findings.find(isError);
  if (failing !== undefined) {
    return findings.map((each) => (each === failing ? confirmed(saying(each, `Confirmed: ${sentence}`)) : each));
  }
  const risk =
    entry.reaches === "the-origin"
      ? findings.find((each) => {
          const answers = each.mayAnswer ?? "502";
          return each.effect === "may" && ruleOf(each.code).witness === "raises" && answers === status;
        })
      : undefined;
  if (risk !== undefined) {
    return findings.map((each) => (each === risk ? raised(saying(each, `Confirmed: ${sentence}`), status) : each));
  }
  const { since, at, pop, requestId, wording } = error;
  const { pathPattern, host, reaches } = entry;
  const view = { status, since, at, pop, requestId, wording, pathPattern, host, leavesChoice: reaches === "one-of" };
  const found = cloudfrontAnswersError.examine(view);
  return found === undefined ? findings : [confirmed(findingOf(cloudfrontAnswersError, found, null)), ...findings];
}

function confirmed(finding: Finding): Finding {
  return { ...finding, facts: { ...finding.facts, confirmedBy: "answer" } };
}

function raised(finding: Finding, effect: "502" | "504"): Finding {
  const { doubt: _, mayAnswer: __, ...rest } = finding;
  const remedy = ruleOf(finding.code).remedyWhereCounted ?? finding.remedy;
  return confirmed({ ...rest, effect, severity: severityOf(effect), remedy });
}

function withReached(findings: readonly Finding[], reached: Reached, gotThrough: boolean): readonly Finding[] {
  if (!findings.some((each) => isWitnessed(each) && each.effect !== "note")) return findings;
  const sentence = `CloudFront reached the origin at ${instant(reached.at)}${edgeOf(reached)}.`;
  const weighted = findings.map((each): Finding => {
    if (!isWitnessed(each) || each.effect === "note") return each;
    const said = saying(each, sentence);
    if (!isError(each) || !gotThrough) return said;
    const doubt = `although CloudFront reached the origin at ${instant(reached.at)}`;
    const answers504 = each.effect === "504" ? { mayAnswer: "504" as const } : {};
    return { ...said, effect: "may", severity: severityOf("may"), doubt, ...answers504 };
  });
  const found = seenThroughCloudfront.examine(reached);
  return found === undefined ? weighted : [...weighted, findingOf(seenThroughCloudfront, found, null)];
}

/** Where nothing was learned, a finding that CloudFront could have witnessed says why. */
function withRemark(findings: readonly Finding[], remark: string | null): readonly Finding[] {
  if (remark === null || !findings.some((each) => isWitnessed(each) && each.effect !== "note")) return findings;
  return findings.map((each) =>
    isWitnessed(each) && each.effect !== "note" ? { ...each, explanation: `${each.explanation} ${remark}` } : each,
  );
}

/** What was found, with a sentence more. */
function saying(finding: Finding, sentence: string): Finding {
  const { cause, explanation } = finding;
  const rest = explanation.startsWith(cause) ? explanation.slice(cause.length) : ` ${explanation}`;
  const said = `${cause} ${sentence}`;
  return { ...finding, cause: said, explanation: `${said}${rest}` };
}

function edgeOf({ pop }: { readonly pop: string | null }): string {
  return pop === null ? "" : `, edge location ${printable(pop, 20)}`;
}

/** As `verdictOf`, but what could not be seen from here does not count where CloudFront got through. */
function verdictAfter(
  { verdict, connection }: ConnectionRecord,
  findings: readonly Finding[],
  isSeen: boolean,
): Verdict {
  if (verdict === "healthy" || verdict === "skipped") return findings.some(isError) ? "failing" : verdict;
  if (findings.some(isError)) return "failing";
  if (findings.some(({ effect }) => effect === "may")) return "at-risk";
  const unseen = findings.filter(({ effect }) => effect === "unseen");
  if (unseen.some((each) => !isSeen || !isWitnessed(each))) return "unknown";
  // Without TLS, nothing is healthy that means a verified certificate.
  return connection.protocols.length === 0 ? "skipped" : "healthy";
}

function remarkOf(own: readonly EdgeEntry[], reasons: readonly NotAsked[], now: number): string | null {
  const group = latest(own.flatMap(({ reaches, reached }) => (reaches === "one-of" && reached ? [reached] : [])));
  if (group !== undefined && now - Date.parse(group.at) <= reachedCountsFor) {
    return `A request through CloudFront got an answer at ${instant(group.at)}${edgeOf(group)}; an origin group or an edge function stands before the origin, so that the answer may be another one's.`;
  }
  const paused = own.find((entry) => isPaused(entry, now));
  if (paused?.pausedUntil !== undefined) {
    const by = paused.refusedBy === undefined ? "" : ` (${printable(paused.refusedBy, 120)})`;
    return `CloudFront was asked, and the request was refused at the edge${by}, which says nothing of the origin; it is asked again after ${instant(paused.pausedUntil)}.`;
  }
  const reason = reasons.map(({ why }) => notAskedRemarks[why]).find((remark) => remark !== null);
  return reason === undefined ? null : `CloudFront was not asked about it: ${reason}.`;
}

/** What goes on after "CloudFront was not asked about it:"; null where it is soon, or where nobody needs to know. */
const notAskedRemarks: Readonly<Record<NotAskedReason, string | null>> = {
  never: "the distribution's tag origin-watch:check-path says never",
  "check-path-invalid": "the distribution's tag origin-watch:check-path is neither a path nor never",
  "tags-unknown": "the distribution's tags could not be read",
  disabled: null,
  staging: "a staging distribution has no name of its own",
  "multi-tenant": "a multi-tenant distribution has no name of its own",
  "no-name": "the distribution's name under cloudfront.net is not known",
  "viewer-mtls": "the distribution asks viewers for a certificate",
  "errors-replaced": "the distribution shows pages of its own for 502, 503 or 504",
  "few-requests":
    "the distribution had too few requests in the last hour, of which one more would be a noticeable part",
  "requests-unknown": "CloudWatch has no requests of the distribution in the last hour, or did not say how many",
  "signed-only": "only signed URLs and cookies get an answer there",
  "single-path": "its path pattern has no wildcard, and the tag origin-watch:check-path names no path",
  "no-path": "no path leads to it that can be asked for",
  "no-viewer-name": "no name is known that viewers use",
  "headers-unknown": "which headers the distribution's policy sets is not known",
  paused: null,
  "left-out": null,
};

function recorded({ asking, answer }: EdgeAsked): readonly RecordedEdgeAnswer[] {
  const { distributionId, host, path } = asking;
  return answer === null ? [] : [{ distributionId, request: { host, path }, ...answer }];
}

function latest<T extends { readonly at: string }>(all: readonly T[]): T | undefined {
  return all.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
}

function originKey({ distributionId, originId }: { readonly distributionId: string; readonly originId: string }) {
  return JSON.stringify([distributionId, originId]);
}

function byOrigin<T>(
  all: readonly T[],
  place: (each: T) => { readonly distributionId: string; readonly originId: string },
): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(all, (each) => originKey(place(each)));
}
