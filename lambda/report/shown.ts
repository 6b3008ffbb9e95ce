import type { Effect } from "../judge/effect.ts";
import { byEffect } from "../judge/effect-order.ts";

/**
 * Of the findings of a connection, the one that the command of its record shows: the worst that counts at
 * an address, and so the one that a message leads with.
 */
export function shownBy<F extends { readonly effect: Effect; readonly address: string | null }>(
  findings: readonly F[],
): F | undefined {
  const worstFirst = findings.toSorted((one, other) => byEffect(one.effect, other.effect));
  return worstFirst.find(({ effect, address }) => effect !== "note" && address !== null) ?? worstFirst[0];
}
