import type { ConnectionRecord, RunProblem } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { dayMs, type Mute } from "./policy.ts";

/** The tags of a distribution by which its owner keeps quiet about it. */
export const muteUntilTag = "origin-watch:mute-until";
export const muteReasonTag = "origin-watch:mute-reason";

export type Tags = ReadonlyMap<string, string>;

/** What the tags of a distribution ask for. */
export type TagMute =
  | { readonly kind: "none" }
  | { readonly kind: "mute"; readonly mute: Mute }
  | { readonly kind: "wrong"; readonly problem: UnreadableTag };

/** A problem of the run; whoever reads the tags says of which account. */
type UnreadableTag = Omit<RunProblem, "scope" | "code"> & { readonly code: "mute-tag-unreadable" };

/**
 * Reads the mute of one distribution. A day counts to its end in UTC, as in the context key `mutes`. A value that is
 * neither a day nor a time mutes nothing, and is told, because its owner relies on it.
 */
export function tagMute(distribution: string, tags: Tags): TagMute {
  const value = tags.get(muteUntilTag)?.trim();
  if (value === undefined) return { kind: "none" };
  const until = momentOf(value);
  if (until === null) return { kind: "wrong", problem: wrongTag(distribution, value) };
  const reason = printable(tags.get(muteReasonTag)?.trim() ?? "", 200) || `tag ${muteUntilTag}`;
  return {
    kind: "mute",
    mute: { distribution, origin: null, code: null, until: new Date(until).toISOString(), reason },
  };
}

/** Milliseconds since the epoch from which it speaks again, null when the value says nothing clear. */
function momentOf(value: string): number | null {
  const form = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(value);
  const at = form === null ? Number.NaN : Date.parse(value);
  const day = form?.[1] ?? "";
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(at) || !new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)) return null;
  return value === day ? at + dayMs : at;
}

function wrongTag(distribution: string, value: string): UnreadableTag {
  return {
    code: "mute-tag-unreadable",
    message:
      `The tag ${muteUntilTag} of distribution ${printable(distribution, 64)} is "${printable(value, 60)}", ` +
      "so it mutes nothing.",
    remedy: "Give it a day such as 2026-12-31, or a time with its zone such as 2026-12-31T18:00:00Z.",
  };
}

/**
 * The distributions whose tags may matter in a run: those with something that is or may be told. Those that fail come
 * first, because only so many are asked for.
 */
export function distributionsToAsk(records: readonly ConnectionRecord[]): readonly string[] {
  const ofVerdict = (verdict: ConnectionRecord["verdict"]) =>
    records
      .filter((record) => record.verdict === verdict)
      .flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId));
  return [...new Set([...ofVerdict("failing"), ...ofVerdict("at-risk"), ...ofVerdict("unknown")])];
}
