import type { Draft } from "../incidents/change.ts";
import type { Message } from "../incidents/ports.ts";
import type { Notice } from "../incidents/state.ts";
import type { RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { attributesOf } from "./attributes.ts";
import { chatNotification } from "./chat.ts";
import { eventData } from "./data.ts";
import { subjectOf } from "./subject.ts";
import { type MessageContext, summarize } from "./summary.ts";
import { textOf } from "./text.ts";

/**
 * Renders a draft for everybody who may be subscribed: text for people, a line for telephones, JSON for programs and
 * for chat. All of them say the same.
 *
 * @param remarks sentences about this very message, such as that it may come twice
 */
export function renderDraft(
  draft: Draft,
  report: RunReport,
  context: MessageContext,
  remarks: readonly string[],
): Message {
  const summary = summarize(draft, report);
  const subject = subjectOf(summary, draft, report, context.scope);
  const attributes = attributesOf(draft, summary, report, context.scope);
  return {
    subject,
    text: textOf(draft, summary, report, context, remarks),
    short: `Origin Watch: ${subject}`,
    data: eventData(draft, summary, report, { ...context, subject, severity: attributes.severity }),
    chat: chatNotification(draft, summary, report, { ...context, subject, remarks }),
    attributes,
  };
}

/** A message that was written earlier and is not known to have been sent. */
export function lateMessage({ createdAt, ...notice }: Notice): Message {
  const remark = `About this message: it was written ${instant(createdAt)} and may be a repetition.`;
  return { ...notice, text: afterFirstStep(notice.text, remark) };
}

/** What is said of the message itself never stands before what it is about and what to do. */
function afterFirstStep(text: string, remark: string): string {
  const paragraphs = text.split("\n\n");
  const steps = paragraphs.findIndex((paragraph) => paragraph.startsWith("Do first:"));
  return paragraphs.toSpliced(Math.max(steps, 0) + 1, 0, remark).join("\n\n");
}
