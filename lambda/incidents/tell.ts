import type { RunProblem, RunReport } from "../report/record.ts";
import type { Delivery } from "./delivery.ts";
import { beginDelivery, type DeliveryProgress, fail, isHeldByAnother, ownLease, publish } from "./delivery-progress.ts";
import { incidentUpdates } from "./incident-update.ts";
import { copiedAside, unreadableAndNotCopied, unreadableNow, unrecorded } from "./memory-lost.ts";
import { type Sending, sendEarlier, sendOutbox, sendWithoutLease } from "./outbox.ts";
import type { AlertPolicy } from "./policy.ts";
import type { Unsaved } from "./process-memory.ts";
import { readState, type Session, type StateReading } from "./session.ts";
import { emptyState, type Notice, type State } from "./state.ts";
import { type Step, step } from "./step.ts";
import { stepFailed } from "./step-failed.ts";
import { timeForCall } from "./time-left.ts";
import { noticeOf, type Words } from "./words.ts";

/**
 * Sends each change once.
 *
 * The order makes a crash harmless. First the new state is stored, with the notices in its outbox and a lease that says
 * which run sends them and until when. Then each notice is published and removed from the outbox. A run that finds
 * notices in the outbox and no lease in force takes the lease and sends those first. So a crash repeats one message at
 * worst, and of two concurrent runs only the holder of the lease sends. The lease expires at the run's deadline, when
 * no part of that run can still be alive.
 *
 * Where the state cannot be read or written, it is not known what was sent, and silence would be worse than repetition:
 * the messages are still sent, with a remark that they may come again. One process does not repeat itself
 * (`ProcessMemory`). An unreadable state alone is not worth a message: the returned failure reaches the log and the
 * metrics, whose alarm does not repeat itself.
 */
export async function tell(session: Session, report: RunReport, policy: AlertPolicy, words: Words): Promise<Delivery> {
  const progress = beginDelivery(session, report, policy, words);
  // A conflict means that another run is active. Reading again shows what that run has already sent.
  let outcome = await attempt(progress, await newestReading(session));
  if (outcome === "conflict") outcome = await attempt(progress, await readState(session.ports, session.timing));
  if (outcome === "conflict") {
    const changed = "the state was changed twice by somebody else";
    fail(progress, "write-state", changed, "The next run compares again and tells what is left.");
  }
  const { sent, failures, waiting, yielded, before, after, leftOut } = progress;
  const updates = incidentUpdates(before, after, report, leftOut?.identities);
  return { sent, failures, waiting, yielded, updates, problems: leftOut?.problems ?? [] };
}

/** What the session read, unless reading again may show more. If another run wrote since, storing conflicts. */
function newestReading(session: Session): Promise<StateReading> | StateReading {
  const { reading, ports, timing } = session;
  const outdated = reading.kind === "failed" || (reading.kind === "state" && isHeldByAnother(reading.state, session));
  return outdated ? readState(ports, timing) : reading;
}

async function attempt(progress: DeliveryProgress, reading: StateReading): Promise<"done" | "conflict"> {
  const basis = await basisOf(progress, reading);
  progress.before = basis.state ?? emptyState;
  progress.after = progress.before;
  if (basis.kind === "blind") {
    await tellUnread(progress, basis);
    return "done";
  }
  const { state, etag } = basis;
  if (state !== null && isHeldByAnother(state, progress.session)) {
    progress.yielded = true;
    return "done";
  }
  const earlier = await sendEarlier(progress, state, etag);
  if (earlier.kind !== "sent") return earlier.kind === "conflict" ? "conflict" : "done";
  const isStored = earlier.etag !== etag || (basis.isStored && earlier.state === state);
  return deliverChanges(progress, { ...basis, state: earlier.state, isStored, etag: earlier.etag });
}

/** What the run is compared with. */
type Basis = Known | Unread;

type Unread = {
  readonly kind: "blind";
  /** What this process could not store before. */
  readonly state: State | null;
  readonly problem: RunProblem;
};

type Known = {
  readonly kind: "known";
  readonly state: State | null;
  /** Whether the object says so too. Where not, it is to as soon as it can be written, whatever the run sees. */
  readonly isStored: boolean;
  readonly etag: string | null;
  /** Why the earlier state is lost. */
  readonly problem: RunProblem | null;
};

async function basisOf(progress: DeliveryProgress, reading: StateReading): Promise<Basis> {
  const { keeper, session } = progress;
  const unknown = "It is not known what was told before.";
  switch (reading.kind) {
    case "missing":
      return { kind: "known", ...keeper.newest(null, null), etag: null, problem: null };
    case "state": {
      const { state, etag } = reading;
      return { kind: "known", ...keeper.newest(state, etag), etag, problem: null };
    }
    case "failed":
      fail(progress, "read-state", reading.error, unknown);
      return { kind: "blind", state: keeper.remembered(), problem: unreadableNow(reading.error) };
    case "damaged": {
      const { problem, etag } = reading;
      fail(progress, "read-state", problem, unknown);
      const aside = await session.ports.keepAside(etag, timeForCall(session.timing));
      if (aside.kind === "kept") {
        return { kind: "known", state: null, isStored: true, etag, problem: copiedAside(problem, aside.location) };
      }
      const consequence = "The unreadable state stays where it is, and nothing can be recorded.";
      fail(progress, "keep-state-aside", aside.error, consequence);
      return { kind: "blind", state: keeper.remembered(), problem: unreadableAndNotCopied(problem, aside.error) };
    }
  }
}

