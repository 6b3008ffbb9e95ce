import { type CloudFrontClient, ListResponseHeadersPoliciesCommand } from "@aws-sdk/client-cloudfront";
import { takeNotes } from "../configuration/api-value.ts";
import type { ById } from "../configuration/policies.ts";
import { readResponseHeaders } from "../configuration/read-response-headers.ts";
import type { Scope } from "../configuration/scope.ts";
import type { RunProblem } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { type CheckPath, checkPathTag, readCheckPath } from "../witness/edge-path.ts";
import { asking } from "./asking.ts";
import { abortedBy } from "./failure.ts";
import { detailProblem, unclearDetails } from "./inventory-problems.ts";
import { readPages } from "./pages.ts";
import { type KnownTags, tagsOf } from "./tags.ts";

type Problem = Omit<RunProblem, "scope">;

/**
 * Lists the account's own response headers policies: the headers, in lower case, that each sets or removes. One that is
 * missing is not known, and what depends on it is not asked.
 */
export async function listResponseHeaders(
  client: CloudFrontClient,
  signal: AbortSignal,
): Promise<{ readonly headers: ById<readonly string[]>; readonly problems: readonly Problem[] }> {
  const notes = takeNotes();
  const headers: Record<string, readonly string[]> = {};
  const { failure } = await readPages(
    pages(client, signal),
    (list) => {
      Object.assign(headers, readResponseHeaders(list, notes));
    },
    signal,
  );
  const unread = failure === null ? [] : ["of this account"];
  const problem = detailProblem({
    what: "The response headers policies",
    unread,
    failure,
    consequence: "behaviors that use one are not asked through CloudFront",
    operation: "ListResponseHeadersPolicies",
    resource: "*",
    code: "details-unreadable",
  });
  return { headers, problems: [...problem, ...unclearDetails(notes.problems)] };
}

async function* pages(client: CloudFrontClient, signal: AbortSignal) {
  let marker: string | undefined;
  do {
    const command = new ListResponseHeadersPoliciesCommand({ Type: "custom", Marker: marker, MaxItems: 100 });
    const { ResponseHeadersPolicyList: list } = await client.send(command, abortedBy(signal));
    yield list;
    marker = list?.NextMarker;
  } while (marker);
}

/**
 * What the owners of distributions say of asking through them, by the tag `origin-watch:check-path`: one
 * ListTagsForResource each. One whose tags could not be read is not in the result: its owner may have said never.
 *
 * @param ids no more than a run asks through
 * @param known what is read is added
 */
export async function readCheckPaths(
  client: CloudFrontClient,
  scope: Scope,
  ids: readonly string[],
  signal: AbortSignal,
  known: KnownTags = new Map(),
): Promise<{ readonly checkPaths: ReadonlyMap<string, CheckPath>; readonly problems: readonly Problem[] }> {
  const checkPaths = new Map<string, CheckPath>();
  const problems: Problem[] = [];
  const tags = asking(signal);
  for (const id of ids) {
    const found = await tags.ask(id, () => tagsOf(client, id, scope, signal, known));
    if (found === null) continue;
    const value = found.get(checkPathTag)?.trim();
    const checkPath = readCheckPath(value);
    checkPaths.set(id, checkPath);
    if (checkPath.kind === "invalid") problems.push(invalidTag(id, value ?? ""));
  }
  const unread = detailProblem({
    what: "The tags of distributions",
    ...tags.result(),
    consequence: "nothing is asked through them",
    operation: "ListTagsForResource",
    resource: "distribution/*",
    code: "details-unreadable",
  });
  return { checkPaths, problems: [...problems, ...unread] };
}

function invalidTag(distribution: string, value: string): Problem {
  return {
    code: "check-path-unreadable",
    message:
      `The tag ${checkPathTag} of distribution ${printable(distribution, 64)} is "${printable(value, 60)}", ` +
      "so nothing is asked through it.",
    remedy: "Give it a path that viewers may ask for, such as /health, or the word never.",
  };
}
