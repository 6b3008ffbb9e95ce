import type { FunctionReading } from "../configuration/function-code.ts";
import { scopeId, scopeOfArn, unknownScope } from "../configuration/scope.ts";
import { connectionTimedOut } from "../judge/findings/connection-timed-out.ts";
import { handshakeTimedOut } from "../judge/findings/handshake-timed-out.ts";
import { outOfTime } from "../judge/findings/out-of-time.ts";
import { addressKey } from "../probe/address-key.ts";
import { reachedSeveral } from "../report/reach.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { isUnlisted, isUnsettled } from "../report/run-accounts.ts";
import { thatMayFit } from "../text/fair-share.ts";
import type { EdgeEntry } from "../witness/edge-history.ts";
import type { RememberedCount } from "../witness/remembered-count.ts";
import { badDaysAfter } from "./bad-days.ts";
import type { AccountMemory, Memory, OrganizationMemory } from "./memory.ts";
import { maxOriginBytes, maxRenewalBytes } from "./memory-format.ts";
import { daysOf } from "./origin-days.ts";
import { renewalsAfter } from "./renewals.ts";

/** What a run knows of CloudFront's own count. */
export type RunCounts = {
  /** By the id of the distribution. */
  readonly counts: ReadonlyMap<string, RememberedCount>;
  /** Since when it cannot be read, ISO 8601; null where it can. */
  readonly failingSince: string | null;
};

/** Where nobody asks for it. */
export const noCounts: RunCounts = { counts: new Map(), failingSince: null };

/**
 * What is to be remembered after a run. Of an account whose distributions could not be listed nothing was seen, so what
 * is remembered of it stays.
 *
 * @param functions what edge functions in use were found to do, by ARN
 * @param edge what is to be remembered of asking through distributions
 * @param organization what is to be remembered of the accounts themselves
 */
export function remembered(
  before: Memory,
  report: RunReport,
  functions: ReadonlyMap<string, FunctionReading> = new Map(),
  edge: readonly EdgeEntry[] = [],
  { counts, failingSince }: RunCounts = noCounts,
  organization?: OrganizationMemory,
): Memory {
  const { records, problems, startedAt, finishedAt } = report;
  const unlisted = problems.filter(isUnlisted).map(({ scope }) => scope);
  if (unlisted.some((scope) => scope === null)) return before;
  // What could not be reached for want of a network is no slower than it was.
  if (problems.some(({ code }) => code === "no-network")) return before;
  const kept = new Set(unlisted.map(scopeId));
  const unseen = (id: string) => isUnsettled(report.accounts, { ...unknownScope, accountId: id.split(":")[1] || null });
  const runs = new Map(
    Object.values(before.accounts).flatMap(({ leftOut }) => leftOut.map((each) => [each.key, each.runs])),
  );
  const renewals = renewalsAfter(before, records, Date.parse(startedAt));
  const seen = byAccount(records);
  const ids = [...new Set([...Object.keys(before.accounts), ...seen.keys()])].sort();
  const accounts = ids.flatMap((id): (readonly [string, AccountMemory])[] => {
    const earlier = before.accounts[id];
    if (kept.has(id) || unseen(id)) return earlier === undefined ? [] : [[id, earlier]];
    // An account without a connection has nothing to be remembered of.
    const own = seen.get(id) ?? [];
    const leftOut = own.filter(hadNoTime).map(({ connection: { key } }) => ({ key, runs: (runs.get(key) ?? 0) + 1 }));
    const unanswered = [...new Set(own.flatMap(silentIn))].sort();
    const origins = Object.fromEntries(thatMayFit(daysOf(own, earlier?.origins ?? {}, finishedAt), maxOriginBytes));
    const renewed = [...thatMayFit(renewals(earlier, own), maxRenewalBytes)];
    const badDays = badDaysAfter(own, earlier?.badDays ?? {}, finishedAt);
    const {
      renewals: _,
      functions: __,
      edge: ___,
      counts: ____,
      badDays: _____,
      ...others
    } = own.length > 0 && earlier !== undefined ? earlier : {};
    const account = {
      ...others,
      leftOut,
      unanswered,
      origins,
      ...(renewed.length > 0 ? { renewals: renewed } : {}),
      ...(Object.keys(badDays).length > 0 ? { badDays } : {}),
      ...functionsOf(id, functions),
      ...edgeOf(own, edge),
      ...countsOf(id, records, counts),
    };
    const isEmpty = leftOut.length + unanswered.length + Object.keys(origins).length === 0;
    return isEmpty && Object.keys(account).length === 3 ? [] : [[id, account]];
  });
  const { reachedSeveral: several, countsFailSince: _, organization: __, ...rest } = before;
  return {
    ...rest,
    accounts: Object.fromEntries(accounts),
    ...((reachedSeveral(records) ?? several) ? { reachedSeveral: true } : {}),
    ...(failingSince === null ? {} : { countsFailSince: failingSince }),
    ...(organization === undefined ? {} : { organization }),
  };
}

