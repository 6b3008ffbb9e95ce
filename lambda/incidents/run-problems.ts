import type { RunProblem } from "../report/record.ts";
import { dayMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import type { Change } from "./change.ts";
import { clearPeriodAfter } from "./compare.ts";
import { keptScope } from "./kept-scope.ts";
import { isDue } from "./policy.ts";
import type { OpenProblem } from "./state.ts";

type Endings = { readonly stays?: (code: string) => boolean; readonly endsWait?: boolean };

/**
 * Tracks problems that make runs incomplete. A problem is reported immediately and again every day. Like an incident,
 * one that keeps returning must stay absent for longer before it counts as resolved.
 *
 * @param reminderDue milliseconds after which a reminder of an open problem is due
 * @param stays whether a problem may still be there although the run did not see it
 * @param endsWait whether what is over is not to be told yet, because nobody could remember that
 */
export function compareProblems(
  before: readonly OpenProblem[],
  current: readonly RunProblem[],
  now: Date,
  reminderDue: number,
  { stays = () => false, endsWait = false }: Endings = {},
): { readonly next: readonly OpenProblem[]; readonly changes: Change["problems"]; readonly tell: boolean } {
  const at = now.toISOString();
  const age = (time: string) => now.getTime() - Date.parse(time);
  const known = new Map(before.map((problem) => [problem.code, problem]));
  const seen = new Map(current.map((problem) => [problem.code as string, problem]));
  // Without an inventory the run stopped before the other problems could occur.
  const stoppedEarly = seen.has("inventory-failed");

  const open = (code: string) => known.has(code) && known.get(code)?.lastTold !== null;
  const opened = current.filter((problem) => !open(problem.code));
  const due = current.some(({ code }) => isDue(known.get(code)?.lastTold ?? at, reminderDue, now));
  const resolved: OpenProblem[] = [];
  const next: OpenProblem[] = [];
  for (const problem of before) {
    if (seen.has(problem.code)) continue;
    const clearSince = problem.clearSince ?? at;
    // A resolved problem is remembered for a day, as one that was not reported, so that its return is recognised.
    if (problem.lastTold === null) {
      if (age(problem.openedAt) <= dayMs) next.push(problem);
    } else if (stoppedEarly || stays(problem.code)) next.push(problem);
    else if (!endsWait && age(clearSince) >= clearPeriodAfter(problem.returns)) {
      resolved.push(problem);
      next.push({ ...problem, openedAt: at, lastTold: null, clearSince: null });
    } else next.push({ ...problem, clearSince });
  }
  const tell = opened.length > 0 || resolved.length > 0 || due;
  for (const { code, message, scope } of seen.values()) {
    // An event and not a condition: the run that reports it also repairs it, so there is no end to report.
    if (code === "state-unreadable") continue;
    const earlier = known.get(code);
    const again = earlier !== undefined && earlier.lastTold === null;
    next.push({
      ...earlier,
      code,
      scope: scope === null ? null : keptScope(scope),
      message: printable(message, 1000),
      openedAt: earlier === undefined || again ? at : earlier.openedAt,
      lastTold: tell || earlier === undefined ? at : earlier.lastTold,
      returns: (earlier?.returns ?? 0) + (again ? 1 : 0),
      clearSince: null,
    });
  }
  const still = current.filter((problem) => open(problem.code));
  return { next: next.toSorted((a, b) => (a.code < b.code ? -1 : 1)), changes: { opened, still, resolved }, tell };
}
