import type { Scope } from "../configuration/scope.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../report/record.ts";
import { endOf, expectedMoment, readMoment } from "../text/moment.ts";
import { printable } from "../text/printable.ts";
import type { MuteClaim } from "./mute-claim.ts";

/** The tags with which the owner of a distribution mutes it. */
export const muteUntilTag = "origin-watch:mute-until";
export const muteReasonTag = "origin-watch:mute-reason";

export type Tags = ReadonlyMap<string, string>;

/** The mute that the tags of a distribution ask for. */
export type TagMute =
  | { readonly kind: "none" }
  | { readonly kind: "mute"; readonly mute: MuteClaim }
  | { readonly kind: "wrong"; readonly problem: UnreadableTag };

/** A problem of the run; the reader of the tags adds the account. */
type UnreadableTag = Omit<RunProblem, "scope" | "code"> & { readonly code: "mute-tag-unreadable" };

/**
 * Reads the mute of one distribution, which holds in its own account. A day lasts until its end in UTC, as in the context
 * key `mutes`. A value that is neither a day nor a time mutes nothing and is reported, because its owner relies on it.
 * Where the account is not known the tag mutes nothing.
 */
export function tagMute(distribution: string, { accountId }: Scope, tags: Tags): TagMute {
  const value = tags.get(muteUntilTag)?.trim();
  if (value === undefined) return { kind: "none" };
  const until = readMoment(value);
  if (until === null) return { kind: "wrong", problem: invalidTag(distribution, value) };
  if (accountId === null) return { kind: "none" };
  const reason = printable(tags.get(muteReasonTag)?.trim() ?? "", 200) || "no reason given";
  const end = new Date(endOf(until)).toISOString();
  return {
    kind: "mute",
    mute: { source: "tag", account: accountId, distribution, origin: null, code: null, until: end, reason },
  };
}

function invalidTag(distribution: string, value: string): UnreadableTag {
  return {
    code: "mute-tag-unreadable",
    message:
      `The tag ${muteUntilTag} of distribution ${printable(distribution, 64)} is "${printable(value, 60)}", ` +
      "so it mutes nothing.",
    remedy: `Give it ${expectedMoment}.`,
  };
}

/**
 * The distributions whose tags may matter in a run: those with a finding that may be reported. Failing ones come first,
 * because the number of calls is limited.
 */
export function distributionsToAsk({
  records,
  distributionRecords = [],
}: Pick<RunReport, "records" | "distributionRecords">): readonly string[] {
  const ofVerdict = (verdict: ConnectionRecord["verdict"]) =>
    records
      .filter((record) => record.verdict === verdict)
      .flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId));
  const counted = distributionRecords.filter(({ findings }) => findings.length > 0);
  return [
    ...new Set([
      ...ofVerdict("failing"),
      ...counted.map(({ distributionId }) => distributionId),
      ...ofVerdict("at-risk"),
      ...ofVerdict("unknown"),
    ]),
  ];
}
