import type { BegunMute, Draft } from "../incidents/change.ts";
import { keptScope } from "../incidents/kept-scope.ts";
import type { Incident, OpenProblem } from "../incidents/state.ts";
import type { Severity } from "../judge/effect.ts";
import { type ConsoleLinks, consoleLinks } from "../report/console-links.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { mostThatFit } from "../text/fitting.ts";
import { printable } from "../text/printable.ts";
import { trafficOf } from "./count-lines.ts";
import { distributionRows } from "./distribution-rows.ts";
import type { EventData, EventIncident, EventMute, EventProblem } from "./event-data.ts";
import { bytesInJson } from "./fit.ts";
import type { MessageContext, Summary } from "./summary.ts";

/** The object is sent to three protocols, each time as a string inside a string. */
export const maxDataBytes = 18 * 1024;

/**
 * A draft as JSON, for queues, functions and web hooks. Incidents that do not fit are left out from the end, and
 * `leftOut` counts them; the log group has all.
 */
export function eventData(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  context: MessageContext & { readonly subject: string; readonly severity: Severity },
): string {
  const { scope, region, dashboard, logGroup, subject, severity } = context;
  const links = consoleLinks(scope, region);
  const incidents =
    draft.distributions === null
      ? incidentRows(draft, summary, report, links)
      : distributionRows(draft.distributions, report, links);
  const head: Omit<EventData, "incidents" | "leftOut" | "problems" | "notChecked" | "notCheckedCount"> = {
    schemaVersion: 1,
    source: "origin-watch",
    event: draft.event,
    severity,
    subject,
    runId: printable(report.runId, 100),
    at: report.finishedAt,
    scope: keptScope(scope),
    region: region === "" ? null : printable(region, 40),
    board: dashboard === null ? null : links.dashboard(dashboard),
    logGroup: logGroup === null ? null : printable(logGroup, 512),
    open: { ...summary.open, distributions: draft.openDistributions.length },
  };
  const problems: readonly EventProblem[] = [
    ...draft.change.problems.opened.map((problem) => problemRow("opened", problem, problem.remedy)),
    ...draft.change.problems.still.map((problem) => problemRow("open", problem, problem.remedy)),
    ...draft.change.problems.resolved.map((problem) => problemRow("resolved", problem)),
  ].slice(0, 5);
  const notChecked = draft.notChecked.slice(0, 10).map(({ domain, port, reason, since }) => ({
    domain: printable(domain, 253),
    port,
    reason: printable(reason, 200),
    since,
  }));
  const withSome = (kept: number) => {
    const data: EventData = {
      ...head,
      incidents: incidents.slice(0, kept),
      leftOut: incidents.length - kept,
      problems,
      notChecked,
      notCheckedCount: draft.notChecked.length,
      ...(draft.begunMutes === undefined ? {} : { mutes: draft.begunMutes.slice(0, 10).map(eventMute) }),
    };
    return JSON.stringify(data);
  };
  // The most that fit; without any it is sent all the same.
  return withSome(mostThatFit(incidents.length, (kept) => bytesInJson(withSome(kept)) <= maxDataBytes));
}

function problemRow(
  status: EventProblem["status"],
  { code, scope, message }: Pick<OpenProblem, "code" | "scope" | "message">,
  remedy?: string,
): EventProblem {
  const said = { status, code, scope: scope === null ? null : keptScope(scope), message: printable(message, 300) };
  return remedy === undefined ? said : { ...said, remedy: printable(remedy, 300) };
}

function eventMute({ mute, incidents, distributions }: BegunMute): EventMute {
  const { source, account, distribution, origin, code, until, asked, reason } = mute;
  const held = [
    ...incidents.map((each) => ({ origin: printable(originId(each), 300), distribution: null, code: each.code })),
    ...distributions.map((each) => ({
      origin: null,
      distribution: printable(each.distributionId, 64),
      code: each.code,
    })),
  ].slice(0, 5);
  return { source, account, distribution, origin, code, until, asked, reason: printable(reason, 200), held };
}

function effectBefore({ rejudgedFrom }: Incident): Pick<EventIncident, "effectBefore"> {
  return rejudgedFrom === undefined ? {} : { effectBefore: rejudgedFrom };
}

function incidentRows({ change }: Draft, { fresh, still }: Summary, report: RunReport, links: ConsoleLinks) {
  const records = new Map(
    [...fresh, ...still].flatMap((origin) => origin.records).map((record) => [record.connection.key, record]),
  );
  const row = (
    incident: Incident,
    status: EventIncident["status"],
    extra: Partial<EventIncident> = {},
  ): EventIncident => {
    const record = records.get(incident.key);
    const finding = record?.findings.find(({ code }) => code === incident.code);
    const [first] = incident.distributions;
    const traffic = record === undefined ? [] : trafficOf([record], report).slice(0, 3);
    const confirmedBy = finding?.facts?.confirmedBy;
    const shown = confirmedBy === undefined ? {} : { confirmedBy };
    const witness = traffic.length === 0 && confirmedBy === undefined ? {} : { witness: { traffic, ...shown } };
    return {
      status,
      kind: "connection",
      code: incident.code,
      effect: incident.effect,
      origin: printable(originId(incident), 300),
      title: printable(incident.title, 250),
      scopes: incident.scopes.slice(0, 5).map(keptScope),
      openedAt: incident.openedAt,
      tellings: incident.tellings,
      distributions: incident.distributions.slice(0, 10),
      distributionCount: incident.distributionCount,
      ...(incident.seenFrom === undefined
        ? {}
        : { seenFrom: incident.seenFrom.slice(0, 10).map((place) => printable(place, 40)) }),
      remedy: (finding?.remedy ?? []).slice(0, 3).map((step) => printable(step, 300)),
      reproduce: record?.reproduce == null ? null : printable(record.reproduce, 1000),
      console: first === undefined ? null : links.distribution(first),
      ...witness,
      ...extra,
    };
  };
  const at = report.finishedAt;
  return [
    ...change.opened.map((incident) => row(incident, "opened")),
    ...change.worsened.map((incident) => row(incident, "worsened", effectBefore(incident))),
    ...change.rejudged.map((incident) => row(incident, "open", effectBefore(incident))),
    ...change.resolved.map((incident) => row(incident, "resolved", { endedAt: incident.clearSince ?? at })),
    ...change.gone.map(({ finding, reason }) => row(finding, "gone", { endedAt: finding.clearSince ?? at, reason })),
    ...change.still.map((incident) => row(incident, "open")),
    ...change.frozen.map((incident) => row(incident, "not-seen", { clearSince: incident.clearSince })),
  ];
}
