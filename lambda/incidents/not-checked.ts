import { ruleOf } from "../judge/catalogue.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { dayMs, hourMs, isDue, muteOf, type TellingPolicy } from "./policy.ts";
import type { BlindSpot, State } from "./state.ts";

/**
 * Follows the origins of which nothing can be said from here. They are told when there are new ones among them that so
 * many runs in a row could not see as it takes to confirm a finding, and once a day at most. What is muted is news
 * when the mute is over. What had no time is left to the run problem that says so.
 */
export function compareBlindSpots(
  before: Pick<State, "blindSpots" | "blindSpotsTold">,
  report: RunReport,
  now: Date,
  { confirmations, mutes }: TellingPolicy,
): { readonly next: readonly BlindSpot[]; readonly told: string | null; readonly tell: readonly BlindSpot[] } {
  const at = now.toISOString();
  const known = new Map(before.blindSpots.map((spot) => [originId(spot), spot]));
  const muted = new Set<string>();
  const current = originsOf(report.records).flatMap(({ domain, port, records }): BlindSpot[] => {
    const reasons = records
      .filter(({ verdict }) => verdict === "unknown")
      .flatMap(({ findings }) =>
        findings.filter(({ effect, code }) => effect === "unseen" && ruleOf(code).stage !== "gave-up"),
      );
    const users = records.flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId));
    const distributions = [...new Set(users)];
    const audible = reasons.find(({ code }) => muteOf({ domain, distributions, code }, mutes, now) === undefined);
    const first = audible ?? reasons[0];
    if (first === undefined) return [];
    if (audible === undefined) muted.add(originId({ domain, port }));
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
  // One that was told is remembered for a week after it was last out of sight: it is no news when it comes back.
  const past = before.blindSpots.filter(
    (spot) => spot.told && !seen.has(originId(spot)) && now.getTime() - Date.parse(spot.lastUnseen) <= 7 * dayMs,
  );
  const confirmed = current.filter((spot) => spot.runs >= confirmations && !muted.has(originId(spot)));
  const due = isDue(before.blindSpotsTold, dayMs, now);
  const tell = due && confirmed.some(({ told }) => !told) ? confirmed : [];
  const told = new Set(tell.map(originId));
  const next = [...current.map((spot) => (told.has(originId(spot)) ? { ...spot, told: true } : spot)), ...past]
    .slice(0, mostKept)
    .toSorted((a, b) => (originId(a) < originId(b) ? -1 : 1));
  return { next, told: tell.length > 0 ? at : before.blindSpotsTold, tell };
}

const mostKept = 20_000;
