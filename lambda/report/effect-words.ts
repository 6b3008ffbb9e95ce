import type { StoredFinding } from "../judge/finding.ts";

/** What a finding means for viewers, in a few words: `causes 502`, `may cause 504`, `not checked`. */
export function effectWords({ effect, mayAnswer }: Pick<StoredFinding, "effect" | "mayAnswer">): string {
  switch (effect) {
    case "502":
    case "504":
      return `causes ${effect}`;
    case "may":
      return `may cause ${mayAnswer ?? "502"}`;
    case "unseen":
      return "not checked";
    case "note":
      return "no effect on the verdict";
  }
}
