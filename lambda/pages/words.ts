import type { Board } from "../board/board.ts";
import type { Verdict } from "../judge/finding.ts";
import type { SkipReason } from "../plan/connection.ts";
import { consequence, place } from "../report/affected.ts";
import { asClauseOf, counted, enumerated } from "../text/phrase.ts";
import { span } from "../text/span.ts";
import type { OpenSince } from "./open-since.ts";
import type { OriginView } from "./origin-view.ts";

/** What a board says in words: the same wherever it is shown. */

export const verdictWords: Readonly<Record<Verdict, string>> = {
  failing: "Failing",
  "at-risk": "At risk",
  unknown: "Unknown",
  healthy: "Healthy",
  skipped: "Skipped",
};

/** The state of everything in a line: `14 origins failing, 3 at risk`. An incomplete run never says that all is clear. */
export function headline({ origins, problems, counted: all }: Pick<Board, "origins" | "problems" | "counted">): string {
  const errors = all.filter(({ code }) => code !== null).length;
  const { failing, "at-risk": atRisk, unknown, healthy } = origins;
  const bad = [
    ...(failing > 0 ? [`${counted(failing, "origin")} failing`] : []),
    ...(atRisk > 0 ? [`${failing > 0 ? atRisk : counted(atRisk, "origin")} at risk`] : []),
    ...(errors > 0 ? [`${counted(errors, "distribution")} with errors`] : []),
  ];
  if (bad.length > 0) return bad.join(", ");
  if (problems.some(({ code }) => !harmless.has(code))) return "Nothing seen failing, but the run is incomplete";
  if (unknown > 0) return `Nothing seen failing; ${counted(unknown, "origin")} not checked`;
  return healthy > 0 ? "All clear" : "No origin to check";
}

/** These concern who is told, not what was checked. */
const harmless: ReadonlySet<string> = new Set([
  "state-unreadable",
  "mute-tag-unreadable",
  "mutes-unreadable",
  "telling-failed",
]);

/** What was found, or why nothing was checked, in a line; empty where all is well. */
export function causeLine({ verdict, causes, domain, records }: OriginView): string {
  const [first, ...others] = causes.filter(({ finding }) => finding.effect !== "note");
  if (verdict === "skipped") return skipReasons[records[0]?.skipped ?? "http-only"];
  if (first === undefined) return "";
  const more = others.length > 0 ? `, and ${counted(others.length, "more finding")}` : "";
  return capitalised(asClauseOf(domain, first.finding.title)) + more;
}

const skipReasons: Readonly<Record<SkipReason, string>> = {
  "s3-origin": "S3 bucket, which needs no check",
  "http-only": "Plain HTTP, so there is no TLS to check",
  "distribution-disabled": "The distribution is disabled",
  "no-viewers": "No viewer is sent to the distribution",
  "origin-unused": "No cache behavior uses it",
};

/** What that means, and what is affected. */
export function impact({ verdict, causes, affected }: OriginView): string {
  switch (verdict) {
    case "failing": {
      const effect = causes.some(({ finding }) => finding.effect === "502") ? "502" : "504";
      return consequence(affected, effect, null);
    }
    case "at-risk": {
      const finding = causes.find((cause) => cause.finding.effect === "may")?.finding;
      return consequence(affected, "may", finding?.doubt ?? null, finding?.mayAnswer);
    }
    case "unknown":
    case "healthy":
    case "skipped":
      return affected.length === 0 ? "" : `Used for ${enumerated(affected.slice(0, 20).map(place), 3)}.`;
  }
}

/** For how long, as far as it is known; null where there is nothing to say. */
export function sinceWords(open: OpenSince, now: number): string | null {
  switch (open.kind) {
    case "not-kept":
    case "nothing":
      return null;
    case "new":
      return "new in the last run";
    case "since":
      return `for ${span(now - Date.parse(open.openedAt))}`;
    case "unseen":
      return `open for ${span(now - Date.parse(open.openedAt))}, not seen now`;
  }
}

/** `expires in 10 days`, `expired 2 days ago`. */
export function expiryWords(expiry: number, now: number): string {
  return expiry > now ? `expires in ${span(expiry - now)}` : `expired ${span(now - expiry)} ago`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
