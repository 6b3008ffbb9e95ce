import { type KnownTags, readTagMutes, type TagMutes } from "../aws/tags.ts";
import type { Scope } from "../configuration/scope.ts";
import { distributionsToAsk } from "../incidents/tag-mutes.ts";
import type { RunReport } from "../report/record.ts";
import type { Accesses } from "./accounts.ts";
import { inEachAccount } from "./by-account.ts";

export const noTagMutes: TagMutes = { mutes: [], readOf: new Set(), problems: [] };

/** What the tags of the distributions mute of which something may be told, each read with the rights of its account. */
export async function tagMutesOf(
  report: RunReport,
  scopes: ReadonlyMap<string, Scope>,
  accesses: Accesses,
  known: KnownTags,
  signal: AbortSignal,
): Promise<TagMutes> {
  const read = await inEachAccount(
    distributionsToAsk(report),
    (id) => id,
    scopes,
    accesses,
    ({ cloudFront, scope }, ids) => readTagMutes(cloudFront, scope, ids, signal, known),
  );
  return {
    mutes: read.flatMap(({ mutes }) => mutes),
    readOf: new Set(read.flatMap(({ readOf }) => [...readOf])),
    problems: read.flatMap(({ problems }) => problems),
  };
}
