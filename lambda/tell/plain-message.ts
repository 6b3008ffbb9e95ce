import { accountsIn } from "../incidents/audiences.ts";
import {
  type Change,
  type DistributionChange,
  type Draft,
  distributionIncidentsOf,
  incidentsOf,
  openDistributionsIn,
} from "../incidents/change.ts";
import { keptScope } from "../incidents/kept-scope.ts";
import { type Message, mostAccountIds } from "../incidents/ports.ts";
import type { DistributionIncident, Incident, OpenProblem } from "../incidents/state.ts";
import type { Severity } from "../judge/effect.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { fitting } from "../text/fitting.ts";
import { printable } from "../text/printable.ts";
import type { EventData, EventIncident, EventProblem } from "./event-data.ts";

/**
 * A draft without the words that could not be found for it: its codes, and where they were seen. It takes nothing that a
 * rule, an origin or a certificate says, so that what the renderers fail at cannot make this one fail.
 *
 * @param reason what was thrown
 */
export function plainMessage(draft: Draft, report: RunReport, remarks: readonly string[], reason: unknown): Message {
  const { event, change, notChecked, begunMutes = [] } = draft;
  const incidents = incidentsOf(change);
  const { distributions } = draft;
  const ofDistributions = distributionIncidentsOf(distributions);
  const rows = [
    ...rowsOf(change, report.finishedAt),
    ...(distributions === null ? [] : distributionRowsOf(distributions, report.finishedAt)),
  ];
  const problems = problemsOf(change);
  const severity =
    distributions !== null && openDistributionsIn(distributions).length > 0 ? "critical" : severityOf(change);
  const codes = [...new Set([...rows, ...problems].map(({ code }) => code))].slice(0, 100);
  const subject = `Origin Watch could not put this into words: ${codes.join(", ") || event}`.slice(0, 99);
  const lines = [
    ...rows.map(
      ({ status, code, effect, origin, distributions: distributionsOf }) =>
        `- ${status}: ${code} (${effect}), ${origin ?? distributionsOf.join(", ")}`,
    ),
    ...problems.map(
      ({ status, code, scope, message }) =>
        `- ${status}: ${code}, a problem of ${scope?.accountId == null ? "the run" : `account ${scope.accountId}`}: ${message}`,
    ),
    ...notChecked.map((entry) => `- not checked: ${originOf(entry)}`),
    ...begunMutes.map(({ mute, incidents, distributions }) => {
      const held = [
        ...incidents.map(originOf),
        ...distributions.map(({ distributionId }) => printable(distributionId, 60)),
      ];
      return `- muted until ${mute.until}: ${held.join(", ")}`;
    }),
  ];
  const shown = fitting(lines, longestList, (line) => Buffer.byteLength(line) + 1);
  const more = lines.length > shown.length ? [`- and ${lines.length - shown.length} more`] : [];
  const text = [
    "Origin Watch could not put this into words, which is a fault of its own. It is about:",
    [...shown, ...more].join("\n"),
    `The fault: ${printable(String(reason), 300)}. The log of the function has everything that the run saw.`,
    ...remarks.map((remark) => printable(remark, 2_000)),
    `Run ${printable(report.runId, 100)}, ${report.finishedAt}`,
  ];
  return {
    subject,
    text: `${text.join("\n\n")}\n`,
    short: subject,
    data: JSON.stringify(dataOf(draft, report, { subject, severity, rows, problems })),
    chat: null,
    attributes: {
      event,
      severity,
      codes,
      distributionIds: [
        ...new Set([
          ...incidents.flatMap((incident) => incident.distributions),
          ...ofDistributions.map(({ distributionId }) => distributionId),
        ]),
      ].slice(0, 500),
      accountIds: accountsIn(draft.audience ?? []).slice(0, mostAccountIds),
      origins: [...new Set([...incidents, ...notChecked].map(originOf))].slice(0, 100),
    },
  };
}

/** Of some 220 kB that a text may have. */
const longestList = 100_000;
/** A row has less than a kilobyte, and there is room for 18. */
const mostRows = 12;

type Parts = {
  readonly subject: string;
  readonly severity: Severity;
  readonly rows: readonly EventIncident[];
  readonly problems: readonly EventProblem[];
};

