import type { Verdict } from "../judge/finding.ts";
import { originId, originsOf, originsWith } from "../report/origins.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { dayMs } from "../text/instant.ts";

/** The days, dates in UTC, on which something was wrong with an origin, with the worst of each day. */
export type BadDays = Readonly<Record<string, BadVerdict>>;
type BadVerdict = Extract<Verdict, "failing" | "at-risk">;

/** With today. */
const daysKept = 7;

/**
 * The bad days of an account's origins after a run, by `originId`. An origin without one in the last seven days has no
 * entry, so that those that are healthy take no room.
 *
 * @param at when the run took place, ISO 8601
 */
export function badDaysAfter(
  records: readonly ConnectionRecord[],
  before: Readonly<Record<string, BadDays>>,
  at: string,
): Readonly<Record<string, BadDays>> {
  const today = at.slice(0, 10);
  const oldest = new Date(Date.parse(at) - (daysKept - 1) * dayMs).toISOString().slice(0, 10);
  const configured = originsWith(records, new Set(Object.keys(before)));
  const days = new Map(
    Object.entries(before).flatMap(([id, known]) => {
      const kept = Object.entries(known).filter(([day]) => day >= oldest && day <= today);
      return configured.has(id) && kept.length > 0 ? [[id, Object.fromEntries(kept)] as const] : [];
    }),
  );
  for (const {
    verdict,
    records: [first],
  } of originsOf(records)) {
    if (verdict !== "failing" && verdict !== "at-risk") continue;
    const id = originId(first.connection);
    const known = days.get(id);
    // A run that saw it at risk does not make a day better on which another saw it fail.
    if (known?.[today] !== "failing") days.set(id, { ...known, [today]: verdict });
  }
  return Object.fromEntries([...days].sort(([a], [b]) => (a < b ? -1 : 1)));
}
