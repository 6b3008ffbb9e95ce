import type { RunReport } from "../report/record.ts";
import type { Draft } from "./change.ts";
import type { Message } from "./ports.ts";
import type { Notice } from "./state.ts";
import { isNotice } from "./state-format.ts";

/** Renders drafts and late messages. */
export type Words = {
  /** @param remarks sentences about the message itself that its reader must know */
  readonly render: (draft: Draft, report: RunReport, remarks: readonly string[]) => Message;
  /** A minimal message for a draft that `render` could not render. */
  readonly plain: (draft: Draft, report: RunReport, remarks: readonly string[], reason: unknown) => Message;
  readonly late: (notice: Notice) => Message;
};

/**
 * Renders a draft. Where the renderers throw, or produce what SNS would refuse, a minimal message is sent instead: a
 * fault of ours must not cost anybody an alert.
 */
export function noticeOf(
  { render, plain }: Words,
  { id, createdAt }: Pick<Notice, "id" | "createdAt">,
  draft: Draft,
  report: RunReport,
  remarks: readonly string[],
): Notice {
  try {
    const notice = { id, createdAt, ...render(draft, report, remarks) };
    if (isNotice(notice)) return notice;
    return { id, createdAt, ...plain(draft, report, remarks, "the message has a form that SNS refuses") };
  } catch (thrown) {
    return { id, createdAt, ...plain(draft, report, remarks, thrown) };
  }
}

/** The same for a late message, which is then sent as it was. */
export function lateOf({ late }: Words, notice: Notice): Message {
  try {
    return late(notice);
  } catch {
    return notice;
  }
}
