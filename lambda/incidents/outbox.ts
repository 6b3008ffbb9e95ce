import { type DeliveryProgress, ownLease, publish } from "./delivery-progress.ts";
import type { Unsaved } from "./process-memory.ts";
import type { State } from "./state.ts";
import type { Held } from "./state-keeper.ts";
import { lateOf } from "./words.ts";

export type Sending =
  | { readonly kind: "sent"; readonly state: State | null; readonly etag: string | null }
  | { readonly kind: "conflict" }
  /** The rest waits for a later run. */
  | { readonly kind: "stopped" };

/** Publishes what an earlier run, or this run's first attempt, left in the outbox. */
export async function sendEarlier(
  progress: DeliveryProgress,
  state: State | null,
  etag: string | null,
): Promise<Sending> {
  if (state === null || state.outbox.length === 0) return { kind: "sent", state, etag };
  const { session, keeper } = progress;
  const claimed = await keeper.store({ ...state, lease: ownLease(session) }, etag);
  if (claimed.kind === "conflict") return { kind: "conflict" };
  if (claimed.kind === "written") return sendOutbox(progress, claimed);
  return sendWithoutLease(progress, state, { basedOn: etag });
}

/**
 * Publishes the outbox where that cannot be recorded, and remembers what is left as long as the process lives. Another
 * run may send it as well, but it would be worse if no run did.
 *
 * @param beside what the rest is remembered with
 */
export async function sendWithoutLease(
  progress: DeliveryProgress,
  state: State,
  beside: Omit<Unsaved, "state">,
): Promise<Sending> {
  const { session, words } = progress;
  for (const [index, notice] of state.outbox.entries()) {
    if (!(await publish(progress, notice.id, lateOf(words, notice)))) {
      progress.waiting = state.outbox.length - index;
      return { kind: "stopped" };
    }
    const left = { ...state, outbox: state.outbox.slice(index + 1), lease: null };
    session.processMemory.unsaved = { ...beside, state: left };
  }
  return { kind: "sent", state: { ...state, outbox: [], lease: null }, etag: beside.basedOn };
}

/** Sends the outbox in order, and records after each notice that it is sent. */
export async function sendOutbox(progress: DeliveryProgress, held: Held): Promise<Sending> {
  const { session, report, keeper, words } = progress;
  const { processMemory } = session;
  let current = held;
  for (const notice of held.state.outbox) {
    const message = notice.id.startsWith(`${report.runId}/`) ? notice : lateOf(words, notice);
    if (!(await publish(progress, notice.id, message))) {
      progress.waiting = current.state.outbox.length;
      await keeper.store({ ...current.state, lease: null }, current.etag);
      return { kind: "stopped" };
    }
    const outbox = current.state.outbox.filter(({ id }) => id !== notice.id);
    const rest: State = { ...current.state, outbox, lease: outbox.length === 0 ? null : current.state.lease };
    const stored = await keeper.store(rest, current.etag);
    if (stored.kind === "conflict") {
      const settled = await keeper.withoutNotice(notice.id, processMemory.holder);
      if (settled === null) return { kind: "stopped" };
      current = settled;
    } else if (stored.kind === "failed") {
      processMemory.unsaved = { state: rest, basedOn: current.etag };
      progress.waiting = outbox.length;
      return { kind: "stopped" };
    } else current = stored;
  }
  return { kind: "sent", state: current.state, etag: current.etag };
}
