import type { Draft } from "../incidents/change.ts";
import { accountInFull } from "../report/account-name.ts";
import { consoleLinks } from "../report/console-links.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { mostThatFit } from "../text/fitting.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { accountsOf } from "./accounts.ts";
import { endedParagraphs } from "./ended-origin.ts";
import { firstScreen } from "./first-screen.ts";
import { bytesInJson } from "./fit.ts";
import { incidentsOf } from "./incidents-of.ts";
import { notCheckedLine } from "./origin-lines.ts";
import { problemTitle } from "./problems.ts";
import type { MessageContext, OpenOrigin, Summary } from "./summary.ts";
import { tagged } from "./tag.ts";

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
  const board = dashboard === null ? null : consoleLinks(scope, region).dashboard(dashboard);
  const lines = [
    ...body(draft, summary, report),
    ...remarks.map((remark) => code(remark, 300)),
    ...(board === null ? [] : [`Board: ${board}`]),
  ];
  const incidents = incidentsOf(draft.change);
  const content = {
    textType: "client-markdown",
    title: code(subject, 110),
    description: fittedLines(lines, 6000),
    nextSteps: nextSteps(draft, summary, report.finishedAt),
    keywords: [...new Set(incidents.map((incident) => incident.code))].slice(0, 5),
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
    distributions: enumerated([...new Set(incidents.flatMap(({ distributions }) => distributions))], 10),
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
      relatedResources: [...new Set(incidents.flatMap(({ distributions }) => distributions))].slice(0, 10),
      additionalContext,
    },
  };
  return JSON.stringify(notification);
}

/** One thread for each origin and time of trouble; messages that are about more have one for each kind. */
function threadOf({ event, change }: Draft): string {
  const incidents = incidentsOf(change);
  const origins = new Set(incidents.map(originId));
  const [only] = origins;
  if (origins.size !== 1 || only === undefined) return `origin-watch-${event}`;
  const since = incidents.map(({ openedAt }) => openedAt).sort()[0] ?? "";
  return `${printable(only, 120)} ${since}`;
}

/** The first screen without the steps, which have a place of their own. Whatever a line says stands in a code span. */
function body(draft: Draft, summary: Summary, report: RunReport): readonly string[] {
  const { event, change, notChecked } = draft;
  const { fresh, still, fixed, improved, closed, open } = summary;
  const at = report.finishedAt;
  const shown = [...fresh, ...still].slice(0, maxOrigins);
  const ended = [...fixed, ...improved, ...closed].slice(0, maxOrigins);
  const unchecked = notChecked.slice(0, maxOrigins);
  const lines = [
    ...change.problems.opened.map(({ message }) => `*Problem:* ${code(message, 400)}`),
    ...change.problems.resolved.map((problem) => `*Fixed:* ${problemTitle(problem)}`),
    ...shown.map((origin) => openLines(origin, at)),
    ...ended.map((origin) => (endedParagraphs(origin, report)[0] ?? "").split("\n").map(inCode).join("\n")),
    ...unchecked.map(
      (entry) =>
        `*${event === "checked-again" ? "Checked again, was" : "Not checked"}:* ${inCode(notCheckedLine(entry).slice(2))}`,
    ),
  ];
  const more = fresh.length + still.length + fixed.length + improved.length + closed.length - maxOrigins;
  if (more > 0) lines.push(`and more: ${counted(open.failing, "origin")} failing, ${open.atRisk} at risk in all`);
  return lines.length > 0 ? lines : [`${counted(open.failing, "origin")} failing, ${open.atRisk} at risk.`];
}

const maxOrigins = 10;

function openLines(origin: OpenOrigin, at: string): string {
  const incidents = origin.fresh.length > 0 ? origin.fresh : origin.findings;
  const { lead, cause } = firstScreen(origin, incidents, at);
  const { tag } = tagged(incidents, origin.records, at);
  return [
    `*${tag}* ${code(hostAndPort(origin), 260)}`,
    ...lead.map(inCode),
    ...(cause === null ? [] : [`Cause: ${code(cause, 500)}`]),
  ].join("\n");
}

function inCode(line: string): string {
  return code(line, 500);
}

function nextSteps({ change }: Draft, { fresh, still }: Summary, at: string): readonly string[] {
  const [origin] = [...fresh, ...still];
  const problems = change.problems.opened.flatMap(({ remedy }) => (remedy === "" ? [] : [code(remedy, 300)]));
  if (origin === undefined) return problems.slice(0, 6);
  const { steps, verify } = firstScreen(origin, origin.fresh.length > 0 ? origin.fresh : origin.findings, at);
  const command = verify === null ? [] : [`Verify: ${code(verify.command, 600)}`];
  return [...steps.slice(0, 4).map((step) => code(step, 400)), ...command, ...problems].slice(0, 6);
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
