import type { Draft } from "../incidents/change.ts";
import { affectedBy } from "../report/affected.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { mostThatFit } from "../text/fitting.ts";
import { instant } from "../text/instant.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { bytesInJson } from "./fit.ts";
import { incidentsOf } from "./incidents-of.ts";
import { lasted } from "./lasted.ts";
import { problemTitle } from "./problems.ts";
import type { EndedOrigin, MessageContext, OpenOrigin, Summary } from "./summary.ts";
import { whatFixedIt } from "./what-fixed-it.ts";

/**
 * A draft as a custom notification of Amazon Q Developer in chat applications, which drops everything else
 * (https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html). It is sent to HTTPS subscribers, which
 * is how Amazon Q subscribes; web hooks of other kinds find the facts in `metadata.additionalContext`, whose values
 * must be strings.
 *
 * Messages about one origin share a thread as long as what began the trouble is open. Everything that comes from an origin, a
 * certificate or a configuration stands in code spans, where no chat makes links, mentions or formats of it.
 */
export function chatNotification(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  { logGroup, subject, remarks }: MessageContext & { readonly subject: string; readonly remarks: readonly string[] },
): string {
  const lines = [...body(draft, summary, report), ...remarks.map((remark) => code(remark, 300))];
  const incidents = incidentsOf(draft.change);
  const content = {
    textType: "client-markdown",
    title: code(subject, 110),
    description: fittedLines(lines, 6000),
    nextSteps: nextSteps(draft, summary),
    keywords: [...new Set(incidents.map((incident) => incident.code))].slice(0, 5),
  };
  const additionalContext = {
    event: draft.event,
    runId: printable(report.runId, 100),
    logGroup: printable(logGroup ?? "", 512),
    codes: content.keywords.join(","),
    origins: enumerated([...new Set(incidents.map((incident) => printable(originId(incident), 100)))], 5),
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

function body({ event, change, notChecked }: Draft, summary: Summary, report: RunReport): readonly string[] {
  const { fresh, still, fixed, improved, closed, open } = summary;
  const lines = [
    ...change.problems.opened.map(
      ({ message, remedy }) => `*Run problem:* ${code(message, 400)}\nWhat to do: ${code(remedy, 300)}`,
    ),
    ...change.problems.resolved.map((problem) => `*Over:* ${problemTitle(problem)}`),
    ...[...fresh, ...still].slice(0, maxOrigins).map((origin) => openLines(origin)),
    ...[...fixed, ...improved, ...closed].slice(0, maxOrigins).map((origin) => endedLines(origin, report)),
    ...(event === "unseen" || event === "weekly"
      ? notChecked
          .slice(0, maxOrigins)
          .map((entry) => `*Not checked:* ${code(hostAndPort(entry), 260)}: ${code(entry.reason, 250)}`)
      : []),
  ];
  const more = fresh.length + still.length + fixed.length + improved.length + closed.length - maxOrigins;
  if (more > 0) lines.push(`and more; ${counted(open.failing, "origin")} failing, ${open.atRisk} at risk in all`);
  return lines.length > 0 ? lines : [`${counted(open.failing, "origin")} failing, ${open.atRisk} at risk.`];
}

const maxOrigins = 10;

function openLines(origin: OpenOrigin): string {
  const what = origin.effect === "may" ? "*502 risk*" : `*CloudFront answers ${origin.effect}*`;
  const users = affectedBy(origin.records)
    .slice(0, 3)
    .map(({ distributionId, names, pathPatterns }) =>
      code(`${enumerated(pathPatterns, 3)} on ${enumerated(names, 2)} (${distributionId})`, 300),
    );
  const since = origin.findings.map(({ openedAt }) => openedAt).sort()[0] ?? "";
  return [
    `${what} ${code(hostAndPort(origin), 260)} since ${instant(since)}${origin.frozen ? ", not seen in this run" : ""}`,
    ...origin.findings.slice(0, 3).map(({ title }) => `Why: ${code(title, 250)}`),
    ...(users.length > 0 ? [`For: ${users.join(", ")}`] : []),
  ].join("\n");
}

function endedLines({ domain, port, ended, watched, left }: EndedOrigin, report: RunReport): string {
  const state = left === null ? "*Over*" : "*Partly over*";
  const { changed } = whatFixedIt(ended, watched, report);
  return [
    `${state} ${code(hostAndPort({ domain, port }), 260)} after ${lasted(ended, report.finishedAt)}: ${code(ended[0]?.title ?? "", 250)}`,
    ...(changed === null ? [] : [code(changed, 300)]),
  ].join("\n");
}

function nextSteps({ change }: Draft, { fresh, still }: Summary): readonly string[] {
  const [origin] = [...fresh, ...still];
  const worst = (origin?.fresh[0] ?? origin?.findings[0])?.code;
  const record = origin?.records.find(({ findings }) => findings.some(({ code: each }) => each === worst));
  const remedy = record?.findings.find(({ code: each }) => each === worst)?.remedy ?? [];
  const proof = record?.reproduce == null ? [] : [`Prove it: ${code(record.reproduce, 600)}`];
  const problems = change.problems.opened.map((problem) => code(problem.remedy, 300));
  return [...remedy.slice(0, 4).map((step) => code(step, 400)), ...proof, ...problems].slice(0, 6);
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
