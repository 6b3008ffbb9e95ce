import type { Change } from "../incidents/change.ts";
import type { Message } from "../incidents/ports.ts";
import type { Notice } from "../incidents/state.ts";
import { printable } from "../text/printable.ts";
import { type ConsoleLinks, consoleLinks } from "./console-links.ts";
import { cutAtBytes, fitted, type Section } from "./fit.ts";
import { endedBlock, freshBlock, freshLine, stillLine } from "./origin-block.ts";
import { originsOf } from "./origins.ts";
import { counted, duration, enumerated, hostAndPort, utc } from "./phrase.ts";
import { problemTitle } from "./problems.ts";
import type { RunProblem, RunReport } from "./record.ts";
import { subjectOf } from "./subject.ts";
import { type Summary, summarize } from "./summary.ts";

export type MessageContext = {
  /** Decides partition and region of the console links. */
  readonly topicArn: string;
  /** Where the run's log records are, null when unknown. */
  readonly logGroup: string | null;
};

/** SNS takes 256 KiB; the rest is room for what a transport adds. */
export const maxBodyBytes = 200 * 1024;

/** So that one origin at least is always told in full next to everything that cannot be left out. */
const maxBlockBytes = 80 * 1024;

const maxProblems = 20;

/** More origins than this are told in a line each: a mail of hundreds of pages helps nobody. */
const maxInDetail = 10;

/**
 * Puts a change into a plain-text message: run problems first, because silence about an origin means nothing after
 * an incomplete run, then what is new, what is over, what is still open, and what could not be checked.
 *
 * @param remarks sentences about this very message, such as that it may come twice
 */
export function changeMessage(
  change: Change,
  report: RunReport,
  context: MessageContext,
  remarks: readonly string[],
): Message {
  const summary = summarize(change, report);
  const links = consoleLinks(context.topicArn);
  const sections = [
    ...problemSections(change.problems, report),
    ...freshSections(summary, report, links, context),
    ...endedSections(summary, report),
    listed("Still open, told before:", 40, summary.still.map(stillLine)),
    listed("Could not be checked, so nothing is known about these:", 30, unknownLines(report)),
    always(`Next message: when the set of problems changes. Until then there is none.${remarkText(remarks)}`),
    always(footer(report, links, context)),
  ];
  return { subject: subjectOf(summary, change.problems), body: `${fitted(sections, maxBodyBytes - 1)}\n` };
}

/** A message that was written earlier and is not known to have been sent. */
export function lateMessage({ subject, body, createdAt }: Notice): Message {
  const remark = `This message was written ${utc(createdAt)} and is not known to have been sent, so it may be a repetition.`;
  return { subject, body: `${remark}\n\n${body}` };
}

function problemSections({ opened, still, resolved }: Change["problems"], report: RunReport): readonly Section[] {
  const incomplete = [...opened, ...still].some((problem) => problem.code !== "state-unreadable");
  const heading = incomplete
    ? "This run was not complete. An origin that is not mentioned may be broken all the same."
    : "About this message:";
  return [
    { ...listed(heading, 95, problemTexts([...opened, ...still])), between: "\n\n" },
    listed(
      null,
      60,
      resolved.map(
        (problem) =>
          `Over: ${problemTitle(problem)}. It lasted ${duration(problem.firstSeen, report.finishedAt)}, since ${utc(problem.firstSeen)}.`,
      ),
    ),
  ];
}

