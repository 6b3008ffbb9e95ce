import { printable } from "../text/printable.ts";
import {
  entries,
  isLeftOpen,
  isObject,
  member,
  mismatch,
  type Notes,
  outline,
  type Part,
  takeNotes,
  text,
  texts,
} from "./api-value.ts";
import { expressionsIn, isOpen } from "./placeholder.ts";
import {
  type CachePolicyHeaders,
  cacheHeaderBehaviors,
  type OriginRequestPolicyHeaders,
  originRequestHeaderBehaviors,
  type Policies,
} from "./policies.ts";

export type PoliciesResult =
  | {
      readonly kind: "policies";
      readonly policies: Policies;
      /** Policies that could not be read, one sentence each; what depends on them stays unresolved. */
      readonly problems: readonly string[];
    }
  | { readonly kind: "unrecognised"; readonly problem: string };

/** The default quota is 20 custom policies of each kind beside AWS's dozens. */
const mostPolicies = 2_000;
const mostHeaders = 100;

/**
 * Reads the saved output of `aws cloudfront list-cache-policies` and `list-origin-request-policies`, or of
 * `get-cache-policy` and `get-origin-request-policy`: one of them, or a list of any of these.
 */
export function readPolicies(json: unknown): PoliciesResult {
  const answers: readonly unknown[] = Array.isArray(json) ? json : [json];
  const cache = new Map<string, CachePolicyHeaders>();
  const originRequest = new Map<string, OriginRequestPolicyHeaders>();
  const notes = takeNotes();
  for (const answer of answers) {
    const root = { path: "", value: answer };
    const cachePolicies = policyParts(root, "CachePolicy", notes);
    const originRequestPolicies = policyParts(root, "OriginRequestPolicy", notes);
    if (cachePolicies === null && originRequestPolicies === null) {
      return {
        kind: "unrecognised",
        problem:
          "expected the output of `aws cloudfront list-cache-policies` or `list-origin-request-policies`, " +
          `got ${outline(answer)}`,
      };
    }
    for (const part of cachePolicies ?? []) {
      const read = readCachePolicy(part, notes);
      if (read !== null) cache.set(read.id, read.headers);
    }
    for (const part of originRequestPolicies ?? []) {
      const read = readOriginRequestPolicy(part, notes);
      if (read !== null) originRequest.set(read.id, read.headers);
    }
  }
  return {
    kind: "policies",
    policies: { cache: Object.fromEntries(cache), originRequest: Object.fromEntries(originRequest) },
    problems: notes.problems,
  };
}

/** The policies of a list answer (`CachePolicyList`) or of a get answer (`CachePolicy`), null when it is neither. */
function policyParts(root: Part, name: string, notes: Notes): Part[] | null {
  const single = member(root, name);
  if (isObject(single.value)) return [single];
  const list = member(root, `${name}List`);
  if (!isObject(list.value)) return null;
  return entries(list, mostPolicies, notes).map((entry) => member(entry, name));
}

function readCachePolicy(part: Part, notes: Notes): { id: string; headers: CachePolicyHeaders } | null {
  const parameters = member(member(part, "CachePolicyConfig"), "ParametersInCacheKeyAndForwardedToOrigin");
  return readHeaders(part, member(parameters, "HeadersConfig"), cacheHeaderBehaviors, notes);
}

function readOriginRequestPolicy(part: Part, notes: Notes): { id: string; headers: OriginRequestPolicyHeaders } | null {
  const config = member(member(part, "OriginRequestPolicyConfig"), "HeadersConfig");
  return readHeaders(part, config, originRequestHeaderBehaviors, notes);
}

function readHeaders<T extends string>(
  policy: Part,
  config: Part,
  behaviors: readonly T[],
  notes: Notes,
): { id: string; headers: { headerBehavior: T; headers: string[] } } | null {
  const id = text(member(policy, "Id"), notes);
  if (id === null) {
    notes.problems.push(`${mismatch(policy, "a policy with Id")}; left out`);
    return null;
  }
  const given = member(config, "HeaderBehavior");
  const listed = texts(member(config, "Headers"), mostHeaders, notes);
  // What a template leaves open may be Host: the policy is as unknown as one of elsewhere.
  const own = [isLeftOpen(config, notes), isLeftOpen(given, notes), listed.some(isOpen)];
  if (own.includes(true)) {
    notes.open.push(...listed.flatMap(expressionsIn));
    return null;
  }
  const headerBehavior = behaviors.find((known) => known === given.value);
  if (headerBehavior === undefined) {
    const got = typeof given.value === "string" ? `"${printable(given.value, 40)}"` : "no text";
    notes.problems.push(
      `policy ${printable(id, 64)}: ${given.path}: expected one of ${behaviors.join(", ")}, got ${got}; left out`,
    );
    return null;
  }
  return { id, headers: { headerBehavior, headers: listed } };
}
