import type { RunReport } from "../report/record.ts";
import type { Draft } from "./change.ts";
import type { Message } from "./ports.ts";
import type { Notice } from "./state.ts";

/** How a draft and a belated message are put into words. */
export type Words = {
  /** @param remarks sentences about this very message that its reader must know */
  readonly render: (draft: Draft, report: RunReport, remarks: readonly string[]) => Message;
  readonly late: (notice: Notice) => Message;
};
