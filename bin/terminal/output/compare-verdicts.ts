import type { Verdict } from "../../../lambda/judge/finding.ts";
import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { groupedBy } from "../../../lambda/text/non-empty.ts";

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
  /** The connection as it would be. */
  readonly record: ConnectionRecord;
};

const kinds = ["breaks", "risks", "unclear", "heals"] as const;

/** A connection of a plan, and what was found. */
export type Checked = {
  readonly planned: PlannedConnection;
  /** All that decides what is seen: the same for two connections means that nothing changes. */
  readonly signature: string;
  readonly record: ConnectionRecord;
};

/**
 * Compares the verdicts connection by connection: what becomes of the requests that take each one now. What stays as it is,
 * is left out: what is broken before and after is only counted.
 */
export function differences(
  before: readonly Checked[],
  after: readonly Checked[],
): { readonly found: readonly Difference[]; readonly stillFailing: number } {
  const earlier = byUse(before);
  const found: Difference[] = [];
  const stillFailing = new Set<string>();
  for (const [id, later] of byUse(after)) {
    for (const { checked, use } of later) {
      const { record } = checked;
      const predecessors = predecessorsOf(checked, earlier.get(id) ?? [], later);
      const changed = predecessors.filter((each) => each.signature !== checked.signature);
      const was: readonly Verdict[] =
        predecessors.length === 0 ? ["skipped"] : changed.map((each) => each.record.verdict);
      if (record.verdict === "failing" && was.includes("failing")) stillFailing.add(id);
      const kind = was.map((verdict) => kindOf(verdict, record.verdict)).toSorted(byKind)[0] ?? null;
      // Of a name that few viewers use the same fault weighs less, which fixes nothing.
      const isMinor = ({ planned }: Checked) => planned.connection.weight === "low";
      const isMilder = kind === "heals" && isMinor(checked) && !predecessors.some(isMinor);
      if (kind === null || isMilder) continue;
      const { distributionId, originId, pathPatterns, aliases } = use;
      const { domain, port } = record.connection;
      const old = was.find((verdict) => kindOf(verdict, record.verdict) === kind) ?? "skipped";
      found.push({
        kind,
        distributionId,
        originId,
        domain,
        port,
        pathPatterns,
        aliases,
        before: old,
        after: record.verdict,
        record,
      });
    }
  }
  return { found: found.toSorted((a, b) => byKind(a.kind, b.kind)), stillFailing: stillFailing.size };
}

function byKind(a: Difference["kind"] | null, b: Difference["kind"] | null): number {
  const rank = (kind: Difference["kind"] | null) => (kind === null ? kinds.length : kinds.indexOf(kind));
  return rank(a) - rank(b);
}

type OfUse = { readonly checked: Checked; readonly use: ConnectionRecord["uses"][number] };

function byUse(all: readonly Checked[]): ReadonlyMap<string, readonly OfUse[]> {
  const uses = all.flatMap((checked) => checked.record.uses.map((use) => ({ checked, use })));
  return groupedBy(uses, ({ use }) => useId(use));
}

/**
 * The connections that the requests of this one take now: the one for the same scheme and viewers' Host; and where there
 * is none, those that have no other successor, the nearest kind of them.
 */
function predecessorsOf(checked: Checked, earlier: readonly OfUse[], later: readonly OfUse[]): readonly Checked[] {
  const all = earlier.map((each) => each.checked);
  const same = all.filter((each) => isSameSlot(each, checked));
  const replaced = all.filter((each) => !later.some((other) => isSameSlot(each, other.checked)));
  // What vanishes without a successor of its own goes to what is left.
  if (same.length > 0) return [...same, ...(isFirst(checked, later) ? replaced : [])];
  const near = all.filter(({ planned }) => planned.connection.scheme === checked.planned.connection.scheme);
  return near.length > 0 ? near : all;
}

function isSameSlot({ planned: { connection: a } }: Checked, { planned: { connection: b } }: Checked): boolean {
  return a.scheme === b.scheme && a.forwardedHost === b.forwardedHost && a.alpn.join() === b.alpn.join();
}

/** The one that gets the requests of connections that are no longer made: over HTTPS where there is one. */
function isFirst(checked: Checked, later: readonly OfUse[]): boolean {
  const connections = later.map((each) => each.checked);
  const first = connections.find(({ planned }) => planned.connection.scheme === "https") ?? connections[0];
  return first === checked;
}

/** What is unknown before and after is not known to stay as it is. */
function kindOf(before: Verdict, after: Verdict): Difference["kind"] | null {
  if (before === after && after !== "unknown") return null;
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
