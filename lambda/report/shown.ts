import type { Effect } from "../judge/effect.ts";

/** Of the findings of a connection, the one that the command of its record shows: the first that counts at an address. */
export function shownBy<F extends { readonly effect: Effect; readonly address: string | null }>(
  findings: readonly F[],
): F | undefined {
  return findings.find(({ effect, address }) => effect !== "note" && address !== null) ?? findings[0];
}
