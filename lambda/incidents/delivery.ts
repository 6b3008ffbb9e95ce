import type { RunProblem } from "../report/record.ts";
import type { IncidentUpdate } from "./incident-update.ts";

/** What was delivered, for the log and the metrics. */
export type Delivery = {
  readonly sent: readonly SentMessage[];
  readonly failures: readonly DeliveryFailure[];
  /** Notices that are recorded and wait for a later run. */
  readonly waiting: number;
  /** Another run was sending, so this one left the telling to it and to the run after. */
  readonly yielded: boolean;
  /** What the run did to each incident, as far as it is recorded or remembered. */
  readonly updates: readonly IncidentUpdate[];
  /** What came up in telling and is no part of the report. */
  readonly problems: readonly RunProblem[];
};

export type SentMessage = {
  readonly noticeId: string;
  readonly messageId: string;
  readonly subject: string;
};

export type DeliveryFailure = {
  readonly step: "read-state" | "keep-state-aside" | "write-state" | "publish";
  readonly error: string;
  readonly consequence: string;
};
