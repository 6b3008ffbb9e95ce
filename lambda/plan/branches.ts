import type { Assumption } from "../configuration/distribution.ts";
import { placeholder } from "../configuration/placeholder.ts";
import type { Use } from "./connection.ts";
import { connectionKey, type WithoutKey } from "./connection-key.ts";

/** A connection of a distribution with its uses. */
export type PlannedUse = { readonly planned: WithoutKey; readonly uses: readonly Use[]; readonly originId: string };

/** What is planned for a distribution of a template under one set of answers to its open conditions. */
export type Branch = { readonly assumed: readonly Assumption[]; readonly planned: readonly PlannedUse[] };

/**
 * Merges the plans of one distribution under every set of answers. Where every set of answers decides which connections
 * an origin has, the origin has all of them, and each says under which answers. Where one set leaves something open
 * that others decide, the origin has one row, which names the conditions.
 */
export function settleBranches(branches: readonly Branch[]): readonly PlannedUse[] {
  const [only, ...others] = branches;
  if (only === undefined || others.length === 0) return only?.planned ?? [];
  const origins = new Set(branches.flatMap(({ planned }) => planned.map(({ originId }) => originId)));
  return [...origins].flatMap((originId) =>
    settleOrigin(
      branches.map(({ assumed, planned }) => {
        const own = planned.filter((each) => each.originId === originId);
        return { assumed, planned: own, keys: new Set(own.map((each) => connectionKey(each.planned))) };
      }),
    ),
  );
}

type OfOrigin = Branch & { readonly keys: ReadonlySet<string> };

function settleOrigin(branches: readonly OfOrigin[]): readonly PlannedUse[] {
  const all = branches.flatMap(({ planned }) => planned);
  const deciding = decidingSubjects(branches);
  const isEverywhere = (key: string) => branches.every(({ keys }) => keys.has(key));
  const open = all.find(({ planned }) => isOpen(planned) && !isEverywhere(connectionKey(planned)));
  if (open !== undefined) return [oneForAll(open, all, branches, deciding)];
  // An origin that is unused with one answer and used with another is used.
  const isUsed = all.some(({ planned }) => !isIdle(planned));
  return all
    .filter(({ planned }) => !isUsed || !isIdle(planned))
    .map((each) => {
      const key = connectionKey(each.planned);
      if (isEverywhere(key)) return each;
      const having = branches.filter(({ keys }) => keys.has(key));
      const answers = new Set(having.map((branch) => answersTo(deciding, branch)));
      return { ...each, uses: each.uses.map((use) => ({ ...use, onlyWhere: [...answers] })) };
    });
}

function isOpen(planned: WithoutKey): boolean {
  if (planned.kind !== "unseen") return false;
  const { kind } = planned.reason;
  return kind === "template-value-unresolved" || kind === "policy-unresolved" || kind === "viewer-host-unknown";
}

function isIdle(planned: WithoutKey): boolean {
  return planned.kind === "skipped" && planned.reason !== "s3-origin" && planned.reason !== "http-only";
}

/** One row for an origin where open conditions decide whether anything else is open. */
function oneForAll(
  { planned, originId }: PlannedUse,
  all: readonly PlannedUse[],
  branches: readonly OfOrigin[],
  deciding: ReadonlySet<string>,
): PlannedUse {
  const assumed = branches.flatMap((branch) => branch.assumed.filter(({ subject }) => deciding.has(subject)));
  const conditions = unique(assumed.flatMap((each) => each.conditions));
  const expressions = conditions.length > 0 ? conditions : unique(assumed.map(({ subject }) => subject));
  const domains = unique(all.map((each) => each.planned.connection.domain));
  // Origins that depend on the same conditions stay apart.
  const domain =
    domains.length === 1
      ? planned.connection.domain
      : placeholder(`${expressions.join(" ")}: ${domains.join(" or ")}`.slice(0, 200));
  const connection = { ...planned.connection, domain, serverName: null, forwardedHost: null, acceptedNames: [domain] };
  return {
    planned: {
      kind: "unseen",
      connection,
      reason: {
        kind: "template-value-unresolved",
        expressions,
        parameters: unique(assumed.flatMap((each) => each.parameters)),
      },
    },
    originId,
    uses: all.flatMap(({ uses }) => uses),
  };
}

/**
 * The subjects whose answers change an origin, found by comparing branches that differ in as few answers as possible.
 */
function decidingSubjects(branches: readonly OfOrigin[]): ReadonlySet<string> {
  const differences = branches.flatMap((one, index) =>
    branches.slice(index + 1).flatMap((other) => (isSame(one.keys, other.keys) ? [] : [differentAnswers(one, other)])),
  );
  const fewest = Math.min(...differences.map(({ length }) => length));
  return new Set(differences.filter(({ length }) => length === fewest).flat());
}

function isSame(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size === others.size && [...some].every((key) => others.has(key));
}

function differentAnswers({ assumed: one }: Branch, { assumed: other }: Branch): readonly string[] {
  const subjects = unique([...one, ...other].map(({ subject }) => subject));
  const answerOf = (assumed: readonly Assumption[], subject: string) =>
    assumed.find((each) => each.subject === subject)?.answer;
  return subjects.filter((subject) => answerOf(one, subject) !== answerOf(other, subject));
}

function answersTo(subjects: ReadonlySet<string>, { assumed }: Branch): string {
  return assumed
    .filter(({ subject }) => subjects.has(subject))
    .map(({ answer }) => answer)
    .join(" and ");
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