async function deliverChanges(
  progress: DeliveryProgress,
  { state, isStored, etag, problem }: Known,
): Promise<"done" | "conflict"> {
  const { session, report, policy, words, now, keeper } = progress;
  const lost = problem !== null;
  const about = lost ? { ...report, problems: [...report.problems, problem] } : report;
  const rules = lost ? { ...policy, confirmations: 1 } : policy;
  const { next, drafts, leftOut } = nextStep(state, about, now, rules, lost);
  progress.leftOut = leftOut;
  if (drafts.length === 0) return storeQuietly(progress, { state, isStored, etag }, next);
  const outbox = drafts.map((draft, index) => noticeOf(words, head(progress, index), draft, about, []));
  const stored = await keeper.store({ ...next, outbox, lease: ownLease(session) }, etag);
  switch (stored.kind) {
    case "conflict":
      return "conflict";
    case "failed":
      await tellUnrecorded(progress, state, problem, { basedOn: etag }, [unrecorded(stored.error)]);
      return "done";
    case "written":
      progress.after = next;
      await sendOutbox(progress, stored);
      return "done";
  }
}

/** Stores what the run saw where there is no message to send, if the stored state differs. */
async function storeQuietly(
  progress: DeliveryProgress,
  { state, isStored, etag }: Omit<Known, "kind" | "problem">,
  next: State,
): Promise<"done" | "conflict"> {
  if (next === state && isStored && state.lease === null) return "done";
  const { incidents, distributionIncidents, suspicions, blindSpots, mutes } = next;
  const isEmpty = [incidents, distributionIncidents, suspicions, blindSpots, mutes].every((list) => list.length === 0);
  if (state === null && isEmpty) return "done";
  const settled = { ...next, lease: null };
  const stored = await progress.keeper.store(settled, etag);
  if (stored.kind === "conflict") return "conflict";
  if (stored.kind === "failed") progress.session.processMemory.unsaved = { state: settled, basedOn: etag };
  progress.after = next;
  return "done";
}

/**
 * Sends all changes in one message although that cannot be recorded, and remembers it as long as the process lives. What
 * is over waits until it can be: whoever was told of an end that nobody remembers would not be told of the return.
 */
async function tellUnrecorded(
  progress: DeliveryProgress,
  state: State | null,
  problem: RunProblem | null,
  unsaved: Omit<Unsaved, "state">,
  remarks: readonly string[],
): Promise<void> {
  const { session, report, policy, words, now } = progress;
  // Without a state, a second run in a row could never be recognised.
  const rules = state === null ? { ...policy, confirmations: 1 } : policy;
  const { next, drafts, leftOut } = nextStep(state, report, now, rules, true);
  progress.leftOut = leftOut;
  const about = problem === null ? report : { ...report, problems: [...report.problems, problem] };
  for (const [index, draft] of drafts.entries()) {
    const notice = noticeOf(words, head(progress, index), draft, about, remarks);
    if (!(await publish(progress, notice.id, notice))) return;
  }
  // A first run whose state cannot be stored is still the first one of which people have not heard.
  const isFirst = state === null && problem === null && policy.firstMessage !== "never";
  const firstMessageDue = next.firstMessageDue || isFirst;
  session.processMemory.unsaved = { ...unsaved, state: { ...next, firstMessageDue, outbox: [], lease: null } };
  progress.after = next;
}

/** Where the state cannot be read: first what this process could not send before, then what changed. */
async function tellUnread(progress: DeliveryProgress, { state, problem }: Unread): Promise<void> {
  const beside = besideUnread(progress.session);
  const earlier: Sending =
    state === null ? { kind: "sent", state, etag: null } : await sendWithoutLease(progress, state, beside);
  if (earlier.kind === "sent") await tellUnrecorded(progress, earlier.state, problem, beside, [problem.message]);
}

/** Where the state cannot be read: what is told belongs beside the one that this process knew last. */
function besideUnread({ processMemory: { unsaved, lastEtag } }: Session): Omit<Unsaved, "state"> {
  if (unsaved !== null) return { basedOn: unsaved.basedOn, isPart: unsaved.isPart ?? false };
  return { basedOn: lastEtag ?? null, isPart: true };
}

function head({ report, now }: DeliveryProgress, index: number): Pick<Notice, "id" | "createdAt"> {
  return { id: `${report.runId}/${index + 1}`, createdAt: now.toISOString() };
}

/** A fault in comparing must not silence every run from now on. */
function nextStep(state: State | null, report: RunReport, now: Date, policy: AlertPolicy, asOne: boolean): Step {
  try {
    return step(state, report, now, policy, { asOne });
  } catch (thrown) {
    return stepFailed(state, report, now, policy, thrown);
  }
}
