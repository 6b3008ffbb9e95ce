import { problemIdentity } from "../report/identity.ts";
import type { RunProblem, RunReport } from "../report/record.ts";
import { areSeveral } from "../report/run-accounts.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { noChange } from "./change.ts";
import { type AlertPolicy, isDue } from "./policy.ts";
import { emptyState, type OpenProblem, type State } from "./state.ts";
import type { Step } from "./step.ts";

/**
 * The message for a run that could not be compared with the state, which is a fault of ours: that fact, and the codes
 * that the run found. It is sent again when the codes change, and as often as a reminder of a failing origin. The
 * incidents stay as they are.
 */
export function stepFailed(
  previous: State | null,
  report: RunReport,
  now: Date,
  { remindFailingAfter }: AlertPolicy,
  reason: unknown,
): Step {
  const state = previous ?? emptyState;
  const problem = problemOf(report, reason);
  const earlier = state.problems.find((other) => problemIdentity(other) === problemIdentity(problem));
  const told = earlier?.lastTold ?? null;
  if (earlier?.message === problem.message && !isDue(told, remindFailingAfter, now)) return { next: state, drafts: [] };
  const at = now.toISOString();
  const { code, message, scope } = problem;
  const openedAt = told === null ? at : (earlier?.openedAt ?? at);
  const open: OpenProblem = {
    ...earlier,
    code,
    scope,
    message,
    openedAt,
    lastTold: at,
    returns: earlier?.returns ?? 0,
    clearSince: null,
  };
  // It is told to whoever runs the watch: what hampers the others is none of theirs.
  const beside = areSeveral(report) ? report.problems.filter((other) => other.scope === null) : report.problems;
  const problems = { ...noChange.problems, opened: [problem], still: beside };
  return {
    next: { ...state, problems: [...state.problems.filter((other) => other !== earlier), open] },
    drafts: [
      {
        event: "run-problem",
        change: { ...noChange, problems },
        notChecked: [],
        open: state.incidents.filter(({ tellings }) => tellings > 0),
        muted: [],
        distributions: null,
        openDistributions: state.distributionIncidents.filter(({ tellings }) => tellings > 0),
        mutedDistributions: [],
        remindAfter: remindFailingAfter,
      },
    ],
  };
}

function problemOf({ records, distributionRecords = [] }: RunReport, reason: unknown): RunProblem {
  const bad = records.filter(({ verdict }) => verdict === "failing" || verdict === "at-risk");
  const found = [...bad, ...distributionRecords].flatMap(({ findings }) => findings.map(({ code }) => code as string));
  const codes = [...new Set(found)].sort();
  const what = codes.length === 0 ? "Nothing fails or is at risk." : `It found: ${enumerated(codes, 30)}.`;
  return {
    code: "telling-failed",
    scope: null,
    message:
      "By a fault of Origin Watch, this run could not be compared with earlier messages " +
      `(${printable(String(reason), 200)}). ${what}`,
    remedy: "Update Origin Watch. The log of the function has everything that this run saw.",
  };
}
