import type { RunReport } from "../tell/record.ts";
import type { Change } from "./change.ts";
import { copiedAside, unreadableAndNotCopied, unreadableNow, unrecorded } from "./memory-lost.ts";
import type { Message, Ports, StateWrite } from "./ports.ts";
import { maxStateBytes, type Notice, parseState, type State, serializeState } from "./state.ts";
import { step } from "./step.ts";

/** How a change and a belated message are put into words. */
export type Words = {
  /** @param remarks sentences about this very message that its reader must know */
  readonly change: (change: Change, report: RunReport, remarks: readonly string[]) => Message;
  readonly late: (notice: Notice) => Message;
};

/**
 * What this process remembers while the state cannot be kept: the change that it told last. Lives as long as the
 * execution environment, which is what keeps a schedule of a few minutes from repeating itself.
 */
export type ProcessMemory = { told: string | null };

/** What was delivered, for the log and the metrics. */
export type Delivery = {
  readonly sent: readonly SentMessage[];
  readonly failures: readonly DeliveryFailure[];
  /** A change was found and not sent, because this process has sent it before and could not record that. */
  readonly heldBack: boolean;
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

/**
 * Tells people what changed, once.
 *
 * The order makes a crash harmless: the new state is stored with the message in its outbox, the message is published,
 * then the outbox is emptied. Whoever finds a full outbox publishes it first. So a crash repeats a message at worst.
 *
 * Where the state cannot be read or written, nobody knows what was told, and silence would be worse than repetition:
 * the message goes out all the same and says that it may come again. Three things keep that from becoming a flood.
 * A run sends one message at most. A process does not send the same change twice (`memory`), which covers schedules
 * of minutes, whose environments stay warm. And a state that cannot be read, with nothing else wrong, is not worth a
 * message at all: the returned failure reaches the log and the metrics, which alarm without repeating themselves.
 */
export async function deliver(
  report: RunReport,
  now: Date,
  ports: Ports,
  words: Words,
  memory: ProcessMemory,
): Promise<Delivery> {
  const sent: SentMessage[] = [];
  const failures: DeliveryFailure[] = [];
  let heldBack = false;

  // A conflict means that another run is at work; reading again shows what that one has told already.
  if ((await attempt()) === "conflict" && (await attempt()) === "conflict") {
    fail(
      "write-state",
      "the state was changed twice by somebody else",
      "The next run compares again and tells what is left.",
    );
  }
  return { sent, failures, heldBack };

  async function attempt(): Promise<"done" | "conflict"> {
    const loaded = await load();
    if (loaded.kind === "blind") {
      await tellBlind(loaded.report);
      return "done";
    }
    const { pending } = loaded.state ?? { pending: null };
    if (pending !== null && !(await emptyOutbox(pending))) return "done";
    const settled = loaded.state === null ? null : { ...loaded.state, pending: null };
    const { next, change } = step(settled, loaded.report, now);
    if (change !== null) return tell(change, next, loaded.report, loaded.etag);
    if (pending === null) return "done";
    return (await store(next, loaded.etag)).kind === "conflict" ? "conflict" : "done";
  }

  async function load(): Promise<Loaded> {
    const read = await ports.readState();
    if (read.kind === "missing") return { kind: "known", state: null, etag: null, report };
    if (read.kind === "failed") {
      fail("read-state", read.error, "It is not known what was told before.");
      return { kind: "blind", report: withProblem(report, unreadableNow(read.error)) };
    }
    const parsed = parseState(read.text);
    if (parsed.kind === "state") return { kind: "known", state: parsed.state, etag: read.etag, report };

    fail("read-state", parsed.problem, "It is not known what was told before.");
    const aside = await ports.keepAside(read.etag);
    if (aside.kind === "kept") {
      const problem = copiedAside(parsed.problem, aside.location);
      return { kind: "known", state: null, etag: read.etag, report: withProblem(report, problem) };
    }
    fail("keep-state-aside", aside.error, "The unreadable state stays where it is, and nothing can be recorded.");
    return { kind: "blind", report: withProblem(report, unreadableAndNotCopied(parsed.problem, aside.error)) };
  }

  /** Publishes what an earlier run, or this run's first attempt, left in the outbox. */
  async function emptyOutbox(pending: Notice): Promise<boolean> {
    if (sent.some((message) => message.noticeId === pending.id)) return true;
    return publish(pending.id, pending.id === report.runId ? pending : words.late(pending));
  }

  async function tell(
    change: Change,
    next: State,
    about: RunReport,
    etag: string | null,
  ): Promise<"done" | "conflict"> {
    const message = words.change(change, about, []);
    const notice: Notice = { id: report.runId, createdAt: now.toISOString(), ...message };
    const stored = await store({ ...next, pending: notice }, etag);
    switch (stored.kind) {
      case "conflict":
        return "conflict";
      case "failed":
        await tellOnce(change, about, [unrecorded(stored.error)]);
        return "done";
      case "written":
        if ((await publish(notice.id, message)) && (await store(next, stored.etag)).kind === "conflict") {
          await settleAfterConflict(notice.id);
        }
        return "done";
    }
  }

  /** Somebody wrote between our two writes. They may have sent and cleared our message; if not, it is cleared now. */
  async function settleAfterConflict(noticeId: string): Promise<void> {
    const read = await ports.readState();
    const parsed = read.kind === "found" ? parseState(read.text) : null;
    if (read.kind !== "found" || parsed?.kind !== "state" || parsed.state.pending?.id !== noticeId) return;
    await store({ ...parsed.state, pending: null }, read.etag);
  }

  async function tellBlind(about: RunReport): Promise<void> {
    const { change } = step(null, about, now);
    if (change === null) return;
    const othersOpened = change.problems.opened.some((problem) => problem.code !== "state-unreadable");
    if (change.opened.length > 0 || othersOpened) await tellOnce(change, about, []);
  }

  async function tellOnce(change: Change, about: RunReport, remarks: readonly string[]): Promise<void> {
    const told = fingerprint(change);
    if (memory.told === told) {
      heldBack = true;
    } else if (await publish(report.runId, words.change(change, about, remarks))) {
      memory.told = told;
    }
  }

  async function publish(noticeId: string, { subject, body }: Message): Promise<boolean> {
    const published = await ports.publish({ subject, body });
    if (published.kind === "sent") {
      sent.push({ noticeId, messageId: published.messageId, subject });
      return true;
    }
    const later = published.retryable ? "The next run tries again." : "It cannot be sent until somebody mends that.";
    fail("publish", published.error, `"${subject}" was not sent. ${later}`);
    return false;
  }

  async function store(state: State, etag: string | null) {
    const text = serializeState(state);
    const written: StateWrite =
      Buffer.byteLength(text) > maxStateBytes
        ? { kind: "failed", error: `the state would be larger than ${maxStateBytes} bytes` }
        : await ports.writeState(text, etag);
    if (written.kind === "written") memory.told = null;
    if (written.kind === "failed") fail("write-state", written.error, "What was told in this run may be told again.");
    return written;
  }

  function fail(failedStep: DeliveryFailure["step"], error: string, consequence: string): void {
    failures.push({ step: failedStep, error, consequence });
  }
}

type Loaded =
  | { readonly kind: "known"; readonly state: State | null; readonly etag: string | null; readonly report: RunReport }
  | { readonly kind: "blind"; readonly report: RunReport };

function withProblem(report: RunReport, problem: RunReport["problems"][number]): RunReport {
  return { ...report, problems: [...report.problems, problem] };
}

/** What a change says, without when and in which words. */
function fingerprint({ opened, worsened, resolved, gone, problems }: Change): string {
  const findings = [opened, worsened, resolved, gone.map(({ finding }) => finding)];
  return JSON.stringify([
    ...findings.map((list) => list.map(({ key, code, effect }) => [key, code, effect])),
    ...[problems.opened, problems.resolved].map((list) => list.map(({ code }) => code)),
  ]);
}
