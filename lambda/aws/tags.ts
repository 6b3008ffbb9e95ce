import { type CloudFrontClient, ListTagsForResourceCommand } from "@aws-sdk/client-cloudfront";
import { isDistributionId } from "../configuration/distribution-id.ts";
import type { Scope } from "../configuration/scope.ts";
import type { MuteClaim } from "../incidents/mute-claim.ts";
import { type Tags, tagMute } from "../incidents/tag-mutes.ts";
import type { RunProblem } from "../report/record.ts";
import { asking } from "./asking.ts";
import { abortedBy } from "./failure.ts";
import { beyondProblem, detailProblem } from "./inventory-problems.ts";

export type TagMutes = {
  readonly mutes: readonly MuteClaim[];
  /** The distributions whose tags were read, whatever is in them. */
  readonly readOf: ReadonlySet<string>;
  readonly problems: readonly RunProblem[];
};

/** What a run has read of tags already, by the id of the distribution: each is asked for once. */
export type KnownTags = Map<string, Tags>;

/** The tags of more distributions are not read in one run; a problem of the run names those that are left. */
const mostAsked = 100;

/**
 * Reads the mutes that distributions carry as tags: one ListTagsForResource each. Where the tags cannot be read,
 * nothing is muted, and the problem is reported.
 *
 * @param scope the account of the distributions
 * @param ids the distributions to ask for, the most important first
 * @param known what is read is added
 */
export async function readTagMutes(
  client: CloudFrontClient,
  scope: Scope,
  ids: readonly string[],
  signal: AbortSignal | undefined,
  known: KnownTags = new Map(),
): Promise<TagMutes> {
  const mutes: MuteClaim[] = [];
  const readOf = new Set<string>();
  const problems: Omit<RunProblem, "scope">[] = [];
  const tags = asking(signal);
  for (const id of ids.slice(0, mostAsked)) {
    const found = await tags.ask(id, () => tagsOf(client, id, scope, signal, known));
    if (found === null) continue;
    readOf.add(id);
    const read = tagMute(id, scope, found);
    if (read.kind === "mute") mutes.push(read.mute);
    else if (read.kind === "wrong") problems.push(read.problem);
  }
  const missing = {
    what: "The tags of distributions",
    consequence: "what they mute is not muted",
    code: "details-unreadable",
  } as const;
  const operation = { operation: "ListTagsForResource", resource: "distribution/*" };
  const beyond = ids.slice(mostAsked);
  const remedy = "Mute what is known by the context key `mutes`.";
  return {
    mutes,
    readOf,
    problems: [
      ...problems,
      ...detailProblem({ ...missing, ...tags.result(), ...operation }),
      ...beyondProblem({ ...missing, ids: beyond, most: mostAsked, remedy, distributions: beyond }),
    ].map((problem) => ({ ...problem, scope })),
  };
}

/** The tags of a distribution. Null for what is no id, and where the answer is not AWS's: neither must count as "no tags". */
export async function tagsOf(
  client: CloudFrontClient,
  id: string,
  scope: Scope,
  signal: AbortSignal | undefined,
  known: KnownTags,
): Promise<Tags | null> {
  if (!isDistributionId(id)) return null;
  const read = known.get(id);
  if (read !== undefined) return read;
  const command = new ListTagsForResourceCommand({ Resource: arnOf(id, scope) });
  const { Tags, $metadata } = await client.send(command, abortedBy(signal));
  if (Tags?.Items === undefined && $metadata.requestId === undefined) return null;
  const items = Tags?.Items ?? [];
  const tags: Tags = new Map(items.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? ""]])));
  known.set(id, tags);
  return tags;
}

/** CloudFront's ARNs name no Region. */
function arnOf(id: string, { partition, accountId }: Scope): string {
  return `arn:${partition ?? "aws"}:cloudfront::${accountId ?? ""}:distribution/${id}`;
}
