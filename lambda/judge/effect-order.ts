import type { Effect } from "./effect.ts";
import type { OpenEffect } from "./open-effect.ts";

/** All effects, in the order in which one of several decides. */
const worstFirst: readonly Effect[] = ["502", "504", "may", "unseen", "note"];

/** Sorts effects, the worst first. */
export function byEffect(a: Effect, b: Effect): number {
  return worstFirst.indexOf(a) - worstFirst.indexOf(b);
}

/** What several open findings mean together; `may` where there is none. */
export function worstEffect(effects: readonly OpenEffect[]): OpenEffect {
  return effects.toSorted(byEffect)[0] ?? "may";
}
