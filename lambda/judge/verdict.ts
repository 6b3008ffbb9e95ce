import type { Connection, PlannedConnection } from "../plan/connection.ts";
import type { Finding, Verdict } from "./finding.ts";

/**
 * The worst finding decides: failing before at-risk before unknown before healthy.
 *
 * A connection without TLS is `skipped` unless a finding says something worse: its port was tried, but it cannot be
 * healthy, which means a verified certificate.
 */
export function verdictOf(
  planned: { readonly kind: PlannedConnection["kind"]; readonly connection: Pick<Connection, "scheme"> },
  findings: readonly Finding[],
): Verdict {
  if (planned.kind === "skipped") return "skipped";
  const effects = new Set(findings.map(({ effect }) => effect));
  if (effects.has("502") || effects.has("504")) return "failing";
  if (effects.has("may")) return "at-risk";
  if (effects.has("unseen")) return "unknown";
  return planned.connection.scheme === "http" ? "skipped" : "healthy";
}

/** All verdicts, in the order in which one of several decides. */
export const worstFirst: readonly Verdict[] = ["failing", "at-risk", "unknown", "healthy", "skipped"];

/** Sorts by verdict, in the order of `worstFirst`. */
export function byVerdict(a: { readonly verdict: Verdict }, b: { readonly verdict: Verdict }): number {
  return worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict);
}
