import type { Effect } from "./effect.ts";
import type { Verdict } from "./finding.ts";

/** The effect of a finding that is reported: what CloudFront answers on a cache miss, or `may` for a risk. */
export type OpenEffect = Extract<Effect, "502" | "504" | "may">;

/** The effect of an open finding, null for one that does not count. A connection at risk is never called failing. */
export function openEffect(verdict: Verdict, effect: Effect): OpenEffect | null {
  if (verdict !== "failing" && verdict !== "at-risk") return null;
  if (effect === "may") return "may";
  if (effect !== "502" && effect !== "504") return null;
  return verdict === "at-risk" ? "may" : effect;
}
