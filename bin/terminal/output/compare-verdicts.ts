import type { Verdict } from "../../../lambda/judge/finding.ts";
import { worstFirst } from "../../../lambda/judge/verdict.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";

/** What a changed configuration would do to one origin of one distribution. */
export type Difference = {
  readonly kind: "breaks" | "risks" | "heals" | "unclear";
  readonly distributionId: string;
  readonly originId: string;
  readonly domain: string;
  readonly port: number;
  readonly pathPatterns: readonly string[];
  readonly aliases: readonly string[];
  readonly before: Verdict;
  readonly after: Verdict;
  /** The worst connection as it would be. */
  readonly record: ConnectionRecord;
};

const kinds = ["breaks", "risks", "unclear", "heals"] as const;

/**
 * Compares the verdicts on every origin of every distribution, the worst connection of each deciding. What stays as it
 * is, is left out: what is broken before and after is only counted.
 */
export function differences(
  before: readonly ConnectionRecord[],
  after: readonly ConnectionRecord[],
): { readonly found: readonly Difference[]; readonly stillFailing: number } {
  const earlier = worstByUse(before);
  const later = worstByUse(after);
  const isFailing = (worst: Worst | undefined) => worst?.record.verdict === "failing";
  const found = [...later].flatMap(([id, { record, use }]): Difference[] => {
    const was = earlier.get(id)?.record.verdict ?? "skipped";
    const kind = kindOf(was, record.verdict);
    if (kind === null) return [];
    const { distributionId, originId, pathPatterns, aliases } = use;
    const { domain, port } = record.connection;
    return [
      {
        kind,
        distributionId,
        originId,
        domain,
        port,
        pathPatterns,
        aliases,
        before: was,
        after: record.verdict,
        record,
      },
    ];
  });
  return {
    found: found.toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind)),
    stillFailing: [...later].filter(([id, worst]) => isFailing(worst) && isFailing(earlier.get(id))).length,
  };
}

function kindOf(before: Verdict, after: Verdict): Difference["kind"] | null {
  if (before === after) return null;
  switch (after) {
    case "failing":
      return "breaks";
    case "at-risk":
      return before === "failing" ? "heals" : "risks";
    case "unknown":
      return "unclear";
    case "healthy":
      return before === "failing" || before === "at-risk" ? "heals" : null;
    case "skipped":
      return null;
  }
}

/** One origin of one distribution. */
export function useId({
  distributionId,
  originId,
}: Pick<ConnectionRecord["uses"][number], "distributionId" | "originId">): string {
  return `${distributionId} ${originId}`;
}

type Worst = { readonly record: ConnectionRecord; readonly use: ConnectionRecord["uses"][number] };

function worstByUse(records: readonly ConnectionRecord[]): ReadonlyMap<string, Worst> {
  const worst = new Map<string, Worst>();
  for (const record of records) {
    for (const use of record.uses) {
      const id = useId(use);
      const known = worst.get(id);
      if (known === undefined || rank(record) < rank(known.record)) worst.set(id, { record, use });
    }
  }
  return worst;
}

function rank({ verdict }: ConnectionRecord): number {
  return worstFirst.indexOf(verdict);
}
