import { byEffect } from "../judge/effect-order.ts";
import { countedTitle } from "../report/counted.ts";
import type {
  DistributionFinding,
  DistributionRecord,
  FunctionErrors,
  PossibleCause,
  TrafficReading,
} from "../report/distribution-record.ts";
import { identity } from "../report/identity.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { Past } from "../report/past.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { hourMs } from "../text/instant.ts";
import { errorsAreOver, type RememberedCount } from "../witness/remembered-count.ts";
import { type CountedEffect, viewersGetErrors } from "../witness/viewer-errors.ts";
import { raisedIn } from "./raise.ts";
import { openFindings, type UsedDistribution } from "./used-distributions.ts";

export type Weighed = { readonly record: DistributionRecord; readonly count: RememberedCount | null };

export type WeighingContext = {
  readonly past: Past;
  /** Whether a finding of the connection is held back by a mute. */
  readonly isMuted: (record: ConnectionRecord, code: string) => boolean;
  readonly functionErrors: readonly FunctionErrors[];
  /** Why the count is not known, where it is not. */
  readonly problem: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** Possible causes and origins in order that one finding names. */
const mostNamed = 10;
/** A count that ended longer ago says nothing of now. */
const longestKnown = 2 * hourMs;

/** What a run says about a distribution itself, and what is to be remembered of its count. */
export function weighDistribution(
  distribution: UsedDistribution,
  count: RememberedCount | null,
  context: WeighingContext,
): Weighed {
  const { id: distributionId, scope } = distribution;
  const heldBy = count?.errors === undefined ? [] : holders(distribution, count, context);
  const kept = count === null ? null : withHolders(count, heldBy);
  const errors = kept?.errors;
  const findings =
    kept === null || errors === undefined || heldBy.length > 0
      ? []
      : [findingOf(distribution, errors.effect, kept, context)];
  return {
    record: {
      distributionId,
      scope,
      traffic: readingOf(kept, context),
      otherErrors: kept?.otherErrors === true,
      findings,
      over: kept !== null && findings.length === 0 && errorsAreOver(kept) ? [viewersGetErrors] : [],
    },
    count: kept,
  };
}

function withHolders(count: RememberedCount, heldBy: readonly string[]): RememberedCount {
  if (count.errors === undefined) return count;
  const { effect } = count.errors;
  return { ...count, errors: heldBy.length === 0 ? { effect } : { effect, heldBy } };
}

/**
 * The findings that say the same as the count, so that it is not told besides: errors of the distribution's connections that
 * are not muted and began within the askings that were enough, or that this very count confirmed. What held an episode back
 * goes on to as long as it is there; where it is over and viewers still get errors, they are told.
 */
function holders(
  { id, records }: UsedDistribution,
  { errors, last, previous }: RememberedCount,
  { past, isMuted }: WeighingContext,
): readonly string[] {
  if (past.viewersGetErrors(id)) return [];
  const since = Date.parse((previous ?? last).from);
  const present = records.flatMap((record) =>
    openFindings(record)
      .filter(({ effect, finding }) => effect !== "may" && !isMuted(record, finding.code))
      .map((open) => ({ ...open, isRaised: raisedIn(record).includes(open.id) })),
  );
  const earlier = errors?.heldBy;
  if (earlier === undefined) {
    const fresh = present.filter(({ id: each, isRaised }) => {
      const first = past.firstSeen(each);
      return isRaised || first === null || Date.parse(first) >= since;
    });
    return idsOf(fresh);
  }
  const muted = new Set(
    records.flatMap((record) =>
      openFindings(record).flatMap(({ id: each, finding }) => (isMuted(record, finding.code) ? [each] : [])),
    ),
  );
  const ids = new Set(present.map(({ id: each }) => each));
  return earlier.filter((each) => ids.has(each) || (past.isOpen(each) && !muted.has(each)));
}

function idsOf(findings: readonly { readonly id: string }[]): readonly string[] {
  return [...new Set(findings.map(({ id }) => id))].sort().slice(0, mostNamed);
}

function findingOf(
  { records }: UsedDistribution,
  effect: CountedEffect,
  { last, previous }: RememberedCount,
  { past, functionErrors }: WeighingContext,
): DistributionFinding {
  return {
    code: viewersGetErrors,
    effect,
    title: countedTitle(effect),
    counted: previous === undefined ? [last] : [previous, last],
    possibleCauses: possibleCauses(records, past),
    inOrder: originsOf(records)
      .filter(({ records: own }) => own.every(({ verdict }) => verdict === "healthy"))
      .slice(0, mostNamed)
      .map(({ domain, port }) => ({ domain, port })),
    functionErrors,
  };
}

function possibleCauses(records: readonly ConnectionRecord[], past: Past): readonly PossibleCause[] {
  const found = new Map<string, PossibleCause>();
  for (const { connection, findings } of records) {
    const { key, domain, port } = connection;
    for (const { code, effect, title } of findings) {
      if (effect === "note") continue;
      const id = `${originId(connection)} ${code}`;
      const other = found.get(id);
      if (other !== undefined && byEffect(other.effect, effect) <= 0) continue;
      found.set(id, { domain, port, code, effect, title, openSince: past.toldSince(identity({ key, code })) });
    }
  }
  const causes = [...found.values()];
  const known = new Set(causes.filter(({ effect }) => effect !== "unseen").map(originId));
  return (
    causes
      // Of an origin that is known to be in trouble, that it could not be checked besides is no second cause.
      .filter((cause) => cause.effect !== "unseen" || !known.has(originId(cause)))
      .sort((a, b) => byEffect(a.effect, b.effect))
      .slice(0, mostNamed)
  );
}

function readingOf(count: RememberedCount | null, { problem, now }: WeighingContext): TrafficReading {
  if (count === null || now - Date.parse(count.last.until) > longestKnown) {
    return { kind: "unknown", reason: problem ?? "it was not asked for yet" };
  }
  return { kind: "counted", current: count.last, previous: count.previous ?? null };
}
