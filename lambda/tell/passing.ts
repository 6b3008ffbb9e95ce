import { clearPeriodAfter } from "../incidents/compare.ts";
import { outcomeOf } from "../incidents/incident-outcome.ts";
import type { Incident } from "../incidents/state.ts";
import { worstEffect } from "../judge/effect-order.ts";
import { instant } from "../text/instant.ts";
import { counted } from "../text/phrase.ts";
import { between, exactSpan } from "../text/span.ts";
import { stillLine } from "./origin-lines.ts";
import type { OpenOrigin } from "./summary.ts";

/** This run looked for all that is open there and saw none of it, which must stay away for longer to count as fixed. */
export function passes(origin: OpenOrigin): boolean {
  return origin.findings.every((finding) => isAbsent(finding, origin));
}

/** The origin with what is open there and was not seen to be absent; all of it where it passes. */
export function withoutAbsent(origin: OpenOrigin): OpenOrigin {
  const findings = origin.findings.filter((finding) => !isAbsent(finding, origin));
  return findings.length === 0 ? origin : { ...origin, findings, effect: worstEffect(findings.map((f) => f.effect)) };
}

function isAbsent(finding: Incident, { records }: OpenOrigin): boolean {
  const record = records.find(({ connection }) => connection.key === finding.key);
  if (finding.clearSince === null || record === undefined) return false;
  return outcomeOf(finding, record, new Set(record.findings.map(({ code }) => code)), true).kind === "resolved";
}

/** What a reminder says of an origin that passes: since when, and until when it is open. */
export function passingLines(origin: OpenOrigin, at: string): readonly string[] {
  const { findings } = origin;
  const since = passedSince(origin, at);
  const period = findings.reduce((most, { returns }) => Math.max(most, clearPeriodAfter(returns)), 0);
  const next =
    period === 0
      ? "[FIXED] follows when it stays away."
      : `It came back before, so it counts as fixed after ${exactSpan(period)} without it.`;
  return [`${verbOf(origin)} since ${instant(since)} (${between(since, at)}). ${next}`];
}

/** The same in a line, among others. */
export function passingLine(origin: OpenOrigin, at: string): string {
  return `${stillLine(origin, at)}; ${verbOf(origin).toLowerCase()} since ${instant(passedSince(origin, at))}`;
}

/** The consequence of several of which none is seen. */
export function allPass(origins: readonly OpenOrigin[]): string {
  return `Nothing of this was seen now at ${counted(origins.length, "origin")}. [FIXED] follows when it stays away.`;
}

/** The last of them to go. */
function passedSince({ findings }: OpenOrigin, at: string): string {
  return (
    findings
      .flatMap(({ clearSince }) => clearSince ?? [])
      .sort()
      .at(-1) ?? at
  );
}

/** An origin with something else that is wrong does not pass. */
function verbOf({ records }: OpenOrigin): string {
  return records.some(({ verdict }) => verdict === "failing" || verdict === "at-risk") ? "Not seen" : "Passed";
}
