import type { Change } from "../incidents/change.ts";
import type { RunProblem, RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
import { always, listed, type Section } from "./fit.ts";
import { problemTitle } from "./problems.ts";

const maxProblems = 20;

/**
 * What hampers the runs: in full in the message that is about it, and as a warning in every other one.
 *
 * @param inFull the message is about it
 */
export function problemSections(
  { opened, still, resolved }: Change["problems"],
  report: RunReport,
  inFull: boolean,
): readonly Section[] {
  const all = [...opened, ...still];
  const gaps = all.filter((problem) => problem.code !== "state-unreadable");
  const full = inFull || opened.length > 0 ? all : [];
  const over = resolved.map(
    (problem) =>
      `Over: ${problemTitle(problem)}. It lasted ${between(problem.openedAt, report.finishedAt)}, since ${instant(problem.openedAt)}.`,
  );
  if (full.length === 0) {
    const [first] = gaps;
    const warning =
      first === undefined ? "" : `This run was not complete: ${problemTitle(first)}. Other origins may be broken too.`;
    return [always(warning), listed(null, 60, over)];
  }
  const heading =
    gaps.length > 0
      ? "This run was not complete. An origin that is not mentioned may be broken all the same."
      : "About this message:";
  return [{ ...listed(heading, 95, problemTexts(full)), between: "\n\n" }, listed(null, 60, over)];
}

function problemTexts(problems: readonly RunProblem[]): readonly string[] {
  const shown = problems
    .slice(0, maxProblems)
    .map(({ message, remedy }) => `${printable(message, 600)}\nWhat to do: ${printable(remedy, 600)}`);
  const more = problems.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more of the kind; all are in the log`] : shown;
}