function problemTexts(problems: readonly RunProblem[]): readonly string[] {
  const shown = problems
    .slice(0, maxProblems)
    .map(({ message, remedy }) => `${printable(message, 600)}\nWhat to do: ${printable(remedy, 600)}`);
  const more = problems.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more of the kind; all are in the log`] : shown;
}

function freshSections(
  summary: Summary,
  report: RunReport,
  links: ConsoleLinks,
  context: MessageContext,
): readonly Section[] {
  const { fresh } = summary;
  const detailed = fresh.slice(0, maxInDetail);
  const blocks = detailed.map((origin, index) => {
    const place = fresh.length > 1 ? `${index + 1} of ${fresh.length}: ${hostAndPort(origin)}\n` : "";
    return cutAtBytes(place + freshBlock(origin, report, links), maxBlockBytes);
  });
  const where = context.logGroup === null ? "the log" : `log group ${printable(context.logGroup, 512)}`;
  return [
    always(fresh.length > 1 ? lead(summary) : ""),
    {
      heading: null,
      entries: blocks,
      between: "\n\n",
      importance: 90,
      leftOut: (count) => `${counted(count, "origin")} left out here for size: see ${where}.`,
    },
    listed("Also new, without details:", 70, fresh.slice(maxInDetail).map(freshLine)),
  ];
}

function lead({ fresh }: Summary): string {
  const failing = fresh.filter((origin) => origin.freshEffect !== "may");
  const atRisk = fresh.length - failing.length;
  const answers = [...new Set(failing.map((origin) => origin.freshEffect))].sort().join(" or ");
  const parts: string[] = [];
  if (failing.length > 0)
    parts.push(`CloudFront answers ${answers} to cache misses for ${counted(failing.length, "origin")}`);
  if (atRisk > 0)
    parts.push(
      `${failing.length > 0 ? "may do so" : "CloudFront may answer 502"} for ${atRisk}${failing.length > 0 ? " more" : " origins"}`,
    );
  return `New: ${parts.join(" and ")}.`;
}

function endedSections({ fixed, closed, improved }: Summary, report: RunReport): readonly Section[] {
  const blocks = (heading: string, origins: Summary["fixed"]): Section => ({
    ...listed(
      heading,
      60,
      origins.map((origin) => endedBlock(origin, report)),
    ),
    between: "\n\n",
  });
  return [
    blocks("Fixed:", fixed),
    blocks("No longer seen, though the origin has other problems:", improved),
    blocks("No longer used, so no longer watched:", closed),
  ];
}

function unknownLines(report: RunReport): readonly string[] {
  return originsOf(report.records).flatMap(({ domain, port, records }) => {
    const unknown = records.filter((record) => record.verdict === "unknown");
    if (unknown.length === 0) return [];
    const reasons = unknown.flatMap(({ findings }) => findings.filter(({ effect }) => effect === "unseen"));
    const titles = [...new Set(reasons.map((finding) => printable(finding.title, 250)))];
    return [
      `- ${hostAndPort({ domain, port })}: ${titles.length === 0 ? "no reason recorded" : enumerated(titles, 3)}`,
    ];
  });
}

function footer(report: RunReport, links: ConsoleLinks, { logGroup }: MessageContext): string {
  const origins = originsOf(report.records);
  const counts = (["failing", "at-risk", "unknown", "healthy", "skipped"] as const)
    .map((verdict) => [origins.filter((origin) => origin.verdict === verdict).length, verdictWords[verdict]] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`);
  const seen = `${counted(report.distributions, "distribution")}, ${counted(origins.length, "origin")}`;
  const lines = [
    `Run: ${utc(report.startedAt)}, ${seen}${counts.length > 0 ? ` (${counts.join(", ")})` : ""}`,
    `Run id: ${printable(report.runId, 100)}`,
  ];
  if (logGroup !== null) {
    lines.push(
      [`Log group: ${printable(logGroup, 512)}`, links.logGroup(logGroup)].filter((part) => part !== null).join("\n  "),
    );
  }
  return lines.join("\n");
}

const verdictWords = {
  failing: "failing",
  "at-risk": "at risk",
  unknown: "could not be checked",
  healthy: "healthy",
  skipped: "skipped",
} as const;

function remarkText(remarks: readonly string[]): string {
  return remarks.map((remark) => ` ${printable(remark, 1000)}`).join("");
}

function listed(heading: string | null, importance: number, entries: readonly string[]): Section {
  return {
    heading,
    entries,
    between: "\n",
    importance,
    leftOut: (count) => `and ${count} more, left out here for size; all are in the log`,
  };
}

function always(text: string): Section {
  return { heading: null, entries: text === "" ? [] : [text], between: "\n", importance: "always", leftOut: () => "" };
}
