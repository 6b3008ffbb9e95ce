import type { Policy } from "./rule.ts";

/** Advice to mute, or something else where what is checked is not deployed and nobody is told of it. */
export function muteOr(
  { occasion }: { readonly occasion?: Policy["occasion"] | undefined },
  advice: string,
  instead = "",
): string {
  return occasion === "before-deployment" ? instead : advice;
}
