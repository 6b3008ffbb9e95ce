import { type CloudFrontClient, ListTagsForResourceCommand } from "@aws-sdk/client-cloudfront";
import type { Mute } from "../incidents/policy.ts";
import { type Tags, tagMute } from "../incidents/tag-mutes.ts";
import type { RunProblem } from "../report/record.ts";
import { type Failure, failureOf, untilAborted } from "./failure.ts";
import { detailProblem } from "./inventory-problems.ts";

export type TagMutes = { readonly mutes: readonly Mute[]; readonly problems: readonly RunProblem[] };

/** More in one run have no tags read: then something is wrong that nobody wants to be kept quiet about. */
const mostAsked = 100;

/**
 * Reads the mutes that distributions carry as tags: one ListTagsForResource each. Where the tags cannot be read nothing
 * is muted, and the problem is told.
 *
 * @param topicArn tells partition and account of the distributions
 * @param ids the distributions to ask for, the most important first
 */
export async function readTagMutes(
  client: CloudFrontClient,
  topicArn: string,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<TagMutes> {
  const mutes: Mute[] = [];
  const problems: RunProblem[] = [];
  const unread: string[] = [];
  let failure: Failure | null = null;
  for (const id of ids.slice(0, mostAsked)) {
    try {
      const read = tagMute(id, await tagsOf(client, arnOf(id, topicArn), signal));
      if (read.kind === "mute") mutes.push(read.mute);
      else if (read.kind === "wrong") problems.push(read.problem);
    } catch (error) {
      failure ??= failureOf(error, signal);
      unread.push(id);
      // What is denied for one is denied for all, and what was not asked in time will not be.
      if (failure.kind !== "other") break;
    }
  }
  const missing = detailProblem({
    what: "The tags of distributions",
    unread,
    failure,
    consequence: "what they mute is not muted",
    operation: "ListTagsForResource",
    resource: "distribution/*",
    code: "details-unreadable",
  });
  return { mutes, problems: [...problems, ...missing] };
}

async function tagsOf(client: CloudFrontClient, arn: string, signal: AbortSignal | undefined): Promise<Tags> {
  const command = new ListTagsForResourceCommand({ Resource: arn });
  const { Tags } = await untilAborted(
    client.send(command, signal === undefined ? {} : { abortSignal: signal }),
    signal,
  );
  return new Map((Tags?.Items ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? ""]])));
}

/** CloudFront's ARNs name no Region. */
function arnOf(id: string, topicArn: string): string {
  const [, partition = "aws", , , account = ""] = topicArn.split(":");
  return `arn:${partition}:cloudfront::${account}:distribution/${id}`;
}
