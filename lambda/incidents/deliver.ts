import type { RunReport } from "../report/record.ts";
import type { Draft } from "./change.ts";
import { copiedAside, unreadableAndNotCopied, unreadableNow, unrecorded } from "./memory-lost.ts";
import type { TellingPolicy } from "./policy.ts";
import type { Message, Ports } from "./ports.ts";
import type { ProcessMemory } from "./process-memory.ts";
import { type Standing, standingsOf } from "./standing.ts";
import type { Incident, Notice, State } from "./state.ts";
import { parseState } from "./state-format.ts";
import { type Held, stateKeeper } from "./state-keeper.ts";
import { step } from "./step.ts";

/** How a draft and a belated message are put into words. */
export type Words = {
  /** @param remarks sentences about this very message that its reader must know */
  readonly render: (draft: Draft, report: RunReport, remarks: readonly string[]) => Message;
  readonly late: (notice: Notice) => Message;
};

export type Run = {
  readonly report: RunReport;
  readonly policy: TellingPolicy;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** When the process is ended from outside, by the same clock. */
  readonly deadline: number;
};

/** What was delivered, for the log and the metrics. */
export type Delivery = {
  readonly sent: readonly SentMessage[];
  readonly failures: readonly DeliveryFailure[];
  /** Notices that are recorded and wait for a later run. */
  readonly waiting: number;
  /** Another run was sending, so this one left the telling to it and to the run after. */
  readonly yielded: boolean;
  /** What the run did to each incident, as far as it is recorded or remembered. */
  readonly standings: readonly Standing[];
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

/** Nothing is begun so close to the deadline: a call that is cut off may or may not have been heard. */
const leastTimeForACall = 3_000;
/** How far the clocks of two machines may be apart. */
const clockSkew = 5_000;
/** Lambda's own limit. */
const longestRun = 15 * 60_000;

/**
 * Tells people what changed, once.
 *
 * The order makes a crash harmless: the new state is stored with the notices in its outbox and with a lease that says
 * who sends them until when; then each notice is published and taken out of the outbox, one by one. Whoever finds a
 * full outbox and no lease in force takes the lease and sends the rest first. So a crash repeats one message at worst,
 * and of two runs at a time only the one with the lease sends. The lease ends with the run's deadline, when nothing of
 * that run can still be alive.
 *
 * Where the state cannot be read or written, nobody knows what was told, and silence would be worse than repetition:
 * the news go out all the same, with a remark that they may come again. A process does not repeat itself, though
 * (`ProcessMemory`). And a state that cannot be read, with nothing else wrong, is not worth a message: the returned
 * failure reaches the log and the metrics, which alarm without repeating themselves.
 */
export async function deliver(run: Run, ports: Ports, words: Words, memory: ProcessMemory): Promise<Delivery> {
  const { report, policy, clock, deadline } = run;
  const now = new Date(clock());
  const sent: SentMessage[] = [];
  const failures: DeliveryFailure[] = [];
  let waiting = 0;
  let yielded = false;
  let before: readonly Incident[] = [];
  let after: readonly Incident[] = [];
  const keeper = stateKeeper(ports, memory, (error) =>
    fail("write-state", error, "What was told in this run may be told again."),
  );

  // A conflict means that another run is at work; reading again shows what that one has told already.
  if ((await attempt()) === "conflict" && (await attempt()) === "conflict") {
    fail(
      "write-state",
      "the state was changed twice by somebody else",
      "The next run compares again and tells what is left.",
    );
  }
  return { sent, failures, waiting, yielded, standings: standingsOf(before, after, report) };

  async function attempt(): Promise<"done" | "conflict"> {
    const loaded = await load();
    before = loaded.state?.incidents ?? [];
    after = before;
    if (loaded.kind === "blind") {
      await tellUnrecorded(loaded.state, loaded.problem, null, [loaded.problem.message]);
      return "done";
    }
    const { state, etag } = loaded;
    if (state !== null && isHeldByAnother(state)) {
      yielded = true;
      return "done";
    }
    const earlier = await sendEarlier(state, etag);
    if (earlier.kind !== "sent") return earlier.kind === "conflict" ? "conflict" : "done";
    return tellNews(earlier.state, earlier.etag, loaded.problem);
  }

  /** Publishes what an earlier run, or this run's first attempt, left in the outbox. */
  async function sendEarlier(state: State | null, etag: string | null): Promise<Sending> {
    if (state === null || state.outbox.length === 0) return { kind: "sent", state, etag };
    const claimed = await keeper.store({ ...state, lease: lease() }, etag);
    if (claimed.kind === "conflict") return { kind: "conflict" };
    if (claimed.kind === "written") return send(claimed);
    // Nobody can be kept from sending it as well, but it would be worse if nobody did.
    for (const [index, notice] of state.outbox.entries()) {
      if (!(await publish(notice.id, words.late(notice)))) {
        waiting = state.outbox.length - index;
        return { kind: "stopped" };
      }
      memory.unsaved = { state: { ...state, outbox: state.outbox.slice(index + 1), lease: null }, basedOn: etag };
    }
    return { kind: "sent", state: { ...state, outbox: [], lease: null }, etag };
  }

  async function tellNews(
    state: State | null,
    etag: string | null,
    problem: RunReport["problems"][number] | null,
  ): Promise<"done" | "conflict"> {
    const lost = problem !== null;
    const about = lost ? { ...report, problems: [...report.problems, problem] } : report;
    const rules = lost ? { ...policy, confirmations: 1 } : policy;
    const { next, drafts } = step(state, about, now, rules, { asOne: lost });
    if (drafts.length === 0) {
      const settled = { ...next, lease: null };
      if (next === state && state.lease === null) return "done";
      const { incidents, suspicions, blindSpots } = next;
      if (state === null && incidents.length + suspicions.length + blindSpots.length === 0) return "done";
      const stored = await keeper.store(settled, etag);
      if (stored.kind === "conflict") return "conflict";
      if (stored.kind === "failed") memory.unsaved = { state: settled, basedOn: etag };
      after = next.incidents;
      return "done";
    }
    const notices = drafts.map((draft, index) => ({
      id: `${report.runId}/${index + 1}`,
      createdAt: now.toISOString(),
      ...words.render(draft, about, []),
    }));
    const stored = await keeper.store({ ...next, outbox: notices, lease: lease() }, etag);
    switch (stored.kind) {
      case "conflict":
        return "conflict";
      case "failed":
        await tellUnrecorded(state, problem, etag, [unrecorded(stored.error)]);
        return "done";
      case "written":
        after = next.incidents;
        await send(stored);
        return "done";
    }
  }

  async function load(): Promise<Loaded> {
    const read = await ports.readState();
    if (read.kind === "missing") return { kind: "known", state: keeper.newest(null, null), etag: null, problem: null };
    if (read.kind === "failed") {
      fail("read-state", read.error, "It is not known what was told before.");
      return { kind: "blind", state: keeper.remembered(), problem: unreadableNow(read.error) };
    }
    const parsed = parseState(read.text);
    if (parsed.kind === "state") {
      return { kind: "known", state: keeper.newest(parsed.state, read.etag), etag: read.etag, problem: null };
    }
    fail("read-state", parsed.problem, "It is not known what was told before.");
    const aside = await ports.keepAside(read.etag);
    if (aside.kind === "kept") {
      return { kind: "known", state: null, etag: read.etag, problem: copiedAside(parsed.problem, aside.location) };
    }
    fail("keep-state-aside", aside.error, "The unreadable state stays where it is, and nothing can be recorded.");
    const problem = unreadableAndNotCopied(parsed.problem, aside.error);
    return { kind: "blind", state: keeper.remembered(), problem };
  }

  /** Sends the outbox in order, and records after each notice that it is sent. */
  async function send(held: Held): Promise<Sending> {
    let current = held;
    for (const notice of held.state.outbox) {
      const mine = notice.id.startsWith(`${report.runId}/`);
      if (clock() > deadline - leastTimeForACall || !(await publish(notice.id, mine ? notice : words.late(notice)))) {
        waiting = current.state.outbox.length;
        await keeper.store({ ...current.state, lease: null }, current.etag);
        return { kind: "stopped" };
      }
      const outbox = current.state.outbox.filter(({ id }) => id !== notice.id);
      const rest: State = { ...current.state, outbox, lease: outbox.length === 0 ? null : current.state.lease };
      const stored = await keeper.store(rest, current.etag);
      if (stored.kind === "conflict") {
        const settled = await keeper.withoutNotice(notice.id, memory.holder);
        if (settled === null) return { kind: "stopped" };
        current = settled;
      } else if (stored.kind === "failed") {
        memory.unsaved = { state: rest, basedOn: current.etag };
        waiting = outbox.length;
        return { kind: "stopped" };
      } else current = stored;
    }
    return { kind: "sent", state: current.state, etag: current.etag };
  }

  async function tellUnrecorded(
    state: State | null,
    problem: RunReport["problems"][number] | null,
    etag: string | null,
    remarks: readonly string[],
  ): Promise<void> {
    // Without a memory a second run in a row could never be known as such.
    const rules = state === null ? { ...policy, confirmations: 1 } : policy;
    const { next, drafts } = step(state, report, now, rules, { asOne: true });
    const about = problem === null ? report : { ...report, problems: [...report.problems, problem] };
    for (const [index, draft] of drafts.entries()) {
      if (!(await publish(`${report.runId}/${index + 1}`, words.render(draft, about, remarks)))) return;
    }
    memory.unsaved = { state: { ...next, outbox: [], lease: null }, basedOn: etag };
    after = next.incidents;
  }

  async function publish(noticeId: string, message: Message): Promise<boolean> {
    const { subject, text, short, data, chat, attributes } = message;
    const published = await ports.publish({ subject, text, short, data, chat, attributes });
    if (published.kind === "sent") {
      sent.push({ noticeId, messageId: published.messageId, subject });
      return true;
    }
    const later = published.retryable ? "The next run tries again." : "It cannot be sent until somebody mends that.";
    fail("publish", published.error, `"${subject}" was not sent. ${later}`);
    return false;
  }

  /** One that lasts longer than any run was made by a clock that was ahead. */
  function isHeldByAnother({ lease: held }: State): boolean {
    if (held === null || held.holder === memory.holder) return false;
    const left = Date.parse(held.until) - clock();
    return left > 0 && left <= longestRun + clockSkew;
  }

  function lease(): NonNullable<State["lease"]> {
    return { holder: memory.holder, until: new Date(deadline + clockSkew).toISOString() };
  }

  function fail(failedStep: DeliveryFailure["step"], error: string, consequence: string): void {
    failures.push({ step: failedStep, error, consequence });
  }
}

type Sending =
  | { readonly kind: "sent"; readonly state: State | null; readonly etag: string | null }
  | { readonly kind: "conflict" }
  /** The rest waits for a later run. */
  | { readonly kind: "stopped" };

type Loaded =
  | {
      readonly kind: "known";
      readonly state: State | null;
      readonly etag: string | null;
      /** Why what was known before is lost. */
      readonly problem: RunReport["problems"][number] | null;
    }
  | { readonly kind: "blind"; readonly state: State | null; readonly problem: RunReport["problems"][number] };
