import { type Draft, distributionIncidentsOf, incidentsOf } from "../incidents/change.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { accountInFull } from "../report/account-name.ts";
import type { ConsoleLinks } from "../report/console-links.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { accountsRead } from "../report/run-accounts.ts";
import { instant } from "../text/instant.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { exactSpan } from "../text/span.ts";
import { howToMute } from "./how-to-mute.ts";
import type { MessageContext, Summary } from "./summary.ts";

/**
 * The end of every message: where more is to be seen, how to mute it, when the next one comes, and which run of which
 * program in which account it is from. A line whose fact is not known is left out.
 */
export function footer(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  links: ConsoleLinks,
  context: MessageContext,
): string {
  const { region, scope, version, dashboard, logGroup } = context;
  const board = dashboard === null ? null : links.dashboard(dashboard);
  const account = accountInFull(scope);
  const accounts = accountsRead(report);
  const place = region === "" ? "" : ` in ${printable(region, 40)}`;
  const program = `Origin Watch ${version}${place}${account === null ? "" : `, account ${account}`}`;
  return [
    ...(board === null ? [] : [`Board: ${board}`]),
    ...about(draft),
    ...howToMute(draft, summary, report, context),
    `Next message: ${next(draft, summary)}.`,
    program,
    `Run ${instant(report.startedAt)}, id ${printable(report.runId, 100)}: ${countsOf(draft, report)}${accounts === null ? "" : `; ${accounts}`}.`,
    ...logLines(report, links, logGroup),
  ].join("\n");
}

/** Where the documents explain what it is about, if that is one thing. */
function about({ event, change, distributions }: Draft): readonly string[] {
  const [own] = distributionIncidentsOf(distributions);
  if (own !== undefined) return [`About this finding: docs/findings.md#${own.code}`];
  if (event === "run-problem") return ["About this problem: docs/operations.md, Messages about the run"];
  const open = [...change.opened, ...change.worsened, ...change.rejudged, ...change.still, ...change.frozen];
  const codes = new Set((open.length > 0 ? open : incidentsOf(change)).map((incident) => incident.code));
  // Why some addresses fail says more than that they do.
  const causes = [...codes].filter((code) => ruleOf(code)?.sumsUp === undefined);
  const [code, ...others] = causes.length > 0 ? causes : codes;
  if (code === undefined) return [];
  if (others.length > 0) return ["About these findings: docs/findings.md"];
  return ruleOf(code) === undefined ? [] : [`About this finding: docs/findings.md#${code}`];
}

function next({ event, change, remindAfter }: Draft, { fresh, still }: Summary): string {
  switch (event) {
    case "started":
    case "checked-again":
      return "when something opens or gets worse";
    case "weekly":
      return "next summary in 1 week; alerts come immediately";
    case "muted":
      return "when something else opens, or a mute ends and what it holds back is still open";
    case "unseen":
      return "when more origins cannot be checked, at most once a day";
    case "run-problem":
      return change.problems.opened.length + change.problems.still.length > 0
        ? `when this is fixed, or in ${remindAfter === null ? "24 hours" : exactSpan(remindAfter)}`
        : "when something opens or gets worse";
    case "opened":
    case "worsened":
    case "rejudged":
    case "resolved":
    case "digest":
    case "reminder": {
      if (remindAfter === null) return "when something opens or gets worse";
      const expires = [...fresh, ...still].some(({ findings }) =>
        findings.some(({ code }) => ruleOf(code)?.warnsOfExpiry !== undefined),
      );
      return `when this changes, ${expires ? "when the expiry is closer, " : ""}or in ${exactSpan(remindAfter)}`;
    }
  }
}

/** How the origins of a run are counted, in subjects as in messages. */
export type OriginCounts = Readonly<Record<(typeof kinds)[number], number>>;

const kinds = ["failing", "at risk", "muted", "seen once", "not checked", "healthy", "skipped"] as const;

/**
 * Each origin of the run counted once: by what is open and known, and only where nothing is by what this run saw.
 */
export function originCounts({ open, muted }: Pick<Draft, "open" | "muted">, report: RunReport): OriginCounts {
  const failing = new Set(open.filter(({ effect }) => effect !== "may").map(originId));
  const atRisk = new Set(open.map(originId));
  const quiet = new Set(muted.map(({ incident }) => originId(incident)));
  const notWatched = new Set(atRisk);
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<(typeof kinds)[number], number>;
  for (const origin of originsOf(report.records)) {
    const id = originId(origin);
    counts[kindOf(id, origin.verdict)] += 1;
    notWatched.delete(id);
  }
  for (const id of notWatched) counts[kindOf(id, "unknown")] += 1;
  return counts;

  function kindOf(id: string, verdict: RunReport["records"][number]["verdict"]) {
    if (failing.has(id)) return "failing";
    if (atRisk.has(id)) return "at risk";
    switch (verdict) {
      case "failing":
      case "at-risk":
        // It waits for a second run, if nobody has muted it.
        return quiet.has(id) ? "muted" : "seen once";
      case "unknown":
        return "not checked";
      case "healthy":
      case "skipped":
        return verdict;
    }
  }
}

/** `11 origins: 1 failing, 2 not checked, 8 healthy`. */
export function countsOf(draft: Pick<Draft, "open" | "muted">, report: RunReport): string {
  const counts = originCounts(draft, report);
  const shown = kinds.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  const all = counted(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    "origin",
  );
  return shown.length === 0
    ? `${counted(report.distributions, "distribution")}, ${all}`
    : `${all}: ${shown.join(", ")}`;
}

function logLines({ runId }: RunReport, links: ConsoleLinks, logGroup: string | null): readonly string[] {
  if (logGroup === null) return [];
  const link = links.logGroup(logGroup);
  return [
    `Log query: filter runId = "${printable(runId, 100)}" in ${printable(logGroup, 512)}`,
    ...(link === null ? [] : [link]),
  ];
}
