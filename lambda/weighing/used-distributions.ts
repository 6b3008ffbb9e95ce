import type { Scope } from "../configuration/scope.ts";
import { ruleOf } from "../judge/catalogue.ts";
import type { Finding } from "../judge/finding.ts";
import { type OpenEffect, openEffect } from "../judge/open-effect.ts";
import { identity } from "../report/identity.ts";
import type { Past } from "../report/past.ts";
import type { ConnectionRecord } from "../report/record.ts";

/** A distribution that viewers use, with the connections that CloudFront makes for it. */
export type UsedDistribution = {
  readonly id: string;
  readonly scope: Scope;
  readonly records: readonly ConnectionRecord[];
};

/** The distributions of a run that may have viewers, in the order of their first connection. */
export function usedDistributions(records: readonly ConnectionRecord[]): ReadonlyMap<string, UsedDistribution> {
  const used = new Map<string, { id: string; scope: Scope; records: ConnectionRecord[] }>();
  for (const record of records) {
    if (record.skipped === "distribution-disabled" || record.skipped === "no-viewers") continue;
    for (const { distributionId: id, scope, enabled } of record.uses) {
      if (!enabled) continue;
      const known = used.get(id) ?? { id, scope, records: [] };
      if (known.records.at(-1) !== record) known.records.push(record);
      used.set(id, known);
    }
  }
  return used;
}

/** Findings of a connection that are reported, with what they mean. */
export function openFindings(
  record: ConnectionRecord,
): readonly { readonly finding: Finding; readonly effect: OpenEffect; readonly id: string }[] {
  return record.findings.flatMap((finding) => {
    const effect = openEffect(record.verdict, finding.effect);
    return effect === null
      ? []
      : [{ finding, effect, id: identity({ key: record.connection.key, code: finding.code }) }];
  });
}

/**
 * Whether CloudFront's count is wanted in this run and not once an hour: its rule lets CloudFront witness it, or it is an
 * error that is told now for the first time. What can never be seen from here is asked as often as everything else.
 */
export function isInDoubt({ records }: UsedDistribution, past: Past): boolean {
  return records.some((record) =>
    openFindings(record).some(({ finding, effect, id }) => {
      const { witness = "none" } = ruleOf(finding.code);
      return witness !== "none" || (effect !== "may" && past.firstSeen(id) === null);
    }),
  );
}
