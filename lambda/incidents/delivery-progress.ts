import type { RunReport } from "../report/record.ts";
import type { DeliveryFailure, SentMessage } from "./delivery.ts";
import type { OpenIncidents } from "./incident-update.ts";
import type { AlertPolicy } from "./policy.ts";
import type { Message } from "./ports.ts";
import type { Session } from "./session.ts";
import { emptyState, type Lease, type State } from "./state.ts";
import { type StateKeeper, stateKeeper } from "./state-keeper.ts";
import type { LeftOut } from "./state-shares.ts";
import { timeToPublish } from "./time-left.ts";
import type { Words } from "./words.ts";

/** A session that sends a run's messages, and what it has sent so far. */
export type DeliveryProgress = {
  readonly session: Session;
  readonly report: RunReport;
  readonly policy: AlertPolicy;
  readonly words: Words;
  readonly now: Date;
  readonly keeper: StateKeeper;
  readonly sent: SentMessage[];
  readonly failures: DeliveryFailure[];
  waiting: number;
  yielded: boolean;
  /** The open incidents before the run, and after it as far as they are recorded or remembered. */
  before: OpenIncidents;
  after: OpenIncidents;
  /** What the state has no room for. */
  leftOut: LeftOut | undefined;
};

export function beginDelivery(
  session: Session,
  report: RunReport,
  policy: AlertPolicy,
  words: Words,
): DeliveryProgress {
  const { ports, processMemory, timing } = session;
  const failures: DeliveryFailure[] = [];
  const keeper = stateKeeper(ports, processMemory, timing, (error) =>
    failures.push({ step: "write-state", error, consequence: "What was told in this run may be told again." }),
  );
  const now = new Date(timing.clock());
  const outcome = {
    sent: [],
    failures,
    waiting: 0,
    yielded: false,
    before: emptyState,
    after: emptyState,
    leftOut: undefined,
  };
  return { session, report, policy, words, now, keeper, ...outcome };
}

export function fail(
  progress: DeliveryProgress,
  step: DeliveryFailure["step"],
  error: string,
  consequence: string,
): void {
  progress.failures.push({ step, error, consequence });
}

/**
 * @returns whether it was sent. If not, the failures say why, unless only the time was up: then the next run sends it
 */
export async function publish(progress: DeliveryProgress, noticeId: string, message: Message): Promise<boolean> {
  const { ports, timing } = progress.session;
  const withinMs = timeToPublish(timing);
  if (withinMs === null) return false;
  const { subject, text, short, data, chat, attributes } = message;
  const published = await ports.publish({ subject, text, short, data, chat, attributes }, withinMs);
  if (published.kind === "sent") {
    progress.sent.push({ noticeId, messageId: published.messageId, subject });
    if (published.failedBesides !== undefined) {
      fail(progress, "publish", published.failedBesides, `"${subject}" was not sent there, and will not be.`);
    }
    return true;
  }
  const later = published.retryable ? "The next run tries again." : "It cannot be sent until somebody fixes that.";
  fail(progress, "publish", published.error, `"${subject}" was not sent. ${later}`);
  return false;
}

/** Lambda's own limit. */
const longestRun = 15 * 60_000;
/** How far apart the clocks of two machines may be. */
const clockSkew = 5_000;

/** A lease on the outbox for this run, until no part of the run can still be alive. */
export function ownLease({ processMemory, timing }: Session): Lease {
  return { holder: processMemory.holder, until: new Date(timing.deadline + clockSkew).toISOString() };
}

/** Whether another run holds the lease. A lease that lasts longer than any run was made by a clock that was ahead. */
export function isHeldByAnother({ lease }: State, { processMemory, timing }: Session): boolean {
  if (lease === null || lease.holder === processMemory.holder) return false;
  const left = Date.parse(lease.until) - timing.clock();
  return left > 0 && left <= longestRun + clockSkew;
}
