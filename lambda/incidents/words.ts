import type { RunReport } from "../report/record.ts";
import type { Draft } from "./change.ts";
import type { Message } from "./ports.ts";
import type { Notice } from "./state.ts";
import { isNotice } from "./state-format.ts";

/** How a draft and a belated message are put into words. */
export type Words = {
  /** @param remarks sentences about this very message that its reader must know */
  readonly render: (draft: Draft, report: RunReport, remarks: readonly string[]) => Message;
  /** As little as can be said of a draft that `render` failed at. */
  readonly plain: (draft: Draft, report: RunReport, remarks: readonly string[], reason: unknown) => Message;
  readonly late: (notice: Notice) => Message;
};

/**
 * Puts a draft into words. A fault of the renderers costs this draft its words and nobody a message, be it that they
 * throw or that they make what SNS would refuse.
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

/** The same for a belated message, which then goes out as it was. */
export function lateOf({ late }: Words, notice: Notice): Message {
  try {
    return late(notice);
  } catch {
    return notice;
  }
}
