import type { ReportScript } from "./arbitrary-reports.ts";
import type { Fault } from "./simulation.ts";

/** One run of a history: what it sees, how long after the one before, and what goes wrong with its calls, in order. */
export type Run = {
  readonly report: ReportScript;
  readonly gap: number;
  readonly faults: readonly Fault[];
  /** In a process of its own. */
  readonly cold: boolean;
};
