import type { SkipReason } from "../plan/connection.ts";
import type { RunProblem } from "../tell/record.ts";
import type { OpenFinding, OpenProblem } from "./state.ts";

/** How the open findings and run problems differ from what people were last told. */
export type Change = {
  readonly opened: readonly OpenFinding[];
  /** Told before as a risk, now answered with an error. */
  readonly worsened: readonly OpenFinding[];
  /** Told before and seen again. */
  readonly still: readonly OpenFinding[];
  /** Told before and neither seen nor refuted, because this run could not look far enough. */
  readonly frozen: readonly OpenFinding[];
  /** The connection was observed without it. */
  readonly resolved: readonly OpenFinding[];
  /** CloudFront no longer makes the connection. */
  readonly gone: readonly GoneFinding[];
  readonly problems: {
    readonly opened: readonly RunProblem[];
    readonly still: readonly RunProblem[];
    readonly resolved: readonly OpenProblem[];
  };
};

export type GoneFinding = {
  readonly finding: OpenFinding;
  readonly reason: SkipReason | "not-configured";
};
