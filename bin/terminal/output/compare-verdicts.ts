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
  /** In a template, the answers to open conditions under which there is such a connection; absent where always. */
  readonly onlyWhere?: readonly string[];
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
    const predecessorsOfEach = predecessorsOf(earlier.get(id) ?? [], later);
    for (const ofUse of later) {
      const { record } = ofUse.checked;
      const predecessors = [...(predecessorsOfEach.get(ofUse) ?? [])];
      const changed = predecessors.filter((each) => each.signature !== ofUse.checked.signature);
      const was: readonly Verdict[] =
        predecessors.length === 0 ? ["skipped"] : changed.map((each) => each.record.verdict);
      if (record.verdict === "failing" && was.includes("failing")) stillFailing.add(id);
      const kind = was.map((verdict) => kindOf(verdict, record.verdict)).toSorted(byKind)[0] ?? null;
      // Of a name that few viewers use the same fault weighs less, which fixes nothing.
      const isMinor = ({ planned }: Checked) => planned.connection.weight === "low";
      const isMilder = kind === "heals" && isMinor(ofUse.checked) && !predecessors.some(isMinor);
      if (kind === null || isMilder) continue;
      const { distributionId, originId, pathPatterns, aliases, onlyWhere } = ofUse.use;
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
        ...(onlyWhere === undefined ? {} : { onlyWhere }),
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
 * The connections that the requests of each one take now: what is the same connection before and after, and of the rest
 * what is most alike. What vanishes without a successor of its own goes to what is left.
 */
function predecessorsOf(earlier: readonly OfUse[], later: readonly OfUse[]): ReadonlyMap<OfUse, ReadonlySet<Checked>> {
  const predecessors = new Map(later.map((each) => [each, new Set<Checked>()]));
  const [open, vacant] = [new Set(earlier), new Set(later)];
  for (const identity of identities) {
    const successors = Map.groupBy(vacant, ({ checked }) => identity(checked));
    for (const each of open) {
      for (const successor of successors.get(identity(each.checked)) ?? []) {
        predecessors.get(successor)?.add(each.checked);
        open.delete(each);
        vacant.delete(successor);
      }
    }
  }
  for (const each of open) {
    for (const pathPattern of each.use.pathPatterns) {
      const successor = first(nearest(each, later, [pathPattern]));
      if (successor !== undefined) predecessors.get(successor)?.add(each.checked);
    }
  }
  for (const each of vacant) {
    for (const { checked } of nearest(each, earlier, each.use.pathPatterns)) predecessors.get(each)?.add(checked);
  }
  return predecessors;
}

type Identity = (checked: Checked) => string;

/**
 * What makes two connections one before and after a change, the narrowest first: branches of a condition and cache
 * behaviors have connections that differ in a port or in what is known of them only.
 */
const identities: readonly Identity[] = [
  ({ signature }) => signature,
  ({ planned: { connection, ...how } }) =>
    JSON.stringify([how, { ...connection, key: "", uses: [], originSslProtocols: [] }]),
  ({ planned: { connection: c } }) =>
    JSON.stringify([c.domain, c.port, c.scheme, c.serverName, c.forwardedHost, c.alpn]),
  ({ planned: { connection: c } }) => JSON.stringify([c.domain, c.port, c.scheme, c.forwardedHost, c.alpn]),
  ({ planned: { connection: c, ...how } }) => JSON.stringify([how, c.port, c.scheme, c.forwardedHost, c.alpn]),
  ({ planned: { connection: c } }) => JSON.stringify([c.port, c.scheme, c.forwardedHost, c.alpn]),
  ({ planned: { connection: c } }) => JSON.stringify([c.scheme, c.forwardedHost, c.alpn]),
];

/** Where another Host is sent, or over another scheme. */
const likenesses: readonly Identity[] = [
  ({ planned: { connection: c } }) => JSON.stringify([c.domain, c.port, c.scheme]),
  ({ planned: { connection: c } }) => JSON.stringify([c.port, c.scheme]),
  ({ planned: { connection: c } }) => c.scheme,
];

/** Those that take requests of one of the path patterns, in the same branch, and of these the ones most alike. */
function nearest({ checked, use }: OfUse, all: readonly OfUse[], pathPatterns: readonly string[]): readonly OfUse[] {
  const sharing = all.filter((each) => each.use.pathPatterns.some((pattern) => pathPatterns.includes(pattern)));
  const beside = sharing.filter((each) => each.use.onlyWhere?.join() === use.onlyWhere?.join());
  const eligible = [beside, sharing].find((each) => each.length > 0) ?? all;
  const alike = likenesses.map((likeness) => eligible.filter((each) => likeness(each.checked) === likeness(checked)));
  return alike.find((each) => each.length > 0) ?? eligible;
}

/** The one that gets the requests of connections that are no longer made: over HTTPS where there is one. */
function first(all: readonly OfUse[]): OfUse | undefined {
  return all.find(({ checked }) => checked.planned.connection.scheme === "https") ?? all[0];
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
