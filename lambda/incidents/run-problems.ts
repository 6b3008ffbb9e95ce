import { concerns, type Scope } from "../configuration/scope.ts";
import { problemIdentity } from "../report/identity.ts";
import type { RunProblem } from "../report/record.ts";
import { isUnlisted } from "../report/run-accounts.ts";
import { dayMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import type { Change } from "./change.ts";
import { clearPeriodAfter } from "./compare.ts";
import { keptScope } from "./kept-scope.ts";
import { isDue } from "./policy.ts";
import { mostProblemsKept, type OpenProblem } from "./state.ts";

type Endings = {
  readonly stays?: (problem: Pick<OpenProblem, "code" | "scope">) => boolean;
  readonly endsWait?: boolean;
};

/**
 * Tracks problems that make runs incomplete, by code and account. A problem is reported immediately and again every day.
 * Like an incident, one that keeps returning must stay absent for longer before it counts as resolved.
 *
 * @param reminderDue milliseconds after which a reminder of an open problem is due
 * @param stays whether a problem may still be there although the run did not see it
 * @param endsWait whether what is over is not to be told yet, because nobody could remember that
 */
export function compareProblems(
  remembered: readonly OpenProblem[],
  current: readonly RunProblem[],
  now: Date,
  reminderDue: number,
  { stays = () => false, endsWait = false }: Endings = {},
): { readonly next: readonly OpenProblem[]; readonly changes: Change["problems"]; readonly tell: boolean } {
  const at = now.toISOString();
  const age = (time: string) => now.getTime() - Date.parse(time);
  const before = inTheirAccounts(remembered, current);
  const known = new Map(before.map((problem) => [problemIdentity(problem), problem]));
  const seen = new Map(current.map((problem) => [problemIdentity(problem), problem]));
  // Without an inventory the account's other problems could not occur.
  const unlisted = current.filter(isUnlisted);
  const stoppedEarly = ({ scope }: OpenProblem) => unlisted.some((problem) => concerns(problem.scope, scope));

  const told = (problem: RunProblem) => known.get(problemIdentity(problem))?.lastTold ?? null;
  const opened = current.filter((problem) => told(problem) === null);
  const due = current.some((problem) => isDue(told(problem) ?? at, reminderDue, now));
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
  const tell = opened.length > 0 || resolved.length > 0 || due;
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
      lastTold: tell || earlier === undefined ? at : earlier.lastTold,
      returns: (earlier?.returns ?? 0) + (again ? 1 : 0),
      clearSince: null,
    });
  }
  const still = current.filter((problem) => told(problem) !== null);
  const sorted = next.toSorted((a, b) => (problemIdentity(a) < problemIdentity(b) ? -1 : 1));
  return { next: sorted.slice(0, mostProblemsKept), changes: { opened, still, resolved }, tell };
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
