import { entries, isObject, member, type Notes, type Part, takeNotes, text } from "./api-value.ts";
import type { ById } from "./policies.ts";

/** The default quota is 20 custom policies; the others are AWS's. */
const mostPolicies = 2_000;
/** The default quota is 10 headers that a policy sets, and 10 that it removes. */
const mostHeaders = 200;

/**
 * Reads which headers response headers policies set to values of their owner's choice, or remove, from the answer to
 * ListResponseHeadersPolicies: names in lower case, by the id of the policy. Values are not read. Headers for CORS and
 * security are left out, because nobody recognises an origin by them. A policy that cannot be read completely is not in
 * the result.
 *
 * @param list the member `ResponseHeadersPolicyList` of an answer
 */
export function readResponseHeaders(list: unknown, notes: Notes): ById<readonly string[]> {
  const policies = entries({ path: "ResponseHeadersPolicyList", value: list }, mostPolicies, notes);
  return Object.fromEntries(
    policies.flatMap((entry): (readonly [string, readonly string[]])[] => {
      const policy = member(entry, "ResponseHeadersPolicy");
      const config = member(policy, "ResponseHeadersPolicyConfig");
      const own = takeNotes();
      const id = text(member(policy, "Id"), own);
      const names = ["CustomHeadersConfig", "RemoveHeadersConfig"].flatMap((kind) => namesIn(config, kind, own));
      notes.problems.push(...own.problems);
      const isComplete = isObject(config.value) && own.problems.length === 0 && !names.includes(null);
      return id === null || !isComplete ? [] : [[id, names.flatMap((name) => name?.toLowerCase() ?? [])]];
    }),
  );
}

/** Null stands for a header without a name. */
function namesIn(config: Part, kind: string, notes: Notes): readonly (string | null)[] {
  return entries(member(config, kind), mostHeaders, notes).map((entry) => text(member(entry, "Header"), notes));
}
