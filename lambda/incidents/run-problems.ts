import { concerns, type Scope, scopeId } from "../configuration/scope.ts";
import { problemIdentity } from "../report/identity.ts";
import { problemsInTurns } from "../report/problems-in-turns.ts";
import type { RunProblem } from "../report/record.ts";
import { isUnlisted } from "../report/run-accounts.ts";
import { dayMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { type Audience, mostAudiencesApart } from "./audiences.ts";
import type { Change } from "./change.ts";
import { clearPeriodAfter } from "./compare.ts";
import { keptScope } from "./kept-scope.ts";
import { isDue } from "./policy.ts";
import { mostProblemsKept, type OpenProblem } from "./state.ts";

type Circumstances = {
  /** Whether each account hears of its own problems alone. */
  readonly apart?: boolean;
  readonly stays?: (problem: Pick<OpenProblem, "code" | "scope">) => boolean;
  readonly endsWait?: boolean;
};

/** What there is to tell about problems, and whom it is for. */
export type ProblemChanges = { readonly audience: Audience; readonly changes: Change["problems"] };

/**
 * Tracks problems that make runs incomplete, by code and account. A problem is reported immediately and again every day.
 * Like an incident, one that keeps returning must stay absent for longer before it counts as resolved. What there is to
 * tell of one account is in no message for another one, unless they are many.
 *
 * @param reminderDue milliseconds after which a reminder of an open problem is due
 * @param stays whether a problem may still be there although the run did not see it
 * @param endsWait whether what is over is not to be told yet, because nobody could remember that
 */
export function compareProblems(
  remembered: readonly OpenProblem[],
  all: readonly RunProblem[],
  now: Date,
  reminderDue: number,
  { apart = false, stays = () => false, endsWait = false }: Circumstances = {},
): { readonly next: readonly OpenProblem[]; readonly told: readonly ProblemChanges[] } {
  const at = now.toISOString();
  const age = (time: string) => now.getTime() - Date.parse(time);
  const before = inTheirAccounts(remembered, all);
  const known = new Map(before.map((problem) => [problemIdentity(problem), problem]));
  const current = withRoom(all, known);
  const seen = new Map(current.map((problem) => [problemIdentity(problem), problem]));
  // Without an inventory the account's other problems could not occur.
  const unlisted = all.filter(isUnlisted);
  const stoppedEarly = ({ scope }: OpenProblem) => unlisted.some((problem) => concerns(problem.scope, scope));

  const lastTold = (problem: RunProblem) => known.get(problemIdentity(problem))?.lastTold ?? null;
  const opened = current.filter((problem) => lastTold(problem) === null);
  const resolved: OpenProblem[] = [];
  const next: OpenProblem[] = [];
  for (const problem of before) {
    if (seen.has(problemIdentity(problem))) continue;
    const clearSince = problem.clearSince ?? at;
    // A resolved problem is remembered for a day, as one that was not reported, so that its return is recognised.
    if (problem.lastTold === null) {
      if (age(problem.openedAt) <= dayMs) next.push(problem);
    } else if (stoppedEarly(problem) || stays(problem)) next.push(problem);
    else if (!endsWait && age(clearSince) >= clearPeriodAfter(problem.returns)) {
      resolved.push(problem);
      next.push({ ...problem, openedAt: at, lastTold: null, clearSince: null });
    } else next.push({ ...problem, clearSince });
  }
  const due = current.filter((problem) => isDue(lastTold(problem) ?? at, reminderDue, now));
  const keyOf = ({ scope }: Pick<OpenProblem, "scope">) => (apart ? scopeId(scope) : "");
  const heard = new Set([...opened, ...resolved, ...due].map(keyOf));
  for (const [id, { code, message, scope }] of seen) {
    // An event and not a condition: the run that reports it also repairs it, so there is no end to report.
    if (code === "state-unreadable") continue;
    const earlier = known.get(id);
    const again = earlier !== undefined && earlier.lastTold === null;
    next.push({
      ...earlier,
      code,
      scope: kept(scope),
      message: printable(message, 1000),
      openedAt: earlier === undefined || again ? at : earlier.openedAt,
      lastTold: heard.has(keyOf({ scope })) || earlier === undefined ? at : earlier.lastTold,
      returns: (earlier?.returns ?? 0) + (again ? 1 : 0),
      clearSince: null,
    });
  }
  const still = current.filter((problem) => lastTold(problem) !== null);
  const sorted = next.toSorted((a, b) => (problemIdentity(a) < problemIdentity(b) ? -1 : 1));
  return { next: sorted, told: changesApart({ opened, still, resolved }, heard, keyOf) };
}

/** @param heard the keys of those to whom there is something to tell */
function changesApart(
  { opened, still, resolved }: Change["problems"],
  heard: ReadonlySet<string>,
  keyOf: (problem: Pick<OpenProblem, "scope">) => string,
): readonly ProblemChanges[] {
  const of = (holds: (key: string) => boolean): Change["problems"] => ({
    opened: opened.filter((problem) => holds(keyOf(problem))),
    still: still.filter((problem) => holds(keyOf(problem))),
    resolved: resolved.filter((problem) => holds(keyOf(problem))),
  });
  const run = scopeId(null);
  const accounts = new Set([...heard].filter((key) => key !== "" && key !== run));
  const areMany = accounts.size > mostAudiencesApart;
  const together = areMany ? [{ audience: null, changes: of((key) => accounts.has(key)) }] : [];
  const apart = [...heard].filter((key) => !areMany || !accounts.has(key));
  return [
    ...apart.map((key) => ({
      audience: accounts.has(key) ? [key] : null,
      changes: of((other) => other === key),
    })),
    ...together,
  ];
}

/**
 * Without those that the state has no room for, which would be told with every run: each is told once there is room. Every
 * account has its share of what there is.
 */
function withRoom(all: readonly RunProblem[], known: ReadonlyMap<string, OpenProblem>): readonly RunProblem[] {
  const room = mostProblemsKept - known.size;
  const fresh = new Map(all.map((problem) => [problemIdentity(problem), problem]));
  for (const id of known.keys()) fresh.delete(id);
  if (fresh.size <= room) return all;
  const taken = problemsInTurns([...fresh.values()]).slice(0, Math.max(room, 0));
  const kept = new Set([...known.keys(), ...taken.map(problemIdentity)]);
  return all.filter((problem) => kept.has(problemIdentity(problem)));
}

/**
 * Earlier versions did not keep whose problem it is. One that is remembered without an account is that of the first
 * account that has the problem now and had none before: it goes on, and is neither over nor new.
 */
function inTheirAccounts(remembered: readonly OpenProblem[], current: readonly RunProblem[]): readonly OpenProblem[] {
  const seen = new Set(current.map(problemIdentity));
  const taken = new Set(remembered.map(problemIdentity));
  return remembered.map((problem) => {
    const { code, scope } = problem;
    if (seen.has(problemIdentity(problem)) || scope?.accountId != null) return problem;
    const now = current.find((other) => other.code === code && !taken.has(problemIdentity(other)));
    if (now === undefined) return problem;
    taken.add(problemIdentity(now));
    return { ...problem, scope: kept(now.scope) };
  });
}

function kept(scope: Scope | null): Scope | null {
  return scope === null ? null : keptScope(scope);
}
