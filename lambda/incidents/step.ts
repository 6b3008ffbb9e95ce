import { openEffect } from "../judge/open-effect.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../tell/record.ts";
import { printable } from "../text/printable.ts";
import type { Change, GoneFinding } from "./change.ts";
import { fateOf } from "./fate.ts";
import { emptyState, maxDistributionsKept, type OpenFinding, type OpenProblem, type State } from "./state.ts";

/**
 * Compares a run with what people were last told.
 *
 * A change is a finding that opened, worsened from a risk to an error, was resolved or lost its connection, or a run
 * problem that came or went. Other evidence, another title or another set of users for the same finding is none, and
 * `note` findings never count. Without a change, `next` is `previous`: there is nothing to store.
 *
 * @param previous null when nothing was ever told
 */
export function step(
  previous: State | null,
  report: RunReport,
  now: Date,
): { readonly next: State; readonly change: Change | null } {
  const before = previous ?? emptyState;
  const findings = compareFindings(before.findings, report, now);
  const problems = compareProblems(before.problems, report.problems);
  const changed = [
    findings.opened,
    findings.worsened,
    findings.resolved,
    findings.gone,
    problems.opened,
    problems.resolved,
  ].some((list) => list.length > 0);
  if (!changed) return { next: before, change: null };

  const { opened, worsened, still, frozen } = findings;
  return {
    next: {
      schemaVersion: 1,
      findings: [...opened, ...worsened, ...still, ...frozen].sort(byIdentity),
      problems: problemsToRemember(before.problems, problems, now),
      pending: before.pending,
    },
    change: { ...findings, problems },
  };
}

function compareFindings(before: readonly OpenFinding[], report: RunReport, now: Date) {
  const known = new Map(before.map((finding) => [identity(finding), finding]));
  const current = currentFindings(report.records, now);
  const opened: OpenFinding[] = [];
  const worsened: OpenFinding[] = [];
  const still: OpenFinding[] = [];
  const openedCodes = new Map<string, Set<string>>();
  for (const [id, found] of current) {
    const earlier = known.get(id);
    if (earlier === undefined) {
      opened.push(found);
      const codes = openedCodes.get(found.key) ?? new Set();
      openedCodes.set(found.key, codes.add(found.code));
    } else {
      const finding = { ...found, firstSeen: earlier.firstSeen };
      (earlier.effect === "may" && found.effect !== "may" ? worsened : still).push(finding);
    }
  }

  const records = new Map(report.records.map((record) => [record.connection.key, record]));
  const inventoryComplete = !report.problems.some((problem) => hidesConnections.has(problem.code));
  const frozen: OpenFinding[] = [];
  const resolved: OpenFinding[] = [];
  const gone: GoneFinding[] = [];
  for (const finding of before.filter((earlier) => !current.has(identity(earlier)))) {
    const codes = openedCodes.get(finding.key) ?? new Set();
    const fate = fateOf(finding, records.get(finding.key), codes, inventoryComplete);
    switch (fate.kind) {
      case "resolved":
        resolved.push(finding);
        break;
      case "gone":
        gone.push({ finding, reason: fate.reason });
        break;
      case "frozen":
        frozen.push(finding);
        break;
      case "superseded":
        break;
    }
  }
  return { opened, worsened, still, frozen, resolved, gone };
}

/** After one of these a connection may be missing from the report, or be there under another key, and still exist. */
const hidesConnections: ReadonlySet<RunProblem["code"]> = new Set([
  "inventory-failed",
  "policies-unreadable",
  "distribution-unreadable",
  "out-of-time",
]);

/** The findings that count, one for each connection and code whatever the number of addresses it was seen on. */
function currentFindings(records: readonly ConnectionRecord[], now: Date): Map<string, OpenFinding> {
  const found = new Map<string, OpenFinding>();
  for (const record of records) {
    for (const { code, effect, title } of record.findings) {
      const open = openEffect(record.verdict, effect);
      if (open === null) continue;
      const distributions = [...new Set(record.uses.map((use) => use.distributionId))].sort();
      const finding: OpenFinding = {
        key: record.connection.key,
        code,
        firstSeen: now.toISOString(),
        effect: open,
        title: printable(title, 300),
        domain: printable(record.connection.domain, 300),
        port: record.connection.port,
        distributions: distributions.slice(0, maxDistributionsKept).map((id) => printable(id, 200)),
        distributionCount: distributions.length,
      };
      const other = found.get(identity(finding));
      if (other === undefined || (other.effect === "may" && open !== "may")) found.set(identity(finding), finding);
    }
  }
  return found;
}

function compareProblems(before: readonly OpenProblem[], current: readonly RunProblem[]): Change["problems"] {
  const known = new Set(before.map((problem) => problem.code));
  const seen = new Set<string>(current.map((problem) => problem.code));
  // Without an inventory the run never came to the point where the other problems could have shown.
  const stoppedEarly = seen.has("inventory-failed");
  return {
    opened: current.filter((problem) => !known.has(problem.code)),
    still: current.filter((problem) => known.has(problem.code)),
    resolved: stoppedEarly ? [] : before.filter((problem) => !seen.has(problem.code)),
  };
}

/**
 * `state-unreadable` is an event and not a condition: the run that tells it also repairs it. Remembered, it would
 * make the next run announce that it is over.
 */
function problemsToRemember(
  before: readonly OpenProblem[],
  { opened, resolved }: Change["problems"],
  now: Date,
): OpenProblem[] {
  const kept = before.filter((problem) => !resolved.includes(problem));
  const added = new Map<string, OpenProblem>();
  for (const { code, message } of opened) {
    if (code === "state-unreadable" || added.has(code)) continue;
    added.set(code, { code, firstSeen: now.toISOString(), message: printable(message, 1000) });
  }
  return [...kept, ...added.values()];
}

function identity(finding: Pick<OpenFinding, "key" | "code">): string {
  return `${finding.code} ${finding.key}`;
}

function byIdentity(a: OpenFinding, b: OpenFinding): number {
  return identity(a) < identity(b) ? -1 : 1;
}