/** Of the distributions that are still there; first those of which something would be lost, should there be too many. */
function countsOf(
  id: string,
  records: readonly ConnectionRecord[],
  counts: RunCounts["counts"],
): Pick<AccountMemory, "counts"> {
  const own = new Set(
    records.flatMap(({ uses }) => uses.flatMap((use) => (scopeId(use.scope) === id ? [use.distributionId] : []))),
  );
  const rank = ({ errors, asksAgain }: RememberedCount) => (errors === undefined && asksAgain === undefined ? 1 : 0);
  const kept = [...counts]
    .filter(([each]) => own.has(each))
    .sort(([a, one], [b, other]) => rank(one) - rank(other) || (a < b ? -1 : 1));
  return kept.length === 0 ? {} : { counts: Object.fromEntries(kept) };
}

function functionsOf(id: string, functions: ReadonlyMap<string, FunctionReading>): Pick<AccountMemory, "functions"> {
  const own = [...functions].filter(([arn]) => scopeId(scopeOfArn(arn)) === id).sort(([a], [b]) => (a < b ? -1 : 1));
  return own.length === 0 ? {} : { functions: Object.fromEntries(own) };
}

/** The first account that a distribution is met in keeps what is known of asking through it. */
function edgeOf(own: readonly ConnectionRecord[], all: readonly EdgeEntry[]): Pick<AccountMemory, "edge"> {
  if (all.length === 0) return {};
  const account = own[0] === undefined ? null : accountOf(own[0]);
  const ids = new Set(
    own.flatMap(({ uses }) =>
      uses.flatMap(({ distributionId, scope }) => (scopeId(scope) === account ? [distributionId] : [])),
    ),
  );
  const edge = all.filter(({ distributionId }) => ids.has(distributionId));
  return edge.length === 0 ? {} : { edge };
}

/** Where all are of one account, they are the very list of the run: what is known of that list is not found out again. */
function byAccount(records: readonly ConnectionRecord[]): ReadonlyMap<string, readonly ConnectionRecord[]> {
  const groups = Map.groupBy(records, accountOf);
  return groups.size === 1 ? new Map(Array.from(groups.keys(), (id) => [id, records])) : groups;
}

/** A connection of several accounts is kept for the first of them. */
function accountOf({ uses: [use] }: ConnectionRecord): string {
  return scopeId(use?.scope ?? null);
}

function hadNoTime({ findings }: ConnectionRecord): boolean {
  return findings.some(({ code }) => code === outOfTime.code);
}

/** The addresses that answered neither to a SYN nor to a hello. */
function silentIn({ connection: { port }, findings }: ConnectionRecord): readonly string[] {
  return findings.flatMap(({ code, address }) => {
    const silent = code === connectionTimedOut.code || code === handshakeTimedOut.code;
    return silent && address !== null ? [addressKey(address, port)] : [];
  });
}
