import { between } from "../text/span.ts";

/** How long findings that are gone were open, from the first beginning to the last sighting, or until now. */
export function lasted(
  ended: readonly { readonly openedAt: string; readonly clearSince: string | null }[],
  at: string,
): string {
  const from = ended.map(({ openedAt }) => openedAt).toSorted()[0] ?? at;
  const until =
    ended
      .map(({ clearSince }) => clearSince ?? at)
      .toSorted()
      .at(-1) ?? at;
  return between(from, until);
}
