import { byEffect } from "../judge/effect-order.ts";
import type { Verdict } from "../judge/finding.ts";
import { byVerdict } from "../judge/verdict.ts";
import { accountInFull } from "../report/account-name.ts";
import { type Affected, affectedBy } from "../report/affected.ts";
import { type Cause, causesIn } from "../report/causes.ts";
import { accountsOf } from "../report/checked-where.ts";
import { firstToEnd } from "../report/expiries.ts";
import type { FittingRecord } from "../report/fitting-record.ts";
import { originsOf, worstVerdict } from "../report/origins.ts";
import { alphabetically } from "../text/alphabet.ts";
import type { NonEmpty } from "../text/non-empty.ts";
import { hostAndPort } from "../text/phrase.ts";
import type { OpenSince, OpenSinceOf } from "./open-since.ts";

/** An origin, or what one distribution uses of it, as a board shows it. */
export type OriginView = {
  readonly domain: string;
  readonly port: number;
  /** Domain, with the port where it is not the usual one. */
  readonly name: string;
  readonly verdict: Verdict;
  /** The worst connections first. */
  readonly records: readonly FittingRecord[];
  /** The findings, those that decide about the verdict first. */
  readonly causes: readonly Cause[];
  /** Whom the connections with the worst verdict concern. */
  readonly affected: readonly Affected[];
  /** Whose it is, with name and id, where the board has several accounts; else empty. */
  readonly accounts: readonly string[];
  /** When the server certificate ends that ends first, in ms since the epoch; null where none was seen. */
  readonly expiry: number | null;
  readonly open: OpenSince;
};

/** All origins: the worst first, then those whose failure reaches most viewers. */
export function originViews(records: readonly FittingRecord[], memory: OpenSinceOf): readonly OriginView[] {
  const isOne = accountsOf(records).length < 2;
  return originsOf(records)
    .map((origin) => originView(origin.records, memory, isOne ? [] : accountsInFull(origin.records)))
    .sort(compareOrigins);
}

function accountsInFull(records: readonly FittingRecord[]): readonly string[] {
  return accountsOf(records).flatMap((scope) => accountInFull(scope) ?? []);
}

/**
 * @param records connections to one origin
 * @param accounts whose it is, where that is to be said
 */
export function originView(
  records: NonEmpty<FittingRecord>,
  memory: OpenSinceOf,
  accounts: readonly string[] = [],
): OriginView {
  const sorted = records.toSorted(byVerdict);
  const verdict = worstVerdict(sorted);
  const [{ connection }] = records;
  const { domain, port } = connection;
  const occurrences = sorted.flatMap((record) => record.findings.map((finding) => ({ finding, record })));
  const causes = causesIn(occurrences).toSorted((a, b) => byEffect(a.finding.effect, b.finding.effect));
  return {
    domain,
    port,
    name: hostAndPort({ domain, port }),
    verdict,
    records: sorted,
    causes,
    affected: affectedBy(sorted.filter((record) => record.verdict === verdict)),
    accounts,
    expiry: firstToEnd(sorted)?.end ?? null,
    open: memory(sorted, causes),
  };
}

/** Whether somebody should look at it. */
export function needsAttention({ verdict }: OriginView): boolean {
  return verdict === "failing" || verdict === "at-risk" || verdict === "unknown";
}

/** An origin that viewers depend on directly is worse than one that is asked after a failover only. */
export function compareOrigins(a: OriginView, b: OriginView): number {
  return (
    byVerdict(a, b) ||
    Number(isAskedFirst(b)) - Number(isAskedFirst(a)) ||
    b.affected.length - a.affected.length ||
    Number(isDefault(b)) - Number(isDefault(a)) ||
    alphabetically(a.name, b.name)
  );
}

function isAskedFirst({ affected }: OriginView): boolean {
  return affected.some(({ usedFirst, staging }) => usedFirst && !staging);
}

function isDefault({ affected }: OriginView): boolean {
  return affected.some((entry) => entry.isDefault);
}
