import { probeFailed } from "../judge/findings/probe-failed.ts";
import { originId, originsOf, originsWith } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import type { MuteInForce } from "./mute-claim.ts";
import { mutesOf, usesOf } from "./mute-of.ts";
import { isDue, type SettledPolicy } from "./policy.ts";
import type { NotChecked, State } from "./state.ts";

/**
 * Tracks the origins that could not be checked. They are reported at most once a day, and only if some of them are new
 * and could not be checked in as many runs in a row as confirm a finding. A muted origin counts as new when its mute
 * expires. An origin for which no run had time counts like any other.
 *
 * Of those that were reported, the ones that every run of a day could check are reported once more, and then forgotten.
 *
 * @param asOne what is sent cannot be recorded, so that nothing may be forgotten
 */
export function compareNotChecked(
  before: Pick<State, "blindSpots" | "blindSpotsTold">,
  report: RunReport,
  now: Date,
  { confirmations, mutes }: SettledPolicy,
  asOne: boolean,
): NotCheckedComparison {
  const at = now.toISOString();
  const known = new Map(before.blindSpots.map((entry) => [originId(entry), entry]));
  const muted = new Map<string, readonly MuteInForce[]>();
  const current = originsOf(report.records).flatMap(({ domain, port, records }): NotChecked[] => {
    const reasons = records
      .filter(({ verdict }) => verdict === "unknown")
      .flatMap(({ findings }) =>
        findings.filter(({ effect, code }) => effect === "unseen" && code !== probeFailed.code),
      );
    if (reasons.length === 0) return [];
    const uses = usesOf(records);
    const held = reasons.map(({ code }) => mutesOf({ domain, uses, code }, mutes, now));
    const unmuted = reasons.find((_, index) => held[index]?.length === 0);
    const first = unmuted ?? reasons[0];
    if (first === undefined) return [];
    if (unmuted === undefined) muted.set(originId({ domain, port }), [...new Set(held.flat())]);
    const earlier = known.get(originId({ domain, port }));
    const stale = earlier === undefined || now.getTime() - Date.parse(earlier.lastUnseen) >= hourMs;
    return [
      {
        ...earlier,
        domain: printable(domain, 300),
        port,
        reason: printable(first.title, 300),
        since: earlier?.since ?? at,
        lastUnseen: stale ? at : earlier.lastUnseen,
        runs: Math.min((earlier?.runs ?? 0) + 1, confirmations),
        told: earlier?.told ?? false,
      },
    ];
  });
  const seen = new Set(current.map(originId));
  // A reported origin is remembered for a week after the last run that could not check it, so that it is not new again.
  const unseenFor = ({ lastUnseen }: NotChecked) => now.getTime() - Date.parse(lastUnseen);
  const reported = before.blindSpots.filter((entry) => entry.told && !seen.has(originId(entry)));
  const origins = originsWith(report.records, new Set(reported.map(originId)));
  // A day, because what alternates within one would be reported again and again; of the hour to which the last run that
  // could not check it is known, the end counts.
  const able = (asOne ? [] : reported).filter((entry) => {
    const verdict = origins.get(originId(entry))?.verdict ?? "skipped";
    return verdict !== "unknown" && verdict !== "skipped" && unseenFor(entry) >= dayMs + hourMs;
  });
  const forgotten = new Set(able);
  const past = reported.filter((entry) => !forgotten.has(entry) && unseenFor(entry) <= 7 * dayMs);
  // Of one that is open there is an alert, which shows that it is checked.
  const again = able.filter((entry) => {
    const origin = origins.get(originId(entry));
    if (origin?.verdict !== "healthy") return false;
    return mutesOf({ ...entry, code: "", uses: usesOf(origin.records) }, mutes, now).length === 0;
  });
  const confirmed = current.filter((entry) => entry.runs >= confirmations && !muted.has(originId(entry)));
  const due = isDue(before.blindSpotsTold, dayMs, now);
  const tell = due && confirmed.some(({ told }) => !told) ? confirmed : [];
  const told = new Set(tell.map(originId));
  const next = [
    ...current.map((entry) => (told.has(originId(entry)) ? { ...entry, told: true } : entry)),
    ...past,
  ].toSorted((a, b) => (originId(a) < originId(b) ? -1 : 1));
  const held = current.flatMap((entry) => {
    const by = entry.runs >= confirmations && !entry.told ? muted.get(originId(entry)) : undefined;
    return by === undefined ? [] : [{ entry, mutes: by }];
  });
  return { next, told: tell.length > 0 ? at : before.blindSpotsTold, tell, again, held };
}

export type NotCheckedComparison = {
  readonly next: readonly NotChecked[];
  readonly told: string | null;
  /** What to report as not checked. */
  readonly tell: readonly NotChecked[];
  /** What to report as checked again. */
  readonly again: readonly NotChecked[];
  /** What is due to be reported and muted. */
  readonly held: readonly HeldNotChecked[];
};

export type HeldNotChecked = { readonly entry: NotChecked; readonly mutes: readonly MuteInForce[] };
