import { probeFailed } from "../judge/findings/probe-failed.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { type AlertPolicy, isDue, muteOf } from "./policy.ts";
import type { NotChecked, State } from "./state.ts";

/**
 * Tracks the origins that could not be checked. They are reported at most once a day, and only if some of them are new
 * and could not be checked in as many runs in a row as confirm a finding. A muted origin counts as new when its mute
 * expires. An origin for which no run had time counts like any other.
 */
export function compareNotChecked(
  before: Pick<State, "blindSpots" | "blindSpotsTold">,
  report: RunReport,
  now: Date,
  { confirmations, mutes }: AlertPolicy,
): { readonly next: readonly NotChecked[]; readonly told: string | null; readonly tell: readonly NotChecked[] } {
  const at = now.toISOString();
  const known = new Map(before.blindSpots.map((entry) => [originId(entry), entry]));
  const muted = new Set<string>();
  const current = originsOf(report.records).flatMap(({ domain, port, records }): NotChecked[] => {
    const reasons = records
      .filter(({ verdict }) => verdict === "unknown")
      .flatMap(({ findings }) =>
        findings.filter(({ effect, code }) => effect === "unseen" && code !== probeFailed.code),
      );
    const users = records.flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId));
    const distributions = [...new Set(users)];
    const unmuted = reasons.find(({ code }) => muteOf({ domain, distributions, code }, mutes, now) === undefined);
    const first = unmuted ?? reasons[0];
    if (first === undefined) return [];
    if (unmuted === undefined) muted.add(originId({ domain, port }));
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
  const past = before.blindSpots.filter(
    (entry) => entry.told && !seen.has(originId(entry)) && now.getTime() - Date.parse(entry.lastUnseen) <= 7 * dayMs,
  );
  const confirmed = current.filter((entry) => entry.runs >= confirmations && !muted.has(originId(entry)));
  const due = isDue(before.blindSpotsTold, dayMs, now);
  const tell = due && confirmed.some(({ told }) => !told) ? confirmed : [];
  const told = new Set(tell.map(originId));
  const next = [...current.map((entry) => (told.has(originId(entry)) ? { ...entry, told: true } : entry)), ...past]
    .slice(0, mostKept)
    .toSorted((a, b) => (originId(a) < originId(b) ? -1 : 1));
  return { next, told: tell.length > 0 ? at : before.blindSpotsTold, tell };
}

const mostKept = 20_000;
