import { scopeId } from "../configuration/scope.ts";
import { probeFailed } from "../judge/findings/probe-failed.ts";
import { originId, originsOf, originsWith, worstVerdict } from "../report/origins.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import { groupedBy } from "../text/non-empty.ts";
import { printable } from "../text/printable.ts";
import { usedBy } from "./audiences.ts";
import { keptScope } from "./kept-scope.ts";
import type { MuteInForce } from "./mute-claim.ts";
import { mutesOf, usesOf } from "./mute-of.ts";
import { isDue, type SettledPolicy } from "./policy.ts";
import type { NotChecked, State } from "./state.ts";

/**
 * Tracks the origins that could not be checked, for each account by the connections that its own distributions make: how
 * another one reaches the same origin is none of its own. They are reported to an account at most once a day, and only if
 * some of them are new to it and could not be checked in as many runs in a row as confirm a finding. A muted origin counts
 * as new when its mute expires. An origin for which no run had time counts like any other.
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
  const remembered = inTheirAccounts(before.blindSpots, report.records);
  const known = new Map(remembered.map((entry) => [idOf(entry), entry]));
  const muted = new Map<string, readonly MuteInForce[]>();
  const current = originsOf(report.records).flatMap(({ domain, port, records, verdict }): readonly NotChecked[] => {
    // Most are healthy, of however many.
    if (verdict === "healthy" || verdict === "skipped") return [];
    return byAccount(records).flatMap(({ scope, own }): readonly NotChecked[] => {
      const reasons = own
        .filter((record) => record.verdict === "unknown")
        .flatMap(({ findings }) =>
          findings.filter(({ effect, code }) => effect === "unseen" && code !== probeFailed.code),
        );
      if (reasons.length === 0) return [];
      const uses = usesOf(own);
      const held = reasons.map(({ code }) => mutesOf({ domain, uses, code }, mutes, now));
      const unmuted = reasons.find((_, index) => held[index]?.length === 0);
      const first = unmuted ?? reasons[0];
      if (first === undefined) return [];
      const id = idOf({ domain, port, scope });
      if (unmuted === undefined) muted.set(id, [...new Set(held.flat())]);
      const earlier = known.get(id);
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
          ...(scope === undefined ? {} : { scope }),
        },
      ];
    });
  });
  const seen = new Set(current.map(idOf));
  // A reported origin is remembered for a week after the last run that could not check it, so that it is not new again.
  const unseenFor = ({ lastUnseen }: NotChecked) => now.getTime() - Date.parse(lastUnseen);
  const reported = remembered.filter((entry) => entry.told && !seen.has(idOf(entry)));
  const origins = originsWith(report.records, new Set(reported.map(originId)));
  const recordsOf = (entry: NotChecked) =>
    usedBy(entry.scope === undefined ? null : [scopeId(entry.scope)], origins.get(originId(entry))?.records ?? []);
  // A day, because what alternates within one would be reported again and again; of the hour to which the last run that
  // could not check it is known, the end counts.
  const able = (asOne ? [] : reported).filter((entry) => {
    const verdict = worstVerdict(recordsOf(entry));
    return verdict !== "unknown" && verdict !== "skipped" && unseenFor(entry) >= dayMs + hourMs;
  });
  const forgotten = new Set(able);
  const past = reported.filter((entry) => !forgotten.has(entry) && unseenFor(entry) <= 7 * dayMs);
  // Of one that is open there is an alert, which shows that it is checked.
  const again = able.filter((entry) => {
    const records = recordsOf(entry);
    if (worstVerdict(records) !== "healthy") return false;
    return mutesOf({ ...entry, code: "", uses: usesOf(records) }, mutes, now).length === 0;
  });
  const confirmed = current.filter((entry) => entry.runs >= confirmations && !muted.has(idOf(entry)));
  const lastTold = lastToldOf(remembered, before.blindSpotsTold);
  const tell = [...groupedBy(confirmed, accountOf)].flatMap(([account, own]) =>
    isDue(lastTold.get(account) ?? null, dayMs, now) && own.some(({ told }) => !told) ? own : [],
  );
  const told = new Set(tell);
  const next = [
    ...current.map((entry) => (told.has(entry) ? { ...entry, told: true, lastTold: at } : entry)),
    ...past,
  ].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const held = current.flatMap((entry) => {
    const by = entry.runs >= confirmations && !entry.told ? muted.get(idOf(entry)) : undefined;
    return by === undefined ? [] : [{ entry, mutes: by }];
  });
  return {
    next,
    told: tell.length > 0 ? at : before.blindSpotsTold,
    tell,
    again,
    held,
  };
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

type Entry = Pick<NotChecked, "domain" | "port" | "scope">;

function idOf(entry: Entry): string {
  return `${originId(entry)} ${accountOf(entry)}`;
}

function accountOf({ scope }: Pick<Entry, "scope">): string {
  return scope === undefined ? "" : scopeId(scope);
}

/** The connections to an origin, for each account as it uses them. */
function byAccount(records: readonly ConnectionRecord[]) {
  const scopes = new Map(records.flatMap(({ uses }) => uses.map(({ scope }) => [scopeId(scope), scope])));
  if (scopes.size === 0) return [{ scope: undefined, own: records }];
  return [...scopes].map(([id, scope]) => ({ scope: keptScope(scope), own: usedBy([id], records) }));
}

/** Earlier versions had one entry for all accounts that use an origin: it goes on as that of each. */
function inTheirAccounts(
  remembered: readonly NotChecked[],
  records: readonly ConnectionRecord[],
): readonly NotChecked[] {
  const ofAll = remembered.filter(({ scope }) => scope === undefined);
  if (ofAll.length === 0) return remembered;
  const origins = originsWith(records, new Set(ofAll.map(originId)));
  return remembered.flatMap((entry) => {
    const origin = entry.scope === undefined ? origins.get(originId(entry)) : undefined;
    if (origin === undefined) return entry;
    return byAccount(origin.records).map(({ scope }) => (scope === undefined ? entry : { ...entry, scope }));
  });
}

/** When each account was last told. What it was told of is remembered for longer than a day. */
function lastToldOf(remembered: readonly NotChecked[], byEarlierVersion: string | null): ReadonlyMap<string, string> {
  const times = new Map<string, string>();
  for (const { told, lastTold = byEarlierVersion, scope } of remembered) {
    const account = accountOf({ scope });
    if (told && lastTold !== null && lastTold > (times.get(account) ?? "")) times.set(account, lastTold);
  }
  return times;
}
