import { type Draft, distributionIncidentsOf, incidentsOf } from "../incidents/change.ts";
import { accountInFull } from "../report/account-name.ts";
import { consoleLinks } from "../report/console-links.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { mostThatFit } from "../text/fitting.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { accountsOf } from "./accounts.ts";
import { endedLine } from "./ended-origin.ts";
import { bytesInJson } from "./fit.ts";
import type { MessageParts } from "./message-parts.ts";
import type { MessageContext, Summary } from "./summary.ts";
import { partsOf } from "./text.ts";

/**
 * A draft as a custom notification of Amazon Q Developer in chat applications, which drops everything else
 * (https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html). It is sent to HTTPS subscribers, which
 * is how Amazon Q subscribes; web hooks of other kinds find the facts in `metadata.additionalContext`, whose values
 * must be strings.
 *
 * Messages about one origin share a thread as long as what began it is open. Everything that comes from an origin, a
 * certificate or a configuration stands in code spans, where no chat makes links, mentions or formats of it.
 */
export function chatNotification(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  context: MessageContext & { readonly subject: string; readonly remarks: readonly string[] },
): string {
  const { scope, region, dashboard, logGroup, subject, remarks } = context;
  const links = consoleLinks(scope, region);
  const board = dashboard === null ? null : links.dashboard(dashboard);
  const parts = partsOf(draft, summary, report, links, context);
  const lines = [
    ...body(parts, draft, summary, report),
    ...remarks.map((remark) => code(remark, 300)),
    ...(board === null ? [] : [`Board: ${board}`]),
  ];
  const begun = draft.begunMutes ?? [];
  const incidents = [...incidentsOf(draft.change), ...begun.flatMap((each) => each.incidents)];
  const ofDistributions = [
    ...distributionIncidentsOf(draft.distributions),
    ...begun.flatMap((each) => each.distributions),
  ];
  const ids = [
    ...new Set([
      ...incidents.flatMap(({ distributions }) => distributions),
      ...ofDistributions.map(({ distributionId }) => distributionId),
    ]),
  ];
  const content = {
    textType: "client-markdown",
    title: code(subject, 110),
    description: fittedLines(lines, 6000),
    nextSteps: nextSteps(parts, draft),
    keywords: [...new Set([...incidents, ...ofDistributions].map((incident) => incident.code))].slice(0, 5),
  };
  const additionalContext = {
    event: draft.event,
    runId: printable(report.runId, 100),
    logGroup: printable(logGroup ?? "", 512),
    codes: content.keywords.join(","),
    origins: enumerated([...new Set(incidents.map((incident) => printable(originId(incident), 100)))], 5),
    accounts: enumerated(
      accountsOf(draft, report, scope).flatMap((account) => accountInFull(account) ?? []),
      10,
    ),
    distributions: enumerated(ids, 10),
  };
  const notification = {
    version: "1.0",
    source: "custom",
    id: `${printable(report.runId, 100)}-${draft.event}`,
    content,
    metadata: {
      threadId: threadOf(draft),
      summary: code(subject, 110),
      eventType: draft.event,
      relatedResources: ids.slice(0, 10),
      additionalContext,
    },
  };
  return JSON.stringify(notification);
}

/** One thread for each origin and time of trouble; messages that are about more have one for each kind. */
function threadOf({ event, change, distributions }: Draft): string {
  const [own, ...more] = distributionIncidentsOf(distributions);
  if (own !== undefined)
    return more.length > 0 ? `origin-watch-${event}` : `${printable(own.key, 120)} ${own.openedAt}`;
  const incidents = incidentsOf(change);
  const origins = new Set(incidents.map(originId));
  const [only] = origins;
  if (origins.size !== 1 || only === undefined) return `origin-watch-${event}`;
  const since = incidents.map(({ openedAt }) => openedAt).sort()[0] ?? "";
  return `${printable(only, 120)} ${since}`;
}

/** The first screen without the steps, which have a place of their own. Whatever a line says stands in a code span. */
function body({ lead, items }: MessageParts, { event, change }: Draft, summary: Summary, report: RunReport) {
  const { fresh, fixed, improved, closed } = summary;
  const shown = items?.entries.slice(0, maxItems) ?? [];
  const more = (items?.entries.length ?? 0) - shown.length;
  const ended = fresh.length === 0 ? [] : [...fixed, ...improved, ...closed].slice(0, maxItems);
  const problems = event === "run-problem" ? [] : change.problems.opened;
  return [
    lead.map(leadLine).join("\n"),
    [
      ...(items?.heading == null || shown.length === 0 ? [] : [items.heading]),
      ...shown.map(inCode),
      ...(more > 0 ? ["and more; all are in the log"] : []),
    ].join("\n"),
    ended.map((origin) => inCode(endedLine(origin, report))).join("\n"),
    ...problems.map(({ message }) => `*Problem:* ${code(message, 400)}`),
  ].filter((part) => part !== "");
}

const maxItems = 10;
const causeLabel = "Cause: ";

function leadLine(line: string): string {
  return line.startsWith(causeLabel) ? `${causeLabel}${inCode(line.slice(causeLabel.length))}` : inCode(line);
}

function inCode(line: string): string {
  return code(line, 500);
}

function nextSteps({ steps, verify }: MessageParts, { event, change }: Draft): readonly string[] {
  const problems = event === "run-problem" ? [] : change.problems.opened;
  return [
    ...steps.slice(0, 4).map((step) => code(step, 400)),
    ...(verify === null ? [] : [`Verify: ${code(verify.command, 600)}`]),
    ...problems.flatMap(({ remedy }) => (remedy === "" ? [] : [code(remedy, 300)])),
  ].slice(0, 6);
}

/** A code span; what could end it or stand for a mention in Slack is replaced. */
function code(text: string, maxLength: number): string {
  const safe = printable(text, maxLength)
    .replaceAll("`", "'")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  return `\`${safe}\``;
}

function fittedLines(lines: readonly string[], maxBytes: number): string {
  const withSome = (kept: number) => {
    const left = lines.length - kept;
    return [...lines.slice(0, kept), ...(left > 0 ? [`and ${left} more entries; all are in the log`] : [])].join(
      "\n\n",
    );
  };
  const kept = mostThatFit(lines.length, (count) => bytesInJson(withSome(count)) <= maxBytes);
  return kept === 0 ? "Too much for a chat message; all is in the log." : withSome(kept);
}
