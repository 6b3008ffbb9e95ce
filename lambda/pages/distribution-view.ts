import type { Verdict } from "../judge/finding.ts";
import { byVerdict } from "../judge/verdict.ts";
import { accountInFull } from "../report/account-name.ts";
import type { Affected } from "../report/affected.ts";
import { affectedBy } from "../report/affected.ts";
import { accountsOf } from "../report/checked-where.ts";
import type { FittingRecord } from "../report/fitting-record.ts";
import { originsOf, worstVerdict } from "../report/origins.ts";
import type { OpenSinceOf } from "./open-since.ts";
import { compareOrigins, type OriginView, originView } from "./origin-view.ts";

/** A distribution with its origins, the worst first. */
export type DistributionView = {
  readonly about: Affected;
  readonly verdict: Verdict;
  /** Whose it is, with name and id, where there are several accounts; else null. */
  readonly account: string | null;
  readonly origins: readonly OriginView[];
};

/**
 * All distributions, the worst first. What is said of an origin is about the connections that this very distribution
 * makes to it: with another server name the same origin may be well.
 */
export function distributionViews(records: readonly FittingRecord[], memory: OpenSinceOf): readonly DistributionView[] {
  const using = records.flatMap((record) =>
    [...Map.groupBy(record.uses, (use) => use.distributionId)].map(([id, uses]) => ({
      id,
      record: { ...record, uses },
    })),
  );
  const isOne = accountsOf(records).length < 2;
  return [...Map.groupBy(using, ({ id }) => id).values()]
    .flatMap((group): DistributionView[] => {
      const own = group.map(({ record }) => record);
      const origins = originsOf(own)
        .map((origin) => originView(origin.records, memory))
        .sort(compareOrigins);
      const [about] = affectedBy(own);
      if (about === undefined) return [];
      return [{ about, verdict: worstVerdict(own), account: isOne ? null : accountInFull(about.scope), origins }];
    })
    .sort(compareDistributions);
}

/**
 * Distributions by the account that they are in, in the order of their first ones; one group where there is one account. No two
 * accounts are taken for one, whatever they call themselves.
 */
export function byAccount(
  views: readonly DistributionView[],
): readonly { readonly account: string | null; readonly views: readonly DistributionView[] }[] {
  return [...Map.groupBy(views, ({ account }) => account)].map(([account, own]) => ({ account, views: own }));
}

function compareDistributions(a: DistributionView, b: DistributionView): number {
  return (
    byVerdict(a, b) ||
    Number(a.about.staging) - Number(b.about.staging) ||
    worstCount(b) - worstCount(a) ||
    (a.about.distributionId < b.about.distributionId ? -1 : 1)
  );
}

function worstCount({ verdict, origins }: DistributionView): number {
  return origins.filter((origin) => origin.verdict === verdict).length;
}
