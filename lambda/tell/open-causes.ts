import type { Incident } from "../incidents/state.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { openEffect } from "../judge/open-effect.ts";
import { type Cause, causesIn } from "../report/causes.ts";
import { identity } from "../report/identity.ts";
import type { ConnectionRecord } from "../report/record.ts";

/** A finding of an origin with all the places where it was seen, and since when it is open. */
export type OpenCause = Cause & { readonly ids: readonly string[]; readonly openedAt: string };

/**
 * The findings of an origin that count, each once however many connections and addresses have it, in the order of its
 * open incidents. What only sums up what others say comes last.
 */
export function openCausesIn(records: readonly ConnectionRecord[], open: readonly Incident[]): readonly OpenCause[] {
  const order = [...new Set(open.map((finding) => finding.code))];
  const openedAt = new Map(open.map((finding) => [identity(finding), finding.openedAt]));
  const seen = records.flatMap((record) =>
    record.findings
      .filter((finding) => openEffect(record.verdict, finding.effect) !== null)
      .map((finding) => ({ finding, record })),
  );
  const rank = ({ finding: { code } }: Cause) =>
    ruleOf(code)?.sumsUp === undefined ? order.indexOf(code) : Number.MAX_SAFE_INTEGER;
  return causesIn(seen)
    .map((cause) => {
      const keys = cause.occurrences.map(({ record }) => record.connection.key);
      const ids = [...new Set(keys.map((key) => identity({ key, code: cause.finding.code })))];
      return { ...cause, ids, openedAt: ids.map((id) => openedAt.get(id) ?? "").sort()[0] ?? "" };
    })
    .toSorted((a, b) => rank(a) - rank(b));
}