function dataOf(
  { event, open, openDistributions, notChecked }: Draft,
  { runId, finishedAt }: RunReport,
  { subject, severity, rows, problems }: Parts,
): EventData {
  const failing = new Set(open.filter(({ effect }) => effect !== "may").map(originId));
  const atRisk = new Set(open.map(originId).filter((origin) => !failing.has(origin)));
  return {
    schemaVersion: 1,
    source: "origin-watch",
    event,
    severity,
    subject,
    runId: printable(runId, 100),
    at: finishedAt,
    scope: null,
    region: null,
    board: null,
    logGroup: null,
    open: { failing: failing.size, atRisk: atRisk.size, distributions: openDistributions.length },
    incidents: rows.slice(0, mostRows),
    leftOut: Math.max(rows.length - mostRows, 0),
    problems: problems.slice(0, 5),
    notChecked: [],
    notCheckedCount: notChecked.length,
  };
}

function rowsOf(change: Change, at: string): readonly EventIncident[] {
  const row = (incident: Incident, status: EventIncident["status"], extra: Partial<EventIncident> = {}) => ({
    status,
    kind: "connection" as const,
    code: incident.code,
    effect: incident.effect,
    origin: originOf(incident),
    title: incident.code,
    scopes: [],
    openedAt: incident.openedAt,
    tellings: incident.tellings,
    distributions: incident.distributions.slice(0, 5).map((id) => printable(id, 60)),
    distributionCount: incident.distributionCount,
    remedy: [],
    reproduce: null,
    console: null,
    ...extra,
  });
  const over = ({ clearSince }: Incident) => ({ endedAt: clearSince ?? at });
  return [
    ...change.opened.map((incident) => row(incident, "opened")),
    ...change.worsened.map((incident) => row(incident, "worsened")),
    ...change.rejudged.map((incident) => row(incident, "open")),
    ...change.resolved.map((incident) => row(incident, "resolved", over(incident))),
    ...change.gone.map(({ finding, reason }) => row(finding, "gone", { ...over(finding), reason })),
    ...change.still.map((incident) => row(incident, "open")),
    ...change.frozen.map((incident) => row(incident, "not-seen", { clearSince: incident.clearSince })),
  ];
}

function distributionRowsOf(change: DistributionChange, at: string): readonly EventIncident[] {
  const row =
    (status: EventIncident["status"], extra: Partial<EventIncident> = {}) =>
    (incident: DistributionIncident) => ({
      status,
      kind: "distribution" as const,
      code: incident.code,
      effect: incident.effect,
      origin: null,
      title: incident.code,
      scopes: [],
      openedAt: incident.openedAt,
      tellings: incident.tellings,
      distributions: [printable(incident.distributionId, 60)],
      distributionCount: 1,
      remedy: [],
      reproduce: null,
      console: null,
      ...extra,
    });
  return [
    ...change.opened.map(row("opened")),
    ...change.worsened.map(row("worsened")),
    ...[...change.rejudged, ...change.still].map(row("open")),
    ...change.resolved.map(row("resolved", { endedAt: at })),
    ...change.gone.map(row("gone", { endedAt: at, reason: "not-configured" })),
    ...change.frozen.map(row("not-seen", { clearSince: null })),
  ];
}

function problemsOf({ problems: { opened, still, resolved } }: Change): readonly EventProblem[] {
  type Problem = Pick<OpenProblem, "code" | "scope" | "message">;
  const row = (status: EventProblem["status"], { code, scope, message }: Problem) => ({
    status,
    code,
    scope: scope === null ? null : keptScope(scope),
    message: printable(message, 500),
  });
  return [
    ...opened.map((problem) => row("opened", problem)),
    ...still.map((problem) => row("open", problem)),
    ...resolved.map((problem) => row("resolved", problem)),
  ];
}

function severityOf({ opened, worsened, rejudged, still, problems }: Change): Severity {
  const open = [...opened, ...worsened, ...rejudged, ...still];
  if (open.some(({ effect }) => effect !== "may")) return "critical";
  return open.length + problems.opened.length + problems.still.length > 0 ? "warning" : "info";
}

function originOf(placed: { readonly domain: string; readonly port: number }): string {
  return printable(originId(placed), 300);
}
